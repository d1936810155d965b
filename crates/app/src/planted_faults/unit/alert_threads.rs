//! Threads of alerts.

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::alert::{AlertThread, ToldLately};
use hawker_domain::ids::AlertThreadId;
use hawker_ports::StoreError;
use hawker_ports::alerts::AlertThreads;

use super::SpoiltUnit;
use crate::planted_faults::PlantedFault;

#[async_trait]
impl AlertThreads for SpoiltUnit {
    async fn gather(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        self.unit.alert_threads().gather(now).await
    }

    async fn due(&mut self, now: Timestamp, at_most: u32) -> Result<Vec<AlertThread>, StoreError> {
        if self.has(PlantedFault::NeverTell) {
            return Ok(Vec::new());
        }
        self.unit.alert_threads().due(now, at_most).await
    }

    async fn find(&mut self, ids: &[AlertThreadId]) -> Result<Vec<AlertThread>, StoreError> {
        self.unit.alert_threads().find(ids).await
    }

    async fn keep(
        &mut self,
        threads: &[(AlertThread, Option<Timestamp>)],
    ) -> Result<(), StoreError> {
        self.unit.alert_threads().keep(threads).await
    }

    async fn told_after(&mut self, moment: Timestamp) -> Result<Vec<ToldLately>, StoreError> {
        self.unit.alert_threads().told_after(moment).await
    }

    async fn forget_recovered(
        &mut self,
        before: Timestamp,
        at_most: u32,
    ) -> Result<u64, StoreError> {
        let threads = self.unit.alert_threads();
        threads.forget_recovered(before, at_most).await
    }
}
