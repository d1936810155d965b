//! The first boot: make the profiles that an installation starts with.
//!
//! The environment variables are read for this and for nothing else: once there is any profile, even
//! a deleted one, nothing happens, and what is stored counts. Any number of processes may boot at the
//! same time; one of them makes the profiles. A profile of which nothing is known is made all the
//! same, so that there is a form to be filled in.

use std::sync::Arc;

use hawker_domain::audit::{Actor, AuditEntry};
use hawker_domain::ids::{ProfileId, TokenId};
use hawker_domain::profile::Region;
use hawker_domain::token::{KEEP_ALIVE_AFTER, REFRESH_TOKEN_LIFE};
use hawker_domain::{ConnectorName, Environment, IdSource, ShopId, TenantSlug, Timestamp};
use hawker_ports::profiles::Profile;
use hawker_ports::shops::Warehouse;
use hawker_ports::tokens::NewToken;
use hawker_ports::{Clock, SealError, Sealer, Store, StoreError};
use secrecy::SecretString;

/// What an installation starts with, as its environment describes it. Whatever is not known stays
/// empty.
pub struct Seed {
    /// The id of the profile that is filled in; by default `prof_sandbox` or `prof_live`.
    pub profile: Option<ProfileId>,
    /// Whether that is the sandbox or the live profile; also the environment to work in.
    pub environment: Environment,
    /// Its region; by default `TEST_GLOBAL` or `GLOBAL`.
    pub region: Option<Region>,
    /// A base URL that wins over the region's.
    pub base_url_override: Option<String>,
    /// The callback URL as registered at the marketplace, verbatim.
    pub registered_url: Option<String>,
    /// The partner (app) id.
    pub partner_id: Option<i64>,
    /// The partner key.
    pub partner_key: Option<SecretString>,
    /// The push key.
    pub push_key: Option<SecretString>,
    /// The shop.
    pub shop: Option<ShopId>,
    /// The warehouse that is meant where none is named. It is known by its id alone until the
    /// warehouses of the shop are fetched, and stays the default if it is among them.
    pub default_location_id: Option<String>,
    /// Its token pair, where there is one already.
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

/// What a first boot came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FirstBootResult {
    /// The profiles were made.
    Seeded {
        /// The one that was filled in; its environment is the active one.
        filled: ProfileId,
        /// The one of the other environment.
        empty: ProfileId,
    },
    /// There were profiles already; nothing was changed.
    AlreadyThere {
        /// Those that are not deleted.
        profiles: Vec<ProfileId>,
    },
}

/// Why the profiles were not made.
#[derive(Debug, thiserror::Error)]
pub enum FirstBootError {
    /// A secret could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A token belongs to a shop, and no shop is named.
    #[error("a token was given, but no shop id that it is for")]
    TokenWithoutShop,
}

/// Makes the first profiles.
pub struct FirstBoot {
    /// Where profiles are kept.
    pub store: Arc<dyn Store>,
    /// Seals the secrets.
    pub sealer: Arc<dyn Sealer>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
}

const CONNECTOR: ConnectorName = ConnectorName::Shopee;

