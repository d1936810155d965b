//! Resolve the oversold exceptions of variants of which enough is there again, by whatever path the
//! stock came in.

use std::sync::Arc;

use hawker_domain::TenantSlug;
use hawker_ports::{Clock, Store, StoreError};

/// Resolves oversold exceptions.
pub struct ClearRestocked {
    /// Where they are.
    pub store: Arc<dyn Store>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

impl ClearRestocked {
    /// Answers how many were resolved.
    pub async fn run(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        let mut uow = self.store.begin(tenant).await?;
        let resolved = uow.exceptions().clear_restocked(self.clock.now()).await?;
        uow.commit().await?;
        if resolved > 0 {
            tracing::info!(
                event = "exception.resolved",
                error_class = "oversold",
                count = resolved
            );
        }
        Ok(resolved)
    }
}
