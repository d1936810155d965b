//! Set up a shop: its profile, with the secrets sealed, and the token pair that it was given.

use std::sync::Arc;

use hawker_domain::ids::{ProfileId, TokenId};
use hawker_domain::profile::Region;
use hawker_domain::{ConnectorName, Environment, IdSource, ShopId, TenantSlug, Timestamp};
use hawker_ports::profiles::{NewProfile, NewToken, ReceivingProfile};
use hawker_ports::{Clock, SealError, Sealer, Store, StoreError};
use secrecy::{ExposeSecret as _, SecretString};

/// A shop as it is set up from settings.
pub struct ShopToSetUp {
    /// The profile's id.
    pub id: ProfileId,
    /// Its name for a person.
    pub display_name: String,
    /// Sandbox or live.
    pub environment: Environment,
    /// Its region; decides the host.
    pub region: Region,
    /// A host that wins over the region's.
    pub base_url_override: Option<String>,
    /// The callback URL as registered at the marketplace.
    pub registered_url: Option<String>,
    /// The partner (app) id.
    pub partner_id: Option<i64>,
    /// The partner key.
    pub partner_key: Option<SecretString>,
    /// The push key.
    pub push_key: Option<SecretString>,
    /// The shop.
    pub shop: Option<ShopId>,
    /// The token pair, where there is one already.
    pub token: Option<TokenPair>,
}

/// An access token with its refresh token.
pub struct TokenPair {
    /// The access token.
    pub access_token: SecretString,
    /// The refresh token.
    pub refresh_token: SecretString,
    /// When the access token ends.
    pub expires_at: Timestamp,
}

/// Why a shop could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetUpShopError {
    /// A secret could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// It could not be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A token belongs to a shop, and no shop is named.
    #[error("a token was given, but no shop id that it is for")]
    TokenWithoutShop,
}

/// Sets up shops.
pub struct SetUpShop {
    /// Where profiles are kept.
    pub store: Arc<dyn Store>,
    /// Seals the secrets.
    pub sealer: Arc<dyn Sealer>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
}

impl SetUpShop {
    /// Adds the profile, or replaces what it says when it exists.
    pub async fn run(&self, tenant: &TenantSlug, shop: ShopToSetUp) -> Result<(), SetUpShopError> {
        let connector = ConnectorName::Shopee;
        let now = self.clock.now();
        let seal = |secret: &Option<SecretString>| {
            secret
                .as_ref()
                .map(|secret| self.sealer.seal(secret))
                .transpose()
        };
        let mut uow = self.store.begin(tenant).await?;
        let profiles = uow.profiles().receiving(connector).await?;
        let known = profiles.iter().find(|profile| profile.id == shop.id);
        // The key in force, given once more, is no rotation: the previous one stays what it is.
        let push_key = shop
            .push_key
            .filter(|given| !self.is_push_key_of(known, given));
        let profile = NewProfile {
            id: shop.id.clone(),
            connector,
            environment: shop.environment,
            display_name: shop.display_name,
            region: shop.region,
            base_url_override: shop.base_url_override,
            registered_url: shop.registered_url,
            partner_id: shop.partner_id,
            shop: shop.shop,
            partner_key: seal(&shop.partner_key)?,
            push_key: seal(&push_key)?,
            // Without the URL in it the older scheme is no weaker against whoever lacks the key;
            // real shops are signed by the platform's own scheme, so only test shops need it.
            accepts_body_only: shop.environment == Environment::Sandbox,
        };
        let token = shop
            .token
            .map(|pair| {
                Ok::<_, SetUpShopError>(NewToken {
                    id: TokenId::fresh(&*self.ids),
                    connector,
                    environment: shop.environment,
                    profile: shop.id,
                    shop: shop.shop.ok_or(SetUpShopError::TokenWithoutShop)?,
                    access_token: self.sealer.seal(&pair.access_token)?,
                    refresh_token: self.sealer.seal(&pair.refresh_token)?,
                    expires_at: pair.expires_at,
                })
            })
            .transpose()?;
        uow.profiles().save(&profile, now).await?;
        if let Some(token) = &token {
            uow.profiles().keep_token(token, now).await?;
        }
        uow.commit().await?;
        Ok(())
    }

    fn is_push_key_of(&self, profile: Option<&ReceivingProfile>, given: &SecretString) -> bool {
        let key = profile.and_then(|profile| profile.push_key.as_ref());
        let opened = key.and_then(|key| self.sealer.open(key).ok());
        opened.is_some_and(|opened| opened.expose_secret() == given.expose_secret())
    }
}
