//! What a call on behalf of a shop needs, or why it cannot be made.

use std::time::Duration;

use hawker_domain::exception::{Cause, ErrorClass};
use hawker_domain::profile::base_url;
use hawker_domain::{ShopId, TenantSlug};
use hawker_ports::inbox::ClaimedBatch;
use hawker_ports::marketplace::{MarketplaceError, ShopAccess};
use hawker_ports::profiles::CallingProfile;
use hawker_ports::{SealError, StoreError};

use super::RefreshOrders;

/// How long orders rest when only a person can put things right. New pushes do not wake them: they
/// would only run into the same wall.
const UNTIL_LOOKED_AT_AGAIN: Duration = Duration::from_mins(1);

/// The whole batch cannot be worked on.
pub(super) struct Blocked {
    pub(super) shop: Option<ShopId>,
    /// What to tell the operator; nothing where waiting is all that is needed.
    pub(super) cause: Option<Cause>,
    pub(super) pause: Pause,
}

/// How the orders of a blocked batch go on.
pub(super) enum Pause {
    /// They wait; it does not count as a failed attempt.
    Wait(Duration),
    /// It counts as a failed attempt.
    Attempt,
}

impl RefreshOrders {
    /// Opens the profile's keys and token, just for the call.
    pub(super) async fn access(
        &self,
        tenant: &TenantSlug,
        batch: &ClaimedBatch,
    ) -> Result<Result<ShopAccess, Blocked>, StoreError> {
        let mut uow = self.store.begin(tenant).await?;
        let profile = uow.profiles().calling(&batch.profile).await?;
        drop(uow);
        Ok(match profile {
            Some(profile) => self.open(profile),
            None => Err(Blocked::incomplete(
                batch.profile.as_str(),
                None,
                "the profile itself",
            )),
        })
    }

    fn open(&self, profile: CallingProfile) -> Result<ShopAccess, Blocked> {
        let CallingProfile {
            id,
            region,
            base_url_override,
            partner_id,
            partner_key,
            shop,
            access_token,
            ..
        } = profile;
        let missing = |what| Blocked::incomplete(id.as_str(), shop, what);
        let partner_id = partner_id.ok_or_else(|| missing("partner_id"))?;
        let partner_key = partner_key.ok_or_else(|| missing("partner_key"))?;
        let shop_id = shop.ok_or_else(|| missing("shop_id"))?;
        let token = access_token.ok_or_else(|| {
            Blocked::token(
                shop,
                format!("Shop {shop_id} is not authorised: there is no token. Authorise the shop."),
            )
        })?;
        if token.expires_at <= self.clock.now() {
            let at = token.expires_at.format("%F %H:%M UTC");
            let message = format!(
                "The access token of shop {shop_id} ended at {at}. Authorise the shop again."
            );
            return Err(Blocked::token(shop, message));
        }
        let sealed = |error: SealError| Blocked::sealed(id.as_str(), shop, error);
        Ok(ShopAccess {
            base_url: base_url(region, base_url_override.as_deref()),
            partner_id,
            partner_key: self.sealer.open(&partner_key).map_err(sealed)?,
            shop: shop_id,
            access_token: self.sealer.open(&token.token).map_err(sealed)?,
            profile: id.clone(),
        })
    }
}

impl Blocked {
    fn incomplete(profile: &str, shop: Option<ShopId>, missing: &str) -> Self {
        let message = format!(
            "Profile {profile} is not fully configured: missing {missing}. Complete it; its orders wait."
        );
        Self::by_operator(
            shop,
            ErrorClass::Unknown,
            format!("incomplete:{missing}"),
            message,
        )
    }

    fn token(shop: Option<ShopId>, message: String) -> Self {
        Self::by_operator(
            shop,
            ErrorClass::TokenExpired,
            "access-token".into(),
            message,
        )
    }

    fn sealed(profile: &str, shop: Option<ShopId>, error: SealError) -> Self {
        let message =
            format!("The secrets of profile {profile} cannot be read: {error}. Its orders wait.");
        Self::by_operator(shop, ErrorClass::Unknown, "sealed".into(), message)
    }

    fn by_operator(shop: Option<ShopId>, class: ErrorClass, key: String, message: String) -> Self {
        let cause = Some(Cause {
            class,
            key,
            message,
            due_at: None,
        });
        Self {
            shop,
            cause,
            pause: Pause::Wait(UNTIL_LOOKED_AT_AGAIN),
        }
    }

    /// What a failed call means for its batch.
    pub(super) fn by(error: &MarketplaceError, shop: ShopId) -> Self {
        use MarketplaceError as E;
        let shop = Some(shop);
        let named = |class, key: &str, pause| Self {
            shop,
            cause: Some(Cause {
                class,
                key: key.to_owned(),
                message: format!("{error}. The orders of the shop wait and are tried again."),
                due_at: None,
            }),
            pause,
        };
        match error {
            E::RateLimited { retry_after, .. } => Self {
                shop,
                cause: None,
                pause: Pause::Wait(retry_after.unwrap_or(Duration::from_secs(1))),
            },
            E::DailyQuota { renewed_in, .. } => named(
                ErrorClass::SdkTransient,
                "daily-quota",
                Pause::Wait(*renewed_in),
            ),
            E::TokenInvalid { .. } | E::Reauthorise { .. } => named(
                ErrorClass::TokenExpired,
                "access-token",
                Pause::Wait(UNTIL_LOOKED_AT_AGAIN),
            ),
            E::Misconfigured { code, .. } => named(
                ErrorClass::SdkTransient,
                &format!("refused:{code}"),
                Pause::Wait(UNTIL_LOOKED_AT_AGAIN),
            ),
            E::NotFound { .. }
            | E::Refused { .. }
            | E::Unavailable { .. }
            | E::Malformed { .. } => {
                named(ErrorClass::SdkTransient, "order-details", Pause::Attempt)
            }
        }
    }
}
