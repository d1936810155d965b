//! The outbox of alerts.

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::alert::{Alert, NoticeKind};
use hawker_domain::ids::{AlertId, LeaseId};
use hawker_ports::StoreError;
use hawker_ports::alerts::{AlertOutbox, DueAlert};

use super::SpoiltUnit;
use crate::planted_faults::PlantedFault;

#[async_trait]
impl AlertOutbox for SpoiltUnit {
    async fn enqueue(&mut self, alerts: &[Alert], now: Timestamp) -> Result<(), StoreError> {
        if !self.has(PlantedFault::ForgetRecovery) {
            return self.unit.alerts().enqueue(alerts, now).await;
        }
        let is_over = |alert: &Alert| alert.payload.kind() == Some(NoticeKind::Recovered);
        let others = alerts.iter().filter(|alert| !is_over(alert));
        let others: Vec<_> = others.cloned().collect();
        self.unit.alerts().enqueue(&others, now).await
    }

    async fn claim(
        &mut self,
        sink: &str,
        lease: LeaseId,
        now: Timestamp,
        lease_until: Timestamp,
        at_most: u32,
    ) -> Result<Vec<DueAlert>, StoreError> {
        let until = if self.has(PlantedFault::DropLease) {
            now
        } else {
            lease_until
        };
        let alerts = self.unit.alerts();
        alerts.claim(sink, lease, now, until, at_most).await
    }

    async fn delivered(&mut self, alert: AlertId, now: Timestamp) -> Result<(), StoreError> {
        self.unit.alerts().delivered(alert, now).await
    }

    async fn failed(
        &mut self,
        alert: AlertId,
        error: &str,
        again_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.unit.alerts().failed(alert, error, again_at).await
    }

    async fn give_back(
        &mut self,
        lease: LeaseId,
        begun: Option<AlertId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.unit.alerts().give_back(lease, begun, now).await
    }

    async fn withdraw(
        &mut self,
        keys: &[String],
        sinks: &[String],
    ) -> Result<Vec<Alert>, StoreError> {
        self.unit.alerts().withdraw(keys, sinks).await
    }

    async fn adopt(
        &mut self,
        sinks: &[String],
        served: &[String],
        gone_since: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let alerts = self.unit.alerts();
        alerts.adopt(sinks, served, gone_since, now).await
    }

    async fn forget_delivered(
        &mut self,
        before: Timestamp,
        at_most: u32,
    ) -> Result<u64, StoreError> {
        self.unit.alerts().forget_delivered(before, at_most).await
    }
}
