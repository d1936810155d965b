//! A reconciler: background work without input that brings what is due up to date.

use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::TenantSlug;
use hawker_ports::StoreError;

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
}
