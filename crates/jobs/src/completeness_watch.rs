//! The reconciler that looks whether orders are missing that the marketplace lists.

use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::TenantSlug;
use hawker_ports::StoreError;
use hawker_usecases::WatchCompleteness;

use crate::reconciler::Reconciler;

/// Watches completeness.
pub struct CompletenessWatch(WatchCompleteness);

impl CompletenessWatch {
    /// Watches by way of `watch`.
    pub const fn new(watch: WatchCompleteness) -> Self {
        Self(watch)
    }
}

#[async_trait]
impl Reconciler for CompletenessWatch {
    fn name(&self) -> &'static str {
        "completeness-watch"
    }

    /// A difference is a matter of minutes: what was just listed is being fetched.
    fn interval(&self) -> Duration {
        Duration::from_mins(1)
    }

    /// One look is all there is to it, however much it finds.
    async fn run_once(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        self.0.run(tenant).await.map(|_| 0)
    }
}
