//! The reconciler that keeps token pairs alive and warns before something about them ends.

use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::TenantSlug;
use hawker_ports::StoreError;
use hawker_usecases::CareForTokens;

use crate::reconciler::Reconciler;

/// Cares for tokens.
pub struct TokenCare(CareForTokens);

impl TokenCare {
    /// Cares by way of `care`.
    pub const fn new(care: CareForTokens) -> Self {
        Self(care)
    }
}

#[async_trait]
impl Reconciler for TokenCare {
    fn name(&self) -> &'static str {
        "token-care"
    }

    /// What ends does so in days; a minute is for whoever has just put something right and looks
    /// whether the warning goes away.
    fn interval(&self) -> Duration {
        Duration::from_mins(1)
    }

    async fn run_once(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        self.0.run(tenant).await
    }
}
