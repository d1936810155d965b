//! Tell somebody of days whose orders are not complete: the marketplace lists what we do not hold, or
//! the other way round.
//!
//! A difference is told once it has stood for some minutes, because what was just found is on its way;
//! it is over as soon as it is gone. Orders that are missing and that nothing asks for any more are
//! asked for again, hour by hour.

use std::sync::Arc;

use chrono::TimeDelta;
use hawker_domain::event::NewEvent;
use hawker_domain::exception::{Cause, ErrorClass, RaisedException, Subject};
use hawker_domain::{ConnectorName, IdSource, OrderSn, TenantSlug, Timestamp};
use hawker_ports::exceptions::ProfileClearance;
use hawker_ports::reconciliation::{Difference, OrdersOf, StandingDifference};
use hawker_ports::recovery::ListedOrder;
use hawker_ports::views::CompletenessViews;
use hawker_ports::{Clock, Metrics, Store, StoreError, UnitOfWork};

use crate::listing::{hint, many};
use crate::raise::raise;
use crate::words::listed;

/// The marketplace whose days are watched.
const CONNECTOR: ConnectorName = ConnectorName::Shopee;

/// How long a difference may stand before somebody is told: longer than fetching what a run found
/// takes.
const STANDS_FOR: TimeDelta = TimeDelta::minutes(10);

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
        for difference in &standing {
            self.ask_again(&mut *uow, difference, now).await?;
        }
        let raised: Vec<_> = standing.iter().map(|one| self.raised(one)).collect();
        raise(&mut *uow, &raised, now).await?;
        let cleared = clear_others(&mut *uow, now).await?;
        uow.commit().await?;
        if cleared > 0 {
            tracing::info!(event = "exception.resolved", count = cleared);
        }
        Ok(many(&raised) + cleared)
    }

    /// Those examples that are missing and that no event waits for.
    async fn ask_again(
        &self,
        uow: &mut dyn UnitOfWork,
        difference: &StandingDifference,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let StandingDifference {
            orders, examples, ..
        } = difference;
        let examples: Vec<_> = examples.iter().map(of_unknown_status).collect();
        let compared = uow
            .reconciliation()
            .compare(orders, &examples, None)
            .await?;
        let missing = compared
            .differing
            .iter()
            .filter(|(_, difference)| *difference == Difference::Missing);
        let hints: Vec<_> = missing
            .map(|(order_sn, _)| self.hint(orders, order_sn, now))
            .collect();
        uow.inbox().store(&hints).await?;
        Ok(())
    }

    /// At most one within an hour: more than that are the same event. An order that cannot be fetched
    /// or understood is not asked for over and over.
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
            key: format!("day:{day}"),
            message: format!(
                "Of the orders of {day}, {} (profile {profile}): {}. Missing ones are asked for again by themselves; if this stays, look at their exceptions, and compare the day anew: `hawker reconcile --profile {profile} --from {day} --to {day}`.",
                how_many(difference),
                listed(examples)
            ),
            due_at: None,
        };
        RaisedException::once(subject, cause, &*self.ids)
    }
}

/// Whatever was not raised just now is gone.
async fn clear_others(uow: &mut dyn UnitOfWork, now: Timestamp) -> Result<u64, StoreError> {
    let mut cleared = 0;
    for profile in uow.profiles().of_connector(CONNECTOR, true).await? {
        let gone = ProfileClearance {
            connector: CONNECTOR,
            environment: profile.environment,
            profile: Some(profile.id),
            class: ErrorClass::OrdersMissing,
            cause: None,
            quiet_since: now,
        };
        cleared += uow.exceptions().clear_profile(&gone, now).await?;
    }
    Ok(cleared)
}

fn of_unknown_status(order_sn: &OrderSn) -> ListedOrder {
    ListedOrder {
        order_sn: order_sn.clone(),
        status: None,
    }
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
