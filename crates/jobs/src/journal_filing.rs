//! Files the journal: at once where this process put something down, and every half a minute whatever another
//! one left behind.

mod filer;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::TenantSlug;
use hawker_ports::inbox::Filed;
use hawker_ports::pushes::IntakeCounts;
use hawker_ports::{Metrics, StoreError};

pub use self::filer::JournalFiler;
use crate::boundary::FileEvents;
use crate::due_tenants::DueTenants;
use crate::reconciler::Reconciler;

/// Files portions and tells of them. Cheap to clone.
#[derive(Clone)]
pub struct JournalFiling {
    file: Arc<dyn FileEvents>,
    due: Arc<DueTenants>,
    /// Whose journals may hold something.
    journals: Arc<DueTenants>,
    metrics: Arc<dyn Metrics>,
}

impl JournalFiling {
    /// Files by way of `file` the `journals` that it is told of; `due` learns of the work that was filed.
    pub fn new(
        file: Arc<dyn FileEvents>,
        due: Arc<DueTenants>,
        journals: Arc<DueTenants>,
        metrics: Arc<dyn Metrics>,
    ) -> Self {
        Self {
            file,
            due,
            journals,
            metrics,
        }
    }

    async fn portion(&self, tenant: &TenantSlug) -> Result<Filed, StoreError> {
        let filed = self.file.file(tenant).await?;
        let Filed {
            batches,
            stored,
            duplicates,
        } = filed;
        // A batch may have been divided, or put off.
        if stored > 0 || duplicates > 0 {
            self.metrics.pushes_stored(IntakeCounts {
                stored,
                duplicates,
                ..IntakeCounts::default()
            });
            tracing::debug!(event = "journal.filed", %tenant, batches, stored, duplicates);
        }
        if stored > 0 {
            self.due.filed(tenant, stored);
        }
        Ok(filed)
    }
}

/// Looks at every journal now and then.
#[async_trait]
impl Reconciler for JournalFiling {
    fn name(&self) -> &'static str {
        "journal-filing"
    }

    /// Only what a process that died left behind waits for this.
    fn interval(&self) -> Duration {
        Duration::from_secs(30)
    }

    async fn run_once(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        let batches = self.portion(tenant).await?.batches;
        if batches > 0 {
            // There may be many more, and nobody else knows of them.
            self.journals.add(tenant);
        }
        Ok(batches.into())
    }
}
