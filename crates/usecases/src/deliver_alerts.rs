//! Hand waiting alerts to one sink. A sink that cannot be reached delays its alerts; it never loses
//! one and never holds up anything else, other sinks included. One that has a limit of its own is given
//! no more than it wants to take.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::{Either, select};
use hawker_domain::ids::LeaseId;
use hawker_domain::retry::RetryPolicy;
use hawker_domain::{IdSource, TenantSlug, Timestamp};
use hawker_ports::alerts::{AlertSink, DueAlert, SinkError};
use hawker_ports::{Clock, Metrics, Sleeper, Store, StoreError};

/// Alerts that are handed over in one go.
const ALERTS_PER_RUN: u32 = 20;

/// Longer than handing over [`ALERTS_PER_RUN`] alerts to a sink that times out takes, at its pace.
const LEASE: TimeDelta = TimeDelta::minutes(5);

/// A sink that wants to be left alone for longer than this is asked again all the same.
const THROTTLE_LONGEST: Duration = Duration::from_hours(1);

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
    /// Waits for as long as the sink wants between two alerts.
    pub sleeper: Arc<dyn Sleeper>,
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
            .claim(self.sink.name(), lease, now, now + LEASE, ALERTS_PER_RUN)
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
        for (tried, alert) in due.iter().enumerate() {
            if is_stopping() {
                return Ok(tried);
            }
            let delivery = self.sink.deliver(&alert.alert);
            let result = match select(delivery, patience.as_mut()).await {
                Either::Left((result, _)) => result,
                Either::Right(_) => return Ok(tried),
            };
            if let Err(SinkError::Throttled { after }) = result {
                // Whoever would be next would hear the same.
                self.put_off(tenant, due.get(tried..).unwrap_or_default(), after)
                    .await?;
                return Ok(due.len());
            }
            self.keep(tenant, alert, result).await?;
            if !is_stopping() && !self.kept_pace(patience.as_mut()).await {
                return Ok(tried + 1);
            }
        }
        Ok(due.len())
    }

    /// Waits until the sink may be given another alert, also after the last one: the next run follows
    /// at once. Answers whether `patience` lasted so long.
    async fn kept_pace(&self, patience: Pin<&mut (impl Future<Output = ()> + Send)>) -> bool {
        let pace = self.sink.pace();
        if pace.is_zero() {
            return true;
        }
        let waited = select(self.sleeper.sleep(pace), patience).await;
        matches!(waited, Either::Left(_))
    }

    async fn give_back(&self, tenant: &TenantSlug, lease: LeaseId) -> Result<(), StoreError> {
        let mut uow = self.store.begin(tenant).await?;
        uow.alerts().give_back(lease).await?;
        uow.commit().await
    }

    /// The sink asks to come again later: these are due then.
    async fn put_off(
        &self,
        tenant: &TenantSlug,
        due: &[DueAlert],
        after: Duration,
    ) -> Result<(), StoreError> {
        let again_at = self.clock.now() + after.min(THROTTLE_LONGEST);
        let text = SinkError::Throttled { after }.to_string();
        let mut uow = self.store.begin(tenant).await?;
        for DueAlert { alert, .. } in due {
            uow.alerts().failed(alert.id, &text, again_at).await?;
        }
        uow.commit().await?;
        self.metrics.alert(self.sink.name(), "failed");
        tracing::info!(event = "alert.throttled", sink = self.sink.name(), waiting = due.len(), %again_at);
        Ok(())
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
        let again_at = again_at(*attempts, now);
        let mut uow = self.store.begin(tenant).await?;
        match &result {
            Ok(()) => uow.alerts().delivered(alert.id, now).await?,
            Err(error) => {
                let text: String = error.to_string().chars().take(ERROR_CHARS_MAX).collect();
                uow.alerts().failed(alert.id, &text, again_at).await?;
            }
        }
        uow.commit().await?;
        let sink = self.sink.name();
        match result {
            Ok(()) => {
                self.metrics.alert(sink, "delivered");
                tracing::info!(event = "alert.delivered", alert_id = %alert.id, sink);
            }
            Err(error) => {
                self.metrics.alert(sink, "failed");
                tracing::warn!(event = "alert.failed", alert_id = %alert.id, sink, %error, %again_at);
            }
        }
        Ok(())
    }
}

/// When an alert is tried again that failed so often before, and once more now.
fn again_at(attempts: u32, now: Timestamp) -> Timestamp {
    let failed = attempts.saturating_add(1);
    let wait = RetryPolicy::ALERT.delay(failed, fastrand::f64(), None);
    now + wait.unwrap_or(RetryPolicy::ALERT.longest)
}
