//! The reconciler that learns the tracking numbers of parcels that no push told.

use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::TenantSlug;
use hawker_ports::StoreError;
use hawker_usecases::LearnTrackingNumbers;

use crate::reconciler::{Reconciler, StopWatch};

/// Learns tracking numbers.
pub struct TrackingNumbers(LearnTrackingNumbers);

impl TrackingNumbers {
    /// Learns by way of `learn`.
    pub const fn new(learn: LearnTrackingNumbers) -> Self {
        Self(learn)
    }
}

#[async_trait]
impl Reconciler for TrackingNumbers {
    fn name(&self) -> &'static str {
        "tracking-numbers"
    }

    /// A push comes sooner where it comes at all; what is due by then shares its calls.
    fn interval(&self) -> Duration {
        Duration::from_mins(5)
    }

    async fn run_once(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        self.0.run(tenant).await
    }

    /// Nothing is held while the marketplace is asked, what was learnt is committed at once, and what
    /// was not asked for has its next time.
    async fn run_until(&self, tenant: &TenantSlug, stop: StopWatch) -> Result<u64, StoreError> {
        tokio::select! {
            looked = self.run_once(tenant) => looked,
            () = stop.patience() => Ok(0),
        }
    }
}
