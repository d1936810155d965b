//! The reconciler that captures what is paid out for completed orders.

use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::TenantSlug;
use hawker_ports::StoreError;
use hawker_usecases::CaptureEscrow;

use crate::reconciler::{Reconciler, StopWatch};

/// Captures payouts.
pub struct EscrowCapture(CaptureEscrow);

impl EscrowCapture {
    /// Captures by way of `capture`.
    pub const fn new(capture: CaptureEscrow) -> Self {
        Self(capture)
    }
}

#[async_trait]
impl Reconciler for EscrowCapture {
    fn name(&self) -> &'static str {
        "escrow-capture"
    }

    /// A payout is there seconds after its order is completed, for an empty query now and then.
    fn interval(&self) -> Duration {
        Duration::from_secs(5)
    }

    async fn run_once(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        self.0.run(tenant).await.map(u64::from)
    }

    async fn run_until(&self, tenant: &TenantSlug, stop: StopWatch) -> Result<u64, StoreError> {
        let is_stopping = || stop.is_stopping();
        let captured = self
            .0
            .run_until(tenant, is_stopping, stop.clone().patience());
        captured.await.map(u64::from)
    }
}
