//! The reconciler that learns until when returns are to be answered.

use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::TenantSlug;
use hawker_ports::StoreError;
use hawker_usecases::LearnReturnDeadlines;

use crate::reconciler::{Reconciler, StopWatch};

/// Learns the deadlines of returns.
pub struct ReturnDeadlines(LearnReturnDeadlines);

impl ReturnDeadlines {
    /// Learns by way of `learn`.
    pub const fn new(learn: LearnReturnDeadlines) -> Self {
        Self(learn)
    }
}

#[async_trait]
impl Reconciler for ReturnDeadlines {
    fn name(&self) -> &'static str {
        "return-deadlines"
    }

    /// A seller has days to answer; what changes is seen within minutes, for one call to each shop that
    /// has a case without a deadline to come.
    fn interval(&self) -> Duration {
        Duration::from_mins(5)
    }

    /// One look is all there is to it, however much it finds.
    async fn run_once(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        self.0.run(tenant).await.map(|_| 0)
    }

    /// Nothing is held while the marketplace is asked, and what was learnt is committed at once.
    async fn run_until(&self, tenant: &TenantSlug, stop: StopWatch) -> Result<u64, StoreError> {
        tokio::select! {
            looked = self.run_once(tenant) => looked,
            () = stop.patience() => Ok(0),
        }
    }
}
