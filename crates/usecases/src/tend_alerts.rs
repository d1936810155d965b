//! Tend what is kept of alerts: what waits for a sink that is gone goes to another one, and what nobody
//! asks for any more is forgotten, in portions.

use std::sync::Arc;

use chrono::TimeDelta;
use hawker_domain::TenantSlug;
use hawker_ports::{Clock, Store, StoreError};

/// A sink that no process has served for so long is gone. Longer than a new version takes to start.
const GONE_AFTER: TimeDelta = TimeDelta::hours(1);

/// For so long one can look up what was told.
const DELIVERED_KEPT: TimeDelta = TimeDelta::days(30);

/// A cause that comes back after so long is news.
const RECOVERED_KEPT: TimeDelta = TimeDelta::days(30);

/// Rows of one kind that are forgotten in one go.
const PORTION: u32 = 1000;

/// Tends alerts.
pub struct TendAlerts {
    /// Where they are.
    pub store: Arc<dyn Store>,
    /// The names of the sinks that this process serves.
    pub sinks: Vec<String>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

impl TendAlerts {
    /// Tends a portion; answers how many rows were moved or forgotten.
    pub async fn run(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        let adopted = uow
            .alerts()
            .adopt(&self.sinks, now - GONE_AFTER, now)
            .await?;
        let delivered = uow
            .alerts()
            .forget_delivered(now - DELIVERED_KEPT, PORTION)
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
        Ok(adopted + delivered + recovered)
    }
}
