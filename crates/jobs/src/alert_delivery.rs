//! The reconciler that hands waiting alerts to the sink.

use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::TenantSlug;
use hawker_ports::StoreError;
use hawker_usecases::DeliverAlerts;

use crate::reconciler::Reconciler;

/// Delivers alerts.
pub struct AlertDelivery(DeliverAlerts);

impl AlertDelivery {
    /// Delivers by way of `deliver`.
    pub const fn new(deliver: DeliverAlerts) -> Self {
        Self(deliver)
    }
}

#[async_trait]
impl Reconciler for AlertDelivery {
    fn name(&self) -> &'static str {
        "alert-delivery"
    }

    /// A person waits for an alert; a second is nothing to them and an empty query to the store.
    fn interval(&self) -> Duration {
        Duration::from_secs(1)
    }

    async fn run_once(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        self.0.run(tenant).await.map(u64::from)
    }
}
