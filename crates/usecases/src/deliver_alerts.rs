//! Hand waiting alerts to one sink. A sink that cannot be reached delays its alerts; it never loses
//! one and never holds up anything else, other sinks included. One that has a limit of its own is given
//! no more than it wants to take, however many processes and tenants there are.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::{Either, select};
use hawker_domain::ids::{AlertId, LeaseId};
use hawker_domain::retry::RetryPolicy;
use hawker_domain::{IdSource, TenantSlug, Timestamp};
use hawker_ports::alerts::{AlertSink, DueAlert, SinkError, SinkTurns};
use hawker_ports::{Clock, Metrics, Sleeper, Store, StoreError};

/// Alerts that are handed over in one go, at most.
const ALERTS_PER_RUN: u32 = 20;

/// How long a run takes for the pace of its sink: other tenants wait meanwhile.
const RUN_LASTS: Duration = Duration::from_secs(15);

/// Longer than handing over [`ALERTS_PER_RUN`] alerts to a sink that times out takes, at its pace.
const LEASE: TimeDelta = TimeDelta::minutes(5);

/// A turn that is later than this is not waited for.
const TURN_SOON: TimeDelta = TimeDelta::seconds(10);

/// So often a turn that another process has is waited for.
const TURNS_AWAITED_MAX: u32 = 5;

/// A sink that wants to be left alone for longer than this is asked again all the same.
const THROTTLE_LONGEST: Duration = Duration::from_hours(1);

/// How much of a sink's error is kept with the alert.
const ERROR_CHARS_MAX: usize = 300;

/// Hands alerts to the sink.
pub struct DeliverAlerts {
    /// Where they wait.
    pub store: Arc<dyn Store>,
    /// Knows when the sink may be given something.
    pub turns: Arc<dyn SinkTurns>,
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

/// How far a run came.
#[derive(Default)]
struct Course {
    /// How many alerts were tried.
    tried: usize,
    /// The one whose handing over was begun and of which nothing is kept: it may have arrived.
    begun: Option<AlertId>,
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
        if self.turns.look(self.sink.name(), now).await? > now {
            return Ok(0);
        }
        let mut uow = self.store.begin(tenant).await?;
        let lease = LeaseId::fresh(&*self.ids);
        let due = uow
            .alerts()
            .claim(self.sink.name(), lease, now, now + LEASE, self.portion())
            .await?;
        uow.commit().await?;
        let mut course = Course::default();
        let result = self
            .deliver_all(tenant, &due, is_stopping, patience, &mut course)
            .await;
        let Course { tried, begun } = course;
        if tried < due.len() {
            let given_back = self.give_back(tenant, lease, begun).await;
            // Best effort where something failed before: otherwise the lease ends by itself.
            if result.is_ok() {
                given_back?;
            }
        }
        result.map(|()| u32::try_from(tried).unwrap_or(u32::MAX))
    }

    /// Keeps in `course` how far it came; the others were not handed over.
    async fn deliver_all(
        &self,
        tenant: &TenantSlug,
        due: &[DueAlert],
        is_stopping: impl Fn() -> bool + Send + Sync,
        patience: impl Future<Output = ()> + Send,
        course: &mut Course,
    ) -> Result<(), StoreError> {
        let mut patience = pin!(patience);
        for alert in due {
            if is_stopping() || !self.has_turn(patience.as_mut()).await? {
                return Ok(());
            }
            course.begun = Some(alert.alert.id);
            let delivery = self.sink.deliver(&alert.alert);
            let result = match select(delivery, patience.as_mut()).await {
                Either::Left((result, _)) => result,
                Either::Right(_) => return Ok(()),
            };
            let throttled = match result {
                Err(SinkError::Throttled { after }) => Some(after),
                _ => None,
            };
            match throttled {
                Some(after) => self.put_off(tenant, alert, after).await?,
                None => self.keep(tenant, alert, result).await?,
            }
            course.begun = None;
            course.tried += 1;
            // Whoever would be next, here or in another process, would hear to come again later, too.
            if throttled.is_some() || (!is_stopping() && !self.kept_pace(patience.as_mut()).await) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// How many alerts are taken in one go.
    fn portion(&self) -> u32 {
        let pace = self.sink.pace().as_millis().max(1);
        let in_time = RUN_LASTS.as_millis() / pace;
        u32::try_from(in_time).map_or(ALERTS_PER_RUN, |most| most.clamp(1, ALERTS_PER_RUN))
    }

    /// Waits until the sink may be given an alert by this process; not for long where others have it,
    /// or where it rests.
    async fn has_turn(
        &self,
        mut patience: Pin<&mut (impl Future<Output = ()> + Send)>,
    ) -> Result<bool, StoreError> {
        let pace = self.sink.pace();
        if pace.is_zero() {
            return Ok(true);
        }
        for _ in 0..TURNS_AWAITED_MAX {
            let now = self.clock.now();
            let turn = self.turns.take(self.sink.name(), pace, now).await?;
            let Ok(wait) = (turn - now).to_std() else {
                return Ok(true);
            };
            if wait.is_zero() {
                return Ok(true);
            }
            if turn - now > TURN_SOON {
                return Ok(false);
            }
            let waited = select(self.sleeper.sleep(wait), patience.as_mut()).await;
            if matches!(waited, Either::Right(_)) {
                return Ok(false);
            }
        }
        Ok(false)
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

    async fn give_back(
        &self,
        tenant: &TenantSlug,
        lease: LeaseId,
        begun: Option<AlertId>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        uow.alerts().give_back(lease, begun, now).await?;
        uow.commit().await
    }

    /// The sink asks to come again later: this one is due then, and nothing else is handed over before.
    async fn put_off(
        &self,
        tenant: &TenantSlug,
        DueAlert { alert, .. }: &DueAlert,
        after: Duration,
    ) -> Result<(), StoreError> {
        let again_at = self.clock.now() + after.min(THROTTLE_LONGEST);
        let text = SinkError::Throttled { after }.to_string();
        let sink = self.sink.name();
        self.turns.rest(sink, again_at).await?;
        let mut uow = self.store.begin(tenant).await?;
        uow.alerts().failed(alert.id, &text, again_at).await?;
        uow.commit().await?;
        self.metrics.alert(sink, "failed");
        tracing::info!(event = "alert.throttled", alert_id = %alert.id, sink, %again_at);
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