impl FirstBoot {
    /// Makes the profiles, unless there are any.
    pub async fn run(
        &self,
        tenant: &TenantSlug,
        mut seed: Seed,
    ) -> Result<FirstBootResult, FirstBootError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        uow.profiles().lock(CONNECTOR).await?;
        let there = uow.profiles().of_connector(CONNECTOR, true).await?;
        if !there.is_empty() {
            drop(uow);
            let living = there.into_iter().filter(|of| of.deleted_at.is_none());
            return Ok(FirstBootResult::AlreadyThere {
                profiles: living.map(|of| of.id).collect(),
            });
        }
        let environment = seed.environment;
        let location = filled_in(seed.default_location_id.take()).map(named_only);
        let (filled, token) = self.filled(seed, now)?;
        let empty = self.empty(other(environment), &filled.id, now);
        for profile in [&filled, &empty] {
            uow.profiles().put(profile, now).await?;
            let subject = format!("profile:{}", profile.id);
            let entry =
                AuditEntry::new(&Actor::hawker(), "profile.seeded", subject, now, &*self.ids)
                    .with("env_type", profile.environment.as_str());
            uow.audit().record(&[entry]).await?;
        }
        uow.profiles()
            .set_active_environment(CONNECTOR, environment)
            .await?;
        if let Some(location) = location {
            uow.locations()
                .replace(&filled.id, &[location], now)
                .await?;
        }
        if let Some(token) = &token {
            // Nobody says how old its refresh token is: it is renewed by the next run of the keep-alive.
            uow.tokens().keep(token, now - KEEP_ALIVE_AFTER).await?;
        }
        uow.commit().await?;
        tracing::info!(
            event = "profiles.seeded", profile_id = %filled.id, %environment,
            "the first profiles were made"
        );
        Ok(FirstBootResult::Seeded {
            filled: filled.id,
            empty: empty.id,
        })
    }

    /// The profile of the environment to work in, and the pair of its shop.
    fn filled(
        &self,
        seed: Seed,
        now: Timestamp,
    ) -> Result<(Profile, Option<NewToken>), FirstBootError> {
        let Seed {
            profile,
            environment,
            region,
            base_url_override,
            registered_url,
            partner_id,
            partner_key,
            push_key,
            shop,
            default_location_id: _,
            token,
        } = seed;
        let seal = |secret: Option<SecretString>| {
            let sealed = secret.map(|secret| self.sealer.seal(&secret));
            sealed.transpose()
        };
        let id = profile.unwrap_or_else(|| self.usual_id(environment, None));
        let new = Profile {
            region: region.unwrap_or(usual_region(environment)),
            base_url_override: filled_in(base_url_override),
            registered_url: filled_in(registered_url),
            partner_id,
            shop,
            partner_key: seal(partner_key)?,
            push_key: seal(push_key)?,
            ..blank(id, environment, now)
        };
        let token = token.map(|pair| self.token(&new, &pair, now)).transpose()?;
        Ok((new, token))
    }

    fn empty(&self, environment: Environment, taken: &ProfileId, now: Timestamp) -> Profile {
        blank(self.usual_id(environment, Some(taken)), environment, now)
    }

    fn token(
        &self,
        profile: &Profile,
        pair: &TokenPair,
        now: Timestamp,
    ) -> Result<NewToken, FirstBootError> {
        let shop = profile.shop.ok_or(FirstBootError::TokenWithoutShop)?;
        Ok(NewToken {
            id: TokenId::fresh(&*self.ids),
            connector: profile.connector,
            environment: profile.environment,
            profile: profile.id.clone(),
            partner_id: profile.partner_id,
            shop,
            access_token: self.sealer.seal(&pair.access_token)?,
            refresh_token: self.sealer.seal(&pair.refresh_token)?,
            expires_at: pair.expires_at,
            refresh_token_ends_at: now + REFRESH_TOKEN_LIFE,
            authorisation_ends_at: None,
            main_account: None,
            shops: vec![shop],
            merchants: Vec::new(),
            suppliers: Vec::new(),
            payload: serde_json::Map::new(),
        })
    }

    /// `prof_sandbox` or `prof_live`, unless the other profile is called that.
    fn usual_id(&self, environment: Environment, taken: Option<&ProfileId>) -> ProfileId {
        ProfileId::parse(&format!("prof_{environment}"))
            .filter(|usual| taken != Some(usual))
            .unwrap_or_else(|| ProfileId::fresh(&*self.ids))
    }
}

/// The active profile of its environment, of which nothing more is known.
fn blank(id: ProfileId, environment: Environment, now: Timestamp) -> Profile {
    let display_name = match environment {
        Environment::Sandbox => "Sandbox",
        Environment::Live => "Live",
    };
    Profile {
        id,
        connector: CONNECTOR,
        environment,
        display_name: display_name.to_owned(),
        region: usual_region(environment),
        base_url_override: None,
        registered_url: None,
        partner_id: None,
        shop: None,
        partner_key: None,
        partner_key_ends_at: None,
        push_key: None,
        previous_push_key: None,
        // Without the URL in it the older scheme is no weaker against whoever lacks the key; real
        // shops are signed by the platform's own scheme, so only test shops need it.
        accepts_body_only: environment == Environment::Sandbox,
        is_active: true,
        version: 0,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    }
}

const fn other(environment: Environment) -> Environment {
    match environment {
        Environment::Sandbox => Environment::Live,
        Environment::Live => Environment::Sandbox,
    }
}

const fn usual_region(environment: Environment) -> Region {
    match environment {
        Environment::Sandbox => Region::TestGlobal,
        Environment::Live => Region::Global,
    }
}

/// A warehouse of which nothing but the id is known.
fn named_only(location_id: String) -> Warehouse {
    Warehouse {
        location_id,
        name: None,
        kind: None,
        address: serde_json::Map::new(),
    }
}

fn filled_in(text: Option<String>) -> Option<String> {
    let text = text?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}
