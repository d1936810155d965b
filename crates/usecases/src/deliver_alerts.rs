//! Hand waiting alerts to the sink. A sink that cannot be reached delays its alerts; it never loses
//! one and never holds up anything else.

use std::sync::Arc;

use chrono::TimeDelta;
use hawker_domain::ids::LeaseId;
use hawker_domain::retry::RetryPolicy;
use hawker_domain::{IdSource, TenantSlug};
use hawker_ports::alerts::{AlertSink, DueAlert};
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
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        let lease = LeaseId::fresh(&*self.ids);
        let due = uow
            .alerts()
            .claim(lease, now, now + LEASE, ALERTS_PER_RUN)
            .await?;
        uow.commit().await?;
        for alert in &due {
            self.deliver(tenant, alert).await?;
        }
        Ok(u32::try_from(due.len()).unwrap_or(u32::MAX))
    }

    async fn deliver(&self, tenant: &TenantSlug, due: &DueAlert) -> Result<(), StoreError> {
        let DueAlert { alert, attempts } = due;
        let result = self.sink.deliver(alert).await;
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
