//! What a failed call means: for the order that was asked for, and for the others of its shop.

use std::time::Duration;

use hawker_domain::ShopId;
use hawker_domain::exception::{Cause, ErrorClass};
use hawker_ports::marketplace::MarketplaceError;

use crate::tokens::{Blocked, Pause};

/// How long payouts of a shop rest when the marketplace does not answer, or not to us. Nobody waits
/// for a payout by the minute.
const WHILE_AWAY: Duration = Duration::from_mins(5);

/// What a failed call means.
pub(super) struct Setback {
    /// It counts against the order that was asked for.
    pub(super) is_of_order: bool,
    /// Nothing else can be asked for on behalf of the shop.
    pub(super) shop: Option<Blocked>,
}

impl Setback {
    /// What is wrong with the app may concern payouts alone, so that it says nothing of the work on
    /// orders: it is an exception of this class. What is wrong with the token concerns both.
    pub(super) fn by(error: &MarketplaceError, shop: ShopId) -> Self {
        use MarketplaceError as E;
        let rests = |cause, wait| Blocked {
            shop: Some(shop),
            cause,
            pause: Pause::Wait(wait),
        };
        let cause = |key: String| {
            Some(Cause {
                class: ErrorClass::EscrowFetchFailed,
                key,
                message: format!("{error}. The payouts of the shop wait and are asked for again."),
                due_at: None,
            })
        };
        match error {
            E::RateLimited { retry_after, .. } => {
                let wait = retry_after.unwrap_or(Duration::from_secs(1));
                Self::of_shop(rests(None, wait))
            }
            E::DailyQuota { renewed_in, .. } => {
                Self::of_shop(rests(cause("daily-quota".into()), *renewed_in))
            }
            E::TokenInvalid { .. } | E::Reauthorise { .. } => {
                let message = format!("{error}. The orders of the shop wait and are tried again.");
                Self::of_shop(Blocked::token(Some(shop), message))
            }
            E::Misconfigured { code, .. } => {
                Self::of_shop(rests(cause(format!("refused:{code}")), WHILE_AWAY))
            }
            E::Unavailable { .. } | E::MaybeApplied { .. } => Self {
                is_of_order: true,
                shop: Some(rests(None, WHILE_AWAY)),
            },
            E::NotFound { .. } | E::Refused { .. } | E::Malformed { .. } => Self {
                is_of_order: true,
                shop: None,
            },
        }
    }

    const fn of_shop(blocked: Blocked) -> Self {
        Self {
            is_of_order: false,
            shop: Some(blocked),
        }
    }
}
