//! The reconciler that resolves oversold exceptions once enough stock is there.

use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::TenantSlug;
use hawker_ports::StoreError;
use hawker_usecases::ClearRestocked;

use crate::reconciler::Reconciler;

/// Checks for restocked variants.
pub struct RestockCheck(ClearRestocked);

impl RestockCheck {
    /// Clears by way of `clear`.
    pub const fn new(clear: ClearRestocked) -> Self {
        Self(clear)
    }
}

#[async_trait]
impl Reconciler for RestockCheck {
    fn name(&self) -> &'static str {
        "restock-check"
    }

    /// Stock comes in by many paths, plain SQL included, and none of them wakes anybody.
    fn interval(&self) -> Duration {
        Duration::from_secs(5)
    }

    async fn run_once(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        self.0.run(tenant).await
    }
}
