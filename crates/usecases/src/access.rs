//! What a call on behalf of a shop needs, or why it cannot be made.

use std::time::Duration;

use hawker_domain::exception::{Cause, ErrorClass};
use hawker_domain::ids::ProfileId;
use hawker_domain::profile::base_url;
use hawker_domain::{ShopId, TenantSlug};
use hawker_ports::marketplace::ShopAccess;
use hawker_ports::profiles::CallingProfile;
use hawker_ports::{Clock, SealError, Sealer, Store, StoreError};

/// How long orders rest when only a person can put things right. New pushes do not wake them: they
/// would only run into the same wall.
pub(crate) const UNTIL_LOOKED_AT_AGAIN: Duration = Duration::from_mins(1);

/// Nothing can be asked for on behalf of the shop.
pub(crate) struct Blocked {
    pub(crate) shop: Option<ShopId>,
    /// What to tell the operator; nothing where waiting is all that is needed.
    pub(crate) cause: Option<Cause>,
    pub(crate) pause: Pause,
}

/// How the orders that were to be asked for go on.
pub(crate) enum Pause {
    /// They wait; it does not count as a failed attempt.
    Wait(Duration),
    /// It counts as a failed attempt.
    Attempt,
}

/// Opens the profile's keys and token, just for the calls that follow.
pub(crate) async fn shop_access(
    store: &dyn Store,
    sealer: &dyn Sealer,
    clock: &dyn Clock,
    tenant: &TenantSlug,
    profile: &ProfileId,
) -> Result<Result<ShopAccess, Blocked>, StoreError> {
    let mut uow = store.begin(tenant).await?;
    let calling = uow.profiles().calling(profile).await?;
    drop(uow);
    Ok(match calling {
        Some(calling) => open(calling, sealer, clock),
        None => Err(Blocked::incomplete(
            profile.as_str(),
            None,
            "the profile itself",
        )),
    })
}

fn open(
    profile: CallingProfile,
    sealer: &dyn Sealer,
    clock: &dyn Clock,
) -> Result<ShopAccess, Blocked> {
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
    if token.expires_at <= clock.now() {
        let at = token.expires_at.format("%F %H:%M UTC");
        let message =
            format!("The access token of shop {shop_id} ended at {at}. Authorise the shop again.");
        return Err(Blocked::token(shop, message));
    }
    let unreadable = |error: SealError| Blocked::sealed(id.as_str(), shop, error);
    Ok(ShopAccess {
        base_url: base_url(region, base_url_override.as_deref()),
        partner_id,
        partner_key: sealer.open(&partner_key).map_err(unreadable)?,
        shop: shop_id,
        access_token: sealer.open(&token.token).map_err(unreadable)?,
        profile: id.clone(),
    })
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

    pub(crate) fn token(shop: Option<ShopId>, message: String) -> Self {
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
}
