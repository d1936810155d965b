//! Reconciliation.

use async_trait::async_trait;
use chrono::TimeDelta;
use hawker_domain::completeness::{Day, Window};
use hawker_domain::ids::ProfileId;
use hawker_domain::{OrderSn, Timestamp};
use hawker_ports::StoreError;
use hawker_ports::reconciliation::{
    Comparison, DayDifference, OrdersOf, Reconciliation, StandingDifference, Watermark,
};
use hawker_ports::recovery::ListedOrder;

use super::SpoiltUnit;
use crate::planted_faults::PlantedFault;

#[async_trait]
impl Reconciliation for SpoiltUnit {
    async fn watermark(&mut self, profile: &ProfileId) -> Result<Watermark, StoreError> {
        self.unit.reconciliation().watermark(profile).await
    }

    async fn advance(
        &mut self,
        profile: &ProfileId,
        mark: Watermark,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let ahead = if self.has(PlantedFault::SkipAhead) {
            TimeDelta::days(2)
        } else {
            TimeDelta::zero()
        };
        let mark = Watermark {
            updated_until: mark.updated_until.map(|until| until + ahead),
            created_until: mark.created_until.map(|until| until + ahead),
        };
        self.unit.reconciliation().advance(profile, mark, now).await
    }

    async fn compare(
        &mut self,
        orders: &OrdersOf,
        listed: &[ListedOrder],
        fetched_since: Option<Timestamp>,
    ) -> Result<Comparison, StoreError> {
        let reconciliation = self.unit.reconciliation();
        reconciliation.compare(orders, listed, fetched_since).await
    }

    async fn note_day(
        &mut self,
        orders: &OrdersOf,
        day: &Day,
        compared: Window,
        listed: &[OrderSn],
        now: Timestamp,
    ) -> Result<DayDifference, StoreError> {
        let reconciliation = self.unit.reconciliation();
        reconciliation
            .note_day(orders, day, compared, listed, now)
            .await
    }

    async fn standing(
        &mut self,
        found_before: Timestamp,
    ) -> Result<Vec<StandingDifference>, StoreError> {
        self.unit.reconciliation().standing(found_before).await
    }

    async fn told(&mut self, differences: &[StandingDifference]) -> Result<(), StoreError> {
        self.unit.reconciliation().told(differences).await
    }

    async fn unasked(
        &mut self,
        found_before: Timestamp,
        asked_since: Timestamp,
        at_most: u32,
    ) -> Result<Vec<(OrdersOf, OrderSn)>, StoreError> {
        let reconciliation = self.unit.reconciliation();
        reconciliation
            .unasked(found_before, asked_since, at_most)
            .await
    }
}
