//! The reconciler that looks now and then whether a profile's shop still authorises the app and how
//! the marketplace judges our answers to its pushes.

use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::TenantSlug;
use hawker_ports::StoreError;
use hawker_usecases::WatchConnections;

use crate::reconciler::Reconciler;

/// Watches connections.
pub struct ConnectionWatch(WatchConnections);

impl ConnectionWatch {
    /// Watches by way of `watch`.
    pub const fn new(watch: WatchConnections) -> Self {
        Self(watch)
    }
}

#[async_trait]
impl Reconciler for ConnectionWatch {
    fn name(&self) -> &'static str {
        "connection-watch"
    }

    /// How soon it is looked once a profile is due; when it is due is a matter of the profile. A push
    /// that an authorisation was taken back may name no shop, and calls are to stop at once.
    fn interval(&self) -> Duration {
        Duration::from_secs(5)
    }

    async fn run_once(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        self.0.run(tenant).await
    }
}
