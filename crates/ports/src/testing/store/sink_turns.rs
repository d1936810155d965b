//! Turns of alert sinks: rows of the control plane, no tenant's.

use std::time::Duration;

use async_trait::async_trait;
use chrono::DateTime;
use hawker_domain::Timestamp;

use super::InMemoryStore;
use crate::StoreError;
use crate::alerts::SinkTurns;
use crate::testing::locked;

/// What all processes know of a sink.
#[derive(Clone, Copy, Debug)]
pub(super) struct SinkRow {
    /// It is left alone until then.
    not_before: Timestamp,
    /// When somebody looked for its alerts last.
    served_at: Timestamp,
}

impl Default for SinkRow {
    fn default() -> Self {
        Self {
            not_before: DateTime::UNIX_EPOCH,
            served_at: DateTime::UNIX_EPOCH,
        }
    }
}

#[async_trait]
impl SinkTurns for InMemoryStore {
    async fn look(&self, sink: &str, now: Timestamp) -> Result<Timestamp, StoreError> {
        let mut sinks = locked(&self.shared.sinks);
        let row = sinks.entry(sink.to_owned()).or_default();
        row.served_at = row.served_at.max(now);
        Ok(row.not_before)
    }

    async fn take(
        &self,
        sink: &str,
        pace: Duration,
        now: Timestamp,
    ) -> Result<Timestamp, StoreError> {
        let mut sinks = locked(&self.shared.sinks);
        let row = sinks.entry(sink.to_owned()).or_default();
        if row.not_before > now {
            return Ok(row.not_before);
        }
        row.not_before = now + pace;
        row.served_at = row.served_at.max(now);
        Ok(now)
    }

    async fn rest(&self, sink: &str, until: Timestamp) -> Result<(), StoreError> {
        let mut sinks = locked(&self.shared.sinks);
        let row = sinks.entry(sink.to_owned()).or_default();
        row.not_before = row.not_before.max(until);
        Ok(())
    }

    async fn served_since(&self, moment: Timestamp) -> Result<Vec<String>, StoreError> {
        let sinks = locked(&self.shared.sinks);
        let served = sinks.iter().filter(|(_, row)| row.served_at >= moment);
        Ok(served.map(|(name, _)| name.clone()).collect())
    }
}
