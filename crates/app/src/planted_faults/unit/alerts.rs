//! The outbox of alerts.

use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::alert::Alert;
use hawker_domain::ids::{AlertId, AlertThreadId, LeaseId};
use hawker_ports::StoreError;
use hawker_ports::alerts::{AlertOutbox, DueAlert};

use super::SpoiltUnit;
use crate::planted_faults::PlantedFault;

#[async_trait]
impl AlertOutbox for SpoiltUnit {
    async fn enqueue(&mut self, alerts: &[Alert], now: Timestamp) -> Result<(), StoreError> {
        self.unit.alerts().enqueue(alerts, now).await
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

    async fn give_back(&mut self, lease: LeaseId) -> Result<(), StoreError> {
        self.unit.alerts().give_back(lease).await
    }

    async fn take_turn(
        &mut self,
        sink: &str,
        pace: Duration,
        now: Timestamp,
    ) -> Result<Timestamp, StoreError> {
        self.unit.alerts().take_turn(sink, pace, now).await
    }

    async fn rest(&mut self, sink: &str, until: Timestamp) -> Result<(), StoreError> {
        self.unit.alerts().rest(sink, until).await
    }

    async fn withdraw(&mut self, threads: &[AlertThreadId]) -> Result<Vec<Alert>, StoreError> {
        self.unit.alerts().withdraw(threads).await
    }

    async fn adopt(
        &mut self,
        sinks: &[String],
        gone_since: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.unit.alerts().adopt(sinks, gone_since, now).await
    }

    async fn forget_delivered(
        &mut self,
        before: Timestamp,
        at_most: u32,
    ) -> Result<u64, StoreError> {
        self.unit.alerts().forget_delivered(before, at_most).await
    }
}
