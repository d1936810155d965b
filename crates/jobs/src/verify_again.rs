//! The reconciler that judges unverified pushes again once a key or URL was saved, by whatever path.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::TenantSlug;
use hawker_ports::StoreError;
use hawker_usecases::VerifyAgain;
use hawker_usecases::receive_pushes::Progress;

use crate::reconciler::Reconciler;

/// Verifies again.
pub struct Reverification {
    verify: VerifyAgain,
    /// How far each tenant is; only saves work, so a process begins without it.
    progress: Mutex<HashMap<TenantSlug, Progress>>,
}

impl Reverification {
    /// Verifies by way of `verify`.
    pub fn new(verify: VerifyAgain) -> Self {
        Self {
            verify,
            progress: Mutex::default(),
        }
    }
}

#[async_trait]
impl Reconciler for Reverification {
    fn name(&self) -> &'static str {
        "verify-again"
    }

    /// Whoever saves a key looks whether it helped, with a little patience; as long as nothing was
    /// saved, this is a query for the profiles.
    fn interval(&self) -> Duration {
        Duration::from_secs(30)
    }

    async fn run_once(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        let locked = || self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let progress = locked().get(tenant).copied().unwrap_or_default();
        let verified = self.verify.run(tenant, progress).await?;
        locked().insert(tenant.clone(), verified.progress);
        Ok(verified.judged.into())
    }
}
