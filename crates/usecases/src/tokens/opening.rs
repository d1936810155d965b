//! From what is stored of a profile and a pair to what a call needs.

use std::sync::Arc;

use hawker_domain::ids::ProfileId;
use hawker_domain::profile::{base_url, missing};
use hawker_domain::{ShopId, TenantSlug};
use hawker_ports::marketplace::{AppAccess, ShopAccess};
use hawker_ports::profiles::CallingProfile;
use hawker_ports::tokens::{StoredToken, TokenKey};
use hawker_ports::{SealError, Sealed, Sealer, StoreError};
use secrecy::SecretString;

use super::blocked::Blocked;
use super::{OpenedAccess, ShopTokens};

/// The app of a profile, its key still sealed.
pub(super) struct App {
    pub(super) profile: ProfileId,
    shop: Option<ShopId>,
    base_url: String,
    partner_id: i64,
    partner_key: Sealed,
}

/// An app and an active pair, still sealed.
pub(super) struct Callable {
    pub(super) app: App,
    pub(super) token: StoredToken,
}

impl ShopTokens {
    pub(super) async fn calling(
        &self,
        tenant: &TenantSlug,
        profile: &ProfileId,
    ) -> Result<Option<CallingProfile>, StoreError> {
        let mut uow = self.store.begin(tenant).await?; // read only
        uow.profiles().calling(profile).await
    }

    pub(super) async fn callable(
        &self,
        tenant: &TenantSlug,
        profile: &ProfileId,
    ) -> Result<Result<Callable, Blocked>, StoreError> {
        Ok(match self.calling(tenant, profile).await? {
            Some(calling) => Callable::of_its_shop(calling),
            None => Err(Blocked::no_such_profile(profile)),
        })
    }
}

impl App {
    /// The app of a profile, if all of it is there.
    pub(super) fn of(profile: &CallingProfile) -> Result<Self, Blocked> {
        let CallingProfile {
            id,
            region,
            base_url_override,
            partner_id,
            partner_key,
            shop,
            ..
        } = profile;
        let (Some(partner_id), Some(partner_key)) = (*partner_id, partner_key.clone()) else {
            let missing = missing(partner_id.is_some(), partner_key.is_some(), true);
            return Err(Blocked::incomplete(id, *shop, &missing));
        };
        Ok(Self {
            profile: id.clone(),
            shop: *shop,
            base_url: base_url(*region, base_url_override.as_deref()),
            partner_id,
            partner_key,
        })
    }

    /// What a call as the app needs.
    pub(super) fn open(&self, sealer: &dyn Sealer) -> Result<AppAccess, Blocked> {
        Ok(AppAccess {
            profile: self.profile.clone(),
            base_url: self.base_url.clone(),
            partner_id: self.partner_id,
            partner_key: self.opened(&self.partner_key, sealer)?,
        })
    }

    fn opened(&self, secret: &Sealed, sealer: &dyn Sealer) -> Result<SecretString, Blocked> {
        let opened = sealer.open(secret);
        opened.map_err(|error| self.unreadable(error))
    }

    pub(super) fn unreadable(&self, error: SealError) -> Blocked {
        Blocked::unreadable(&self.profile, self.shop, error)
    }
}

impl Callable {
    /// The profile's own shop, if everything that its calls need is there; else all that is missing
    /// is named at once.
    pub(super) fn of_its_shop(calling: CallingProfile) -> Result<Self, Blocked> {
        let missing = missing(
            calling.partner_id.is_some(),
            calling.partner_key.is_some(),
            calling.shop.is_some(),
        );
        let shop = match calling.shop {
            Some(shop) if missing.is_empty() => shop,
            shop => return Err(Blocked::incomplete(&calling.id, shop, &missing)),
        };
        let key = TokenKey {
            connector: calling.connector,
            environment: calling.environment,
            shop,
        };
        Self::of(App::of(&calling)?, key, calling.token)
    }

    /// The pair of a shop with the app that renews it, if calls may be made with it. A pair is of no
    /// use to another app than the one that it was obtained with.
    pub(super) fn of(app: App, key: TokenKey, token: Option<StoredToken>) -> Result<Self, Blocked> {
        let Some(token) = token else {
            return Err(Blocked::not_authorised(&app.profile, key.shop));
        };
        if let Some(other) = token.other_app(app.partner_id) {
            return Err(Blocked::of_other_app(&app.profile, key.shop, other));
        }
        match Blocked::by_state(&app.profile, &token) {
            Some(blocked) => Err(blocked),
            None => Ok(Self { app, token }),
        }
    }

    pub(super) fn open(self, sealer: &dyn Sealer) -> Result<OpenedAccess, Blocked> {
        let AppAccess {
            profile,
            base_url,
            partner_id,
            partner_key,
        } = self.app.open(sealer)?;
        let access = ShopAccess {
            profile,
            base_url,
            partner_id,
            partner_key,
            shop: self.token.key.shop,
            access_token: self.app.opened(&self.token.access_token, sealer)?,
        };
        Ok(OpenedAccess {
            access: Arc::new(access),
            key: self.token.key,
            generation: self.token.generation,
        })
    }

    pub(super) fn open_refresh_token(&self, sealer: &dyn Sealer) -> Result<SecretString, Blocked> {
        self.app.opened(&self.token.refresh_token, sealer)
    }
}
