//! Alerts: rows that wait for a sink, and the sink.

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::alert::Alert;
use hawker_domain::ids::{AlertId, LeaseId};

use crate::StoreError;
use crate::store::Cause;

/// An alert that is to be delivered.
#[derive(Clone, Debug)]
pub struct DueAlert {
    /// The alert.
    pub alert: Alert,
    /// Failed attempts so far.
    pub attempts: u32,
}

/// Alerts that wait for a sink.
#[async_trait]
pub trait AlertOutbox: Send {
    /// Adds alerts, due at once.
    async fn enqueue(&mut self, alerts: &[Alert], now: Timestamp) -> Result<(), StoreError>;

    /// Claims due alerts, oldest first.
    async fn claim(
        &mut self,
        lease: LeaseId,
        now: Timestamp,
        lease_until: Timestamp,
        at_most: u32,
    ) -> Result<Vec<DueAlert>, StoreError>;

    /// A sink has taken an alert.
    async fn delivered(&mut self, alert: AlertId, now: Timestamp) -> Result<(), StoreError>;

    /// No sink took it; it is due again at `again_at`.
    async fn failed(
        &mut self,
        alert: AlertId,
        error: &str,
        again_at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Ends a claim: those of its alerts that nothing was reported of are due again at once.
    async fn give_back(&mut self, lease: LeaseId) -> Result<(), StoreError>;
}

/// Why a sink did not take an alert.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// It could not be reached or did not answer in time.
    #[error("the alert sink cannot be reached")]
    Unreachable(#[source] Cause),
    /// It answered that it does not take it.
    #[error("the alert sink answered {status}")]
    Refused {
        /// Its HTTP status.
        status: u16,
    },
}

/// Where alerts go: an n8n webhook, the log.
#[async_trait]
pub trait AlertSink: Send + Sync {
    /// Its name for logs and metrics, for example `n8n`.
    fn name(&self) -> &'static str;

    /// Hands an alert over. May be called again for the same alert after a crash.
    async fn deliver(&self, alert: &Alert) -> Result<(), SinkError>;
}
