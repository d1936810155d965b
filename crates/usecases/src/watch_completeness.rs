//! Tell somebody of days whose orders are not complete: the marketplace lists what we do not hold, or
//! the other way round.
//!
//! A difference is told once it has stood for some minutes and nothing of it is about to be fetched,
//! because what was just found is on its way. It is told again only once other orders differ: whoever
//! closes its exception is not called back for the same ones. It is over as soon as it is gone. Orders
//! that are missing and that nothing asks for any more are asked for again, hour by hour, all of them in
//! turn.

use std::sync::Arc;

use chrono::TimeDelta;
use hawker_domain::event::NewEvent;
use hawker_domain::exception::{Cause, ErrorClass, RaisedException, Subject};
use hawker_domain::{IdSource, OrderSn, TenantSlug, Timestamp};
use hawker_ports::exceptions::ProfileClearance;
use hawker_ports::reconciliation::{OrdersOf, StandingDifference};
use hawker_ports::views::CompletenessViews;
use hawker_ports::{Clock, Metrics, Store, StoreError, UnitOfWork};

use crate::listing::{hint, many};
use crate::raise::raise;
use crate::words::listed;

/// How long a difference may stand before somebody is told: longer than fetching what a run found
/// takes.
const STANDS_FOR: TimeDelta = TimeDelta::minutes(10);

/// How long after we asked for a missing order in vain it is asked for again.
const ASKED_EVERY: TimeDelta = TimeDelta::hours(1);

/// So many missing orders are asked for again at once; the next ones a minute later.
const ASKED_AT_ONCE: u32 = 100;

/// Watches completeness.
pub struct WatchCompleteness {
    /// Where differences are kept.
    pub store: Arc<dyn Store>,
    /// Counts what is missing.
    pub views: Arc<dyn CompletenessViews>,
    /// Shows it.
    pub metrics: Arc<dyn Metrics>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
}

impl WatchCompleteness {
    /// Raises what stands and clears what is gone; answers how many of both.
    pub async fn run(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        let told = self.tell(tenant).await?;
        let missing = self.views.missing_orders(tenant).await?;
        self.metrics.missing_orders(tenant, &missing);
        Ok(told)
    }

    async fn tell(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        let standing = uow.reconciliation().standing(now - STANDS_FOR).await?;
        let news: Vec<_> = standing.into_iter().filter(|one| !one.is_told).collect();
        let (gone, differing): (Vec<_>, Vec<_>) =
            news.iter().partition(|difference| difference.is_gone());
        let raised: Vec<_> = differing.iter().map(|one| self.raised(one)).collect();
        raise(&mut *uow, &raised, now).await?;
        let cleared = clear(&mut *uow, &gone, now).await?;
        uow.reconciliation().told(&news).await?;
        self.ask_again(&mut *uow, now).await?;
        uow.commit().await?;
        if cleared > 0 {
            tracing::info!(event = "exception.resolved", count = cleared);
        }
        Ok(many(&raised) + cleared)
    }

    /// Missing orders that nothing asks for.
    async fn ask_again(&self, uow: &mut dyn UnitOfWork, now: Timestamp) -> Result<(), StoreError> {
        let unasked = uow
            .reconciliation()
            .unasked(now - STANDS_FOR, now - ASKED_EVERY, ASKED_AT_ONCE)
            .await?;
        let hints = unasked.iter();
        let hints: Vec<_> = hints
            .map(|(orders, order_sn)| self.hint(orders, order_sn, now))
            .collect();
        if !hints.is_empty() {
            uow.inbox().store(&hints).await?;
        }
        Ok(())
    }

    /// At most one within an hour, however many processes watch: more than that are the same event. An
    /// order that cannot be fetched or understood is not asked for over and over.
    fn hint(&self, orders: &OrdersOf, order_sn: &OrderSn, now: Timestamp) -> NewEvent {
        let hour = now.format("%Y-%m-%dT%H");
        let mut hint = hint(orders, order_sn, now, &*self.ids);
        hint.content.content_key = format!("missing:{order_sn}:{hour}");
        hint
    }

    fn raised(&self, difference: &StandingDifference) -> RaisedException {
        let StandingDifference {
            orders,
            shop,
            day,
            examples,
            ..
        } = difference;
        let profile = &orders.profile;
        let subject = Subject {
            connector: orders.connector,
            environment: orders.environment,
            profile: Some(profile.clone()),
            shop: *shop,
            order_sn: None,
            event: None,
        };
        let cause = Cause {
            class: ErrorClass::OrdersMissing,
            key: cause_of(difference),
            message: format!(
                "Of the orders of {day}, {} (profile {profile}): {}. Missing ones are asked for again by themselves; if this stays, look at their exceptions, and compare the day anew: `hawker reconcile --profile {profile} --from {day} --to {day}`. What is right as it is can be left so: `hawker exceptions wont-fix`.",
                how_many(difference),
                listed(examples)
            ),
            due_at: None,
        };
        RaisedException::once(subject, cause, &*self.ids)
    }
}

/// What tells the exception of a day apart from those of other days.
pub(crate) fn cause_of(difference: &StandingDifference) -> String {
    format!("day:{}", difference.day)
}

/// What was told of these days is over; answers how many exceptions that resolved.
async fn clear(
    uow: &mut dyn UnitOfWork,
    gone: &[&StandingDifference],
    now: Timestamp,
) -> Result<u64, StoreError> {
    let mut cleared = 0;
    for difference in gone {
        let orders = &difference.orders;
        let over = ProfileClearance {
            connector: orders.connector,
            environment: orders.environment,
            profile: Some(orders.profile.clone()),
            class: ErrorClass::OrdersMissing,
            cause: Some(cause_of(difference)),
            quiet_since: now,
        };
        cleared += uow.exceptions().clear_profiles(&[over], now).await?;
    }
    Ok(cleared)
}

fn how_many(difference: &StandingDifference) -> String {
    let StandingDifference {
        missing, unlisted, ..
    } = difference;
    let missing_ones = format!("{missing} that the marketplace lists are missing here");
    let unlisted_ones = format!("{unlisted} that are here are not listed by the marketplace");
    match (*missing, *unlisted) {
        (_, 0) => missing_ones,
        (0, _) => unlisted_ones,
        _ => format!("{missing_ones} and {unlisted_ones}"),
    }
}
