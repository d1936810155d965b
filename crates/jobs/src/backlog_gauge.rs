//! The reconciler that reads how much work waits, for the metrics.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::TenantSlug;
use hawker_ports::views::Views;
use hawker_ports::{Clock, Metrics, StoreError};

use crate::reconciler::Reconciler;

/// Reads the backlog.
pub struct BacklogGauge {
    views: Arc<dyn Views>,
    clock: Arc<dyn Clock>,
    metrics: Arc<dyn Metrics>,
}

impl BacklogGauge {
    /// Reads from `views` and shows on `metrics`.
    pub fn new(views: Arc<dyn Views>, clock: Arc<dyn Clock>, metrics: Arc<dyn Metrics>) -> Self {
        Self {
            views,
            clock,
            metrics,
        }
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
        let backlog = self.views.backlog(tenant, self.clock.now()).await?;
        self.metrics.backlog(tenant, &backlog);
        Ok(0)
    }
}
