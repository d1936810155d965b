//! The reconciler that tells of exceptions: together where they have one cause.

use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::TenantSlug;
use hawker_ports::StoreError;
use hawker_usecases::TellAlerts;

use crate::reconciler::Reconciler;

/// Tells of exceptions.
pub struct AlertTelling(TellAlerts);

impl AlertTelling {
    /// Tells by way of `tell`.
    pub const fn new(tell: TellAlerts) -> Self {
        Self(tell)
    }
}

#[async_trait]
impl Reconciler for AlertTelling {
    fn name(&self) -> &'static str {
        "alert-telling"
    }

    /// How soon an exception is seen; how long its thread gathers is a matter of the policy.
    fn interval(&self) -> Duration {
        Duration::from_secs(1)
    }

    async fn run_once(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        self.0.run(tenant).await
    }
}
