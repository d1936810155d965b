//! From the profile that a push URL names to the tenant that it belongs to.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use hawker_domain::TenantSlug;
use hawker_domain::ids::ProfileId;
use hawker_ports::StoreError;
use hawker_ports::tenants::TenantDirectory;

/// How long looking a profile up may take: a push has little time, and most of it is for storing.
const LOOK_UP_MAX: Duration = Duration::from_millis(500);

/// Why the tenant of a push is not known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RouteError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the tenant directory did not answer in time")]
    TooSlow,
}

/// Finds tenants of profiles. A profile never moves, so what was found once is kept; what was not
/// found is asked for again, because a profile may be set up at any moment.
pub(crate) struct TenantRouter {
    directory: Arc<dyn TenantDirectory>,
    known: RwLock<HashMap<ProfileId, TenantSlug>>,
}

impl TenantRouter {
    pub(crate) fn over(directory: Arc<dyn TenantDirectory>) -> Self {
        Self {
            directory,
            known: RwLock::default(),
        }
    }

    /// The tenant of a profile; the default tenant without one, and for one that nobody knows.
    pub(crate) async fn route(
        &self,
        profile: Option<&ProfileId>,
    ) -> Result<TenantSlug, RouteError> {
        let Some(profile) = profile else {
            return Ok(TenantSlug::default_tenant());
        };
        if let Some(tenant) = self.known(profile) {
            return Ok(tenant);
        }
        let look_up = self.directory.tenant_of(profile);
        let found = tokio::time::timeout(LOOK_UP_MAX, look_up).await;
        let Some(tenant) = found.map_err(|_| RouteError::TooSlow)?? else {
            return Ok(TenantSlug::default_tenant());
        };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(profile.clone(), tenant.clone());
        Ok(tenant)
    }

    fn known(&self, profile: &ProfileId) -> Option<TenantSlug> {
        self.known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(profile)
            .cloned()
    }
}
