//! Tend what is kept of exceptions beside themselves, and of what was told of them: what waits for a sink
//! that is gone goes to another one, and what nobody asks for any more is forgotten, in portions.

use std::sync::Arc;

use chrono::TimeDelta;
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::alerts::SinkTurns;
use hawker_ports::{Clock, Store, StoreError};

/// A sink that no process has served for so long is gone. Longer than a new version takes to start.
const GONE_AFTER: TimeDelta = TimeDelta::hours(1);

/// That a sink is served is known to within a minute; who served it before is somebody who does still.
const SERVED_NOW: TimeDelta = TimeDelta::minutes(3);

/// So long after a process started, the one whose place it takes may still be at work.
const SUCCESSION: TimeDelta = TimeDelta::minutes(2);

/// For so long one can look up what was told.
const DELIVERED_KEPT: TimeDelta = TimeDelta::days(30);

/// A cause that comes back after so long is news.
const RECOVERED_KEPT: TimeDelta = TimeDelta::days(30);

/// For so long one can look up what was retried, and how it went.
const RETRIES_KEPT: TimeDelta = TimeDelta::days(90);

/// Rows of one kind that are forgotten in one go.
const PORTION: u32 = 1000;

/// Tends alerts, threads and retries.
pub struct TendExceptions {
    /// Where they are.
    pub store: Arc<dyn Store>,
    /// Knows which sinks are served.
    pub turns: Arc<dyn SinkTurns>,
    /// The names of the sinks that this process serves.
    pub sinks: Vec<String>,
    /// Since when it does.
    pub since: Timestamp,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

impl TendExceptions {
    /// Tends a portion; answers how many rows were moved or forgotten.
    pub async fn run(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        let now = self.clock.now();
        let gone_since = now - GONE_AFTER;
        let served = self.turns.served_since(gone_since).await?;
        let mut uow = self.store.begin(tenant).await?;
        let adopted = uow
            .alerts()
            .adopt(&self.sinks, &served, gone_since, now)
            .await?;
        let delivered = uow
            .alerts()
            .forget_delivered(now - DELIVERED_KEPT, PORTION)
            .await?;
        let retries = uow
            .exception_desk()
            .forget_retries(now - RETRIES_KEPT, PORTION)
            .await?;
        uow.commit().await?;
        // By itself: whoever gathers waits for it, and this would wait for them with alerts in its hands.
        let mut uow = self.store.begin(tenant).await?;
        let recovered = uow
            .alert_threads()
            .forget_recovered(now - RECOVERED_KEPT, PORTION)
            .await?;
        uow.commit().await?;
        if adopted > 0 {
            tracing::warn!(
                event = "alert.adopted",
                sink = self.sinks.first(),
                alerts = adopted,
                "alerts waited for a sink that nobody serves any more"
            );
        }
        self.compare_sinks(now).await?;
        Ok(adopted + delivered + retries + recovered)
    }

    /// Each process tells its own sinks of what it tells, so that of two with different ones each sink
    /// hears a part. Answers the sinks that others serve and this one does not.
    pub async fn compare_sinks(&self, now: Timestamp) -> Result<Vec<String>, StoreError> {
        let moment = (now - SERVED_NOW).max(self.since + SUCCESSION);
        let mut others = self.turns.served_since(moment).await?;
        others.retain(|sink| !self.sinks.contains(sink));
        if !others.is_empty() {
            tracing::warn!(
                event = "alert.sinks_differ",
                sinks = self.sinks.join(", "),
                others = others.join(", "),
                "another process tells other sinks: no sink hears of everything. Give all processes the same settings"
            );
        }
        Ok(others)
    }
}
