//! What a failed call means: for the orders that were asked for, and for the others of their shop.

use std::time::Duration;

use hawker_domain::ShopId;
use hawker_domain::exception::{Cause, ErrorClass};
use hawker_ports::marketplace::MarketplaceError;

use crate::tokens::{Blocked, Pause, UNTIL_LOOKED_AT_AGAIN};

/// How long payouts of a shop rest when the marketplace does not answer, or not to us. Nobody waits
/// for a payout by the minute.
const WHILE_AWAY: Duration = Duration::from_mins(5);

const UNAVAILABLE: &str = "unavailable";
const DAILY_QUOTA: &str = "daily-quota";

const REFUSED: &str = "refused";
const REFUSED_ALONE: &str = "refused-alone";

/// The causes that an answer to the call for several ends: all but the refusal of the call for one.
pub(super) const OF_BATCHES: [&str; 3] = [UNAVAILABLE, DAILY_QUOTA, REFUSED];

/// What was asked.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asked {
    /// For several payouts in one call.
    Several,
    /// For one, with its adjustments.
    One,
}

impl Pause {
    /// How long what nobody waits for rests; no attempts are counted.
    pub(super) const fn wait(self) -> Duration {
        match self {
            Self::Wait(wait) => wait,
            Self::Attempt => UNTIL_LOOKED_AT_AGAIN,
        }
    }
}

/// What a failed call means.
pub(super) enum Setback {
    /// It counts against the orders that were asked for: one of them, where there are several.
    OfOrders,
    /// Nothing else can be asked for on behalf of the shop.
    OfShop(Blocked),
}

impl Setback {
    /// What is wrong with the app may concern payouts alone, so that it says nothing of the work on
    /// orders: it is an exception of this class. What is wrong with the token concerns both.
    pub(super) fn by(error: &MarketplaceError, shop: ShopId, asked: Asked) -> Self {
        use MarketplaceError as E;
        let rests = |cause, wait| {
            Self::OfShop(Blocked {
                shop: Some(shop),
                cause,
                pause: Pause::Wait(wait),
            })
        };
        let cause = |key: &str| {
            Some(Cause {
                class: ErrorClass::EscrowFetchFailed,
                key: key.to_owned(),
                message: format!("{error}. The payouts of the shop wait and are asked for again."),
                due_at: None,
            })
        };
        match error {
            E::RateLimited { retry_after, .. } => {
                rests(None, retry_after.unwrap_or(Duration::from_secs(1)))
            }
            E::DailyQuota { renewed_in, .. } => rests(cause(DAILY_QUOTA), *renewed_in),
            E::TokenInvalid { .. } | E::Reauthorise { .. } => {
                let message = format!("{error}. The orders of the shop wait and are tried again.");
                Self::OfShop(Blocked::token(Some(shop), message))
            }
            E::Misconfigured { .. } => {
                let refused = match asked {
                    Asked::Several => REFUSED,
                    Asked::One => REFUSED_ALONE,
                };
                rests(cause(refused), WHILE_AWAY)
            }
            E::Unavailable { .. } | E::MaybeApplied { .. } => rests(cause(UNAVAILABLE), WHILE_AWAY),
            E::NotFound { .. } | E::Refused { .. } | E::Malformed { .. } => Self::OfOrders,
        }
    }
}
