//! Hand waiting alerts to the sink. A sink that cannot be reached delays its alerts; it never loses
//! one and never holds up anything else.

use std::pin::pin;
use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::future::{Either, select};
use hawker_domain::ids::LeaseId;
use hawker_domain::retry::RetryPolicy;
use hawker_domain::{IdSource, TenantSlug};
use hawker_ports::alerts::{AlertSink, DueAlert, SinkError};
use hawker_ports::{Clock, Metrics, Store, StoreError};

/// Alerts that are handed over in one go.
const ALERTS_PER_RUN: u32 = 20;

/// Longer than handing over [`ALERTS_PER_RUN`] alerts to a sink that times out takes.
const LEASE: TimeDelta = TimeDelta::minutes(5);

/// How much of a sink's error is kept with the alert.
const ERROR_CHARS_MAX: usize = 300;

/// Hands alerts to the sink.
pub struct DeliverAlerts {
    /// Where they wait.
    pub store: Arc<dyn Store>,
    /// Where they go.
    pub sink: Arc<dyn AlertSink>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
    /// Counts.
    pub metrics: Arc<dyn Metrics>,
}

impl DeliverAlerts {
    /// Tries the alerts that are due; answers how many there were.
    pub async fn run(&self, tenant: &TenantSlug) -> Result<u32, StoreError> {
        self.run_until(tenant, || false, std::future::pending())
            .await
    }

    /// The same, but begins with no further alert once `is_stopping` says so, and no longer waits
    /// for the sink once `patience` ends. What was not handed over is given back, so that a process
    /// that goes leaves nothing leased. Answers how many alerts were tried.
    pub async fn run_until(
        &self,
        tenant: &TenantSlug,
        is_stopping: impl Fn() -> bool + Send + Sync,
        patience: impl Future<Output = ()> + Send,
    ) -> Result<u32, StoreError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        let lease = LeaseId::fresh(&*self.ids);
        let due = uow
            .alerts()
            .claim(lease, now, now + LEASE, ALERTS_PER_RUN)
            .await?;
        uow.commit().await?;
        let result = self.deliver_all(tenant, &due, is_stopping, patience).await;
        match &result {
            Ok(tried) if *tried < due.len() => self.give_back(tenant, lease).await?,
            Ok(_) => {}
            // Best effort: otherwise the lease ends by itself.
            Err(_) => self.give_back(tenant, lease).await.unwrap_or_default(),
        }
        result.map(|tried| u32::try_from(tried).unwrap_or(u32::MAX))
    }

    /// Answers how many it came to; the others were not handed over.
    async fn deliver_all(
        &self,
        tenant: &TenantSlug,
        due: &[DueAlert],
        is_stopping: impl Fn() -> bool + Send + Sync,
        patience: impl Future<Output = ()> + Send,
    ) -> Result<usize, StoreError> {
        let mut patience = pin!(patience);
        for (tried, due) in due.iter().enumerate() {
            if is_stopping() {
                return Ok(tried);
            }
            let delivery = self.sink.deliver(&due.alert);
            match select(delivery, patience.as_mut()).await {
                Either::Left((result, _)) => self.keep(tenant, due, result).await?,
                Either::Right(_) => return Ok(tried),
            }
        }
        Ok(due.len())
    }

    async fn give_back(&self, tenant: &TenantSlug, lease: LeaseId) -> Result<(), StoreError> {
        let mut uow = self.store.begin(tenant).await?;
        uow.alerts().give_back(lease).await?;
        uow.commit().await
    }

    /// Keeps what became of a delivery.
    async fn keep(
        &self,
        tenant: &TenantSlug,
        due: &DueAlert,
        result: Result<(), SinkError>,
    ) -> Result<(), StoreError> {
        let DueAlert { alert, attempts } = due;
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        match result {
            Ok(()) => {
                uow.alerts().delivered(alert.id, now).await?;
                self.metrics.alert(self.sink.name(), "delivered");
                tracing::info!(event = "alert.delivered", alert_id = %alert.id, sink = self.sink.name());
            }
            Err(error) => {
                let wait = RetryPolicy::ALERT.delay(attempts + 1, fastrand::f64(), None);
                let again_at = now + wait.unwrap_or(RetryPolicy::ALERT.longest);
                let text: String = error.to_string().chars().take(ERROR_CHARS_MAX).collect();
                uow.alerts().failed(alert.id, &text, again_at).await?;
                self.metrics.alert(self.sink.name(), "failed");
                tracing::warn!(event = "alert.failed", alert_id = %alert.id, sink = self.sink.name(), %error, %again_at);
            }
        }
        uow.commit().await
    }
}
