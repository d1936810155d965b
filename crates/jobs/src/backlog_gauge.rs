//! The reconciler that reads how much work waits, for the metrics.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::TenantSlug;
use hawker_ports::views::Views;
use hawker_ports::{Clock, Metrics, StoreError};
use tokio::time::Instant;

use crate::reconciler::Reconciler;

/// A merchant's backlog is read again after so many times as long as the last reading took. Counting is
/// as much work as there is to count; where that is a million events, their work goes first.
const REST: u32 = 50;

/// Reads the backlog.
pub struct BacklogGauge {
    views: Arc<dyn Views>,
    clock: Arc<dyn Clock>,
    metrics: Arc<dyn Metrics>,
    resting_until: Mutex<HashMap<TenantSlug, Instant>>,
}

impl BacklogGauge {
    /// Reads from `views` and shows on `metrics`.
    pub fn new(views: Arc<dyn Views>, clock: Arc<dyn Clock>, metrics: Arc<dyn Metrics>) -> Self {
        Self {
            views,
            clock,
            metrics,
            resting_until: Mutex::default(),
        }
    }

    fn is_resting(&self, tenant: &TenantSlug) -> bool {
        let resting = self.resting_until.lock();
        let resting = resting.unwrap_or_else(PoisonError::into_inner);
        resting
            .get(tenant)
            .is_some_and(|until| Instant::now() < *until)
    }

    fn rest(&self, tenant: &TenantSlug, reading_took: Duration) {
        let until = Instant::now() + reading_took * REST;
        let resting = self.resting_until.lock();
        let mut resting = resting.unwrap_or_else(PoisonError::into_inner);
        resting.insert(tenant.clone(), until);
    }
}

#[async_trait]
impl Reconciler for BacklogGauge {
    fn name(&self) -> &'static str {
        "backlog-gauge"
    }

    /// Several readings for every scrape of the usual 15 s.
    fn interval(&self) -> Duration {
        Duration::from_secs(5)
    }

    /// A reading leaves nothing to do, so there is never another portion.
    async fn run_once(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        if self.is_resting(tenant) {
            return Ok(0);
        }
        let began = Instant::now();
        let backlog = self.views.backlog(tenant, self.clock.now()).await?;
        self.metrics.backlog(tenant, &backlog);
        self.rest(tenant, began.elapsed());
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use hawker_ports::testing::{FrozenClock, InMemoryStore, RecordingMetrics};
    use tokio::time::advance;

    use super::*;
    use crate::testing::tenant;

    #[tokio::test(start_paused = true)]
    async fn a_backlog_that_took_long_to_read_is_not_read_again_soon() {
        let (large, small) = (tenant("large"), tenant("small"));
        let store = InMemoryStore::with_tenants([large.clone(), small.clone()]);
        let metrics = Arc::new(RecordingMetrics::default());
        let gauge = BacklogGauge::new(
            Arc::new(store),
            Arc::new(FrozenClock::default()),
            metrics.clone(),
        );
        let read = async |tenant: &TenantSlug| {
            let before = metrics.counted().len();
            gauge.run_once(tenant).await.expect("a reading");
            metrics.counted().len() > before
        };
        assert!(read(&large).await);
        gauge.rest(&large, Duration::from_secs(2));
        advance(Duration::from_secs(99)).await;
        assert!(!read(&large).await);
        assert!(read(&small).await, "it was quick");
        advance(Duration::from_secs(1)).await;
        assert!(read(&large).await);
    }
}
