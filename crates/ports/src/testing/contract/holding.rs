//! Orders that are held because they were seen at the marketplace, by whatever road they came.

use chrono::TimeDelta;
use hawker_domain::event::{EventOutcome, EventSource, NewEvent};
use hawker_domain::order::{OrderSnapshot, OrderStatus};
use hawker_domain::{ConnectorName, Environment, Timestamp};

use super::bench::{Bench, PROFILE, reports, seen};
use crate::StoreError;
use crate::inbox::WorkResult;
use crate::reconciliation::OrdersOf;
use crate::testing::examples::{after_noon, noon, profile_id, snapshot};

/// The sandbox orders of the first profile.
pub(super) fn orders() -> OrdersOf {
    orders_of(PROFILE)
}

/// The sandbox orders of a profile.
pub(super) fn orders_of(profile: &str) -> OrdersOf {
    OrdersOf {
        connector: ConnectorName::Shopee,
        environment: Environment::Sandbox,
        profile: profile_id(profile),
    }
}

/// An order that is to be shipped, placed so many minutes before noon and changed at noon.
pub(super) fn placed(number: &str, minutes_before: i64) -> OrderSnapshot {
    OrderSnapshot {
        created_at: noon() - TimeDelta::minutes(minutes_before),
        ..snapshot(number, OrderStatus::ReadyToShip)
    }
}

impl Bench {
    /// The first profile hears of an order by a push and sees what the marketplace says of it.
    pub(super) async fn see(&self, told: &OrderSnapshot, seconds: i64) -> Result<(), StoreError> {
        let event = self.push(told.order_sn.as_str(), seconds);
        self.see_by(event, told, after_noon(seconds)).await
    }

    /// The same, by this event.
    pub(super) async fn see_by(
        &self,
        event: NewEvent,
        told: &OrderSnapshot,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let done = WorkResult::Done(EventOutcome::Unchanged);
        self.work_by(event, Some(told), &done, now).await
    }

    /// An event of an order alone is worked on with this result.
    pub(super) async fn work_by(
        &self,
        event: NewEvent,
        told: Option<&OrderSnapshot>,
        result: &WorkResult,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.store(&[event]).await?;
        let batch = self.must_claim(now).await?;
        let mut reports = reports(&batch, result);
        for report in &mut reports {
            report.seen = told.map(seen);
        }
        let mut uow = self.begin().await?;
        uow.inbox().finish(&batch, &reports, now).await?;
        uow.commit().await
    }

    /// The push of an order as it comes by a road that needs no signature.
    pub(super) fn heard_by(&self, source: EventSource, number: &str, seconds: i64) -> NewEvent {
        NewEvent {
            source,
            verdict: None,
            signature: None,
            ..self.push(number, seconds)
        }
    }
}
