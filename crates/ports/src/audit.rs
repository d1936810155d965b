//! The audit log.

use async_trait::async_trait;
use hawker_domain::audit::AuditEntry;

use crate::StoreError;

/// Who did what. Entries are only ever added, in the unit of work of the deed itself.
#[async_trait]
pub trait AuditLog: Send {
    /// Adds entries.
    async fn record(&mut self, entries: &[AuditEntry]) -> Result<(), StoreError>;
}
