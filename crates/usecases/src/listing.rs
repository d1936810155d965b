//! What turning the pages of a marketplace's lists has in common: why it ends early, and how the
//! orders are asked for that it shows.
//!
//! Whatever a page showed is kept before the next page is asked for, so a list that ends early loses
//! nothing: what was counted until then was done.

use std::time::Duration;

use hawker_domain::channel::OrderKey;
use hawker_domain::event::{EventSource, NewEvent};
use hawker_domain::ids::ProfileId;
use hawker_domain::schedule::Counts;
use hawker_domain::{IdSource, OrderSn, Timestamp};
use hawker_ports::inbox::StoredAs;
use hawker_ports::reconciliation::OrdersOf;
use hawker_ports::{MarketplaceError, Progress, StoreError, UnitOfWork};

use crate::chain::chain;
use crate::tokens::{Blocked, CallError, Pause, UNTIL_LOOKED_AT_AGAIN};

/// Why lists of the marketplace were not read to their end.
#[derive(Debug, thiserror::Error)]
pub enum ListingError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such profile (any more).
    #[error("there is no profile `{0}`")]
    NoSuchProfile(ProfileId),
    /// The shop cannot be called for.
    #[error("{}", .why.to_string().trim_end_matches('.'))]
    Blocked {
        /// Why, and what to do.
        why: Blocked,
        /// What was done before.
        counts: Counts,
    },
    /// The marketplace refused, or could not be asked.
    #[error("{}", chain(.error))]
    Marketplace {
        /// What it said.
        error: MarketplaceError,
        /// What was done before.
        counts: Counts,
    },
    /// It was asked to end. The next run goes on from there.
    #[error("it was stopped before its end; the next run goes on from there")]
    Stopped {
        /// What was done before.
        counts: Counts,
    },
}

impl ListingError {
    /// What was done before, as far as it was counted.
    pub fn counts(&self) -> Counts {
        match self {
            Self::Store(_) | Self::NoSuchProfile(_) => Counts::default(),
            Self::Blocked { counts, .. }
            | Self::Marketplace { counts, .. }
            | Self::Stopped { counts } => counts.clone(),
        }
    }

    /// Whether the same run may succeed later without anybody doing anything.
    pub fn is_passing(&self) -> bool {
        use MarketplaceError as E;
        match self {
            Self::Store(error) => error.is_passing(),
            Self::NoSuchProfile(_) => false,
            // Of what only a person can put right, everything waits for the same time.
            Self::Blocked { why, .. } => {
                why.cause.is_none() || why.pause != Pause::Wait(UNTIL_LOOKED_AT_AGAIN)
            }
            Self::Marketplace { error, .. } => match error {
                E::RateLimited { .. }
                | E::DailyQuota { .. }
                | E::Unavailable { .. }
                | E::MaybeApplied { .. }
                | E::Malformed { .. } => true,
                E::TokenInvalid { .. }
                | E::Reauthorise { .. }
                | E::Misconfigured { .. }
                | E::NotFound { .. }
                | E::Refused { .. } => false,
            },
            Self::Stopped { .. } => true,
        }
    }

    /// Not before so long, where somebody said so.
    pub fn retry_after(&self) -> Option<Duration> {
        let wait = match self {
            Self::Blocked { why, .. } => match why.pause {
                Pause::Wait(wait) => Some(wait),
                Pause::Attempt => None,
            },
            Self::Marketplace { error, .. } => match error {
                MarketplaceError::RateLimited { retry_after, .. } => *retry_after,
                MarketplaceError::DailyQuota { renewed_in, .. } => Some(*renewed_in),
                _ => None,
            },
            Self::Store(_) | Self::NoSuchProfile(_) | Self::Stopped { .. } => None,
        };
        wait.filter(|wait| !wait.is_zero())
    }

    /// A call that came to nothing.
    pub(crate) fn of_call(error: CallError, counts: &Counts) -> Self {
        let counts = counts.clone();
        match error {
            CallError::Blocked(why) => Self::Blocked { why, counts },
            CallError::Marketplace { error, .. } => Self::Marketplace { error, counts },
        }
    }

    /// A list that never ends cannot be right.
    pub(crate) fn endless(endpoint: &'static str, counts: &Counts) -> Self {
        Self::Marketplace {
            error: MarketplaceError::Malformed {
                endpoint,
                reason: "the list does not end".into(),
            },
            counts: counts.clone(),
        }
    }
}

/// Ends the run here if it is to end.
pub(crate) fn heed_stop(progress: &dyn Progress, counts: &Counts) -> Result<(), ListingError> {
    if progress.is_stopping() {
        return Err(ListingError::Stopped {
            counts: counts.clone(),
        });
    }
    Ok(())
}

/// Asks for orders that a list showed to be fetched; answers how many are now.
pub(crate) async fn ask_for(
    uow: &mut dyn UnitOfWork,
    orders: &OrdersOf,
    numbers: impl Iterator<Item = &OrderSn> + Send,
    now: Timestamp,
    ids: &dyn IdSource,
) -> Result<u64, StoreError> {
    let hints: Vec<_> = numbers
        .map(|order_sn| hint(orders, order_sn, now, ids))
        .collect();
    if hints.is_empty() {
        return Ok(0);
    }
    let stored = uow.inbox().store(&hints).await?;
    Ok(many(stored.iter().filter(|one| **one == StoredAs::New)))
}

/// What asks for one of these orders.
pub(crate) fn hint(
    orders: &OrdersOf,
    order_sn: &OrderSn,
    now: Timestamp,
    ids: &dyn IdSource,
) -> NewEvent {
    let key = OrderKey {
        connector: orders.connector,
        environment: orders.environment,
        order_sn: order_sn.clone(),
    };
    let source = EventSource::Reconcile;
    NewEvent::own_hint(&key, orders.profile.clone(), source, now, ids)
}

/// How many there are, as runs count.
pub(crate) fn many<T>(things: impl IntoIterator<Item = T>) -> u64 {
    u64::try_from(things.into_iter().count()).unwrap_or(u64::MAX)
}
