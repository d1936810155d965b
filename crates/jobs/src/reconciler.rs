//! A reconciler: background work without input that brings what is due up to date.

use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::TenantSlug;
use hawker_ports::StoreError;

use crate::tasks::StopSignal;

/// How long a run may still wait for somebody else once the process is asked to stop.
const FINISH_WITHIN: Duration = Duration::from_secs(3);

/// Tells a run that the process is asked to stop.
#[derive(Clone)]
pub struct StopWatch(StopSignal);

impl StopWatch {
    pub(crate) const fn of(signal: StopSignal) -> Self {
        Self(signal)
    }

    /// Whether nothing more is to be begun.
    pub fn is_stopping(&self) -> bool {
        self.0.is_given()
    }

    /// Ends when what was begun is to be broken off.
    pub async fn patience(mut self) {
        self.0.given().await;
        tokio::time::sleep(FINISH_WITHIN).await;
    }
}

/// Work that is repeated for every tenant. Safe to run twice and in two processes at once; the
/// first try and every later one take the same path.
#[async_trait]
pub trait Reconciler: Send + Sync {
    /// Its name in logs and metrics, in kebab-case.
    fn name(&self) -> &'static str;

    /// How long after one pass over all tenants the next begins.
    fn interval(&self) -> Duration;

    /// Works on what is due for one tenant, in a bounded portion; answers how much that was. As
    /// long as it is more than nothing, another portion follows at once.
    async fn run_once(&self, tenant: &TenantSlug) -> Result<u64, StoreError>;

    /// The same for a run that waits for somebody else: it heeds the stop, gives back what it has
    /// not done, and is no longer waited for when the patience has ended. A run that only asks the
    /// store is short and need not.
    async fn run_until(&self, tenant: &TenantSlug, _: StopWatch) -> Result<u64, StoreError> {
        self.run_once(tenant).await
    }
}
