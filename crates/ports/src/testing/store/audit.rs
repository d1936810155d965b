//! The audit log: entries are only ever added.

use async_trait::async_trait;
use hawker_domain::audit::AuditEntry;

use super::state::refused;
use super::unit_of_work::InMemoryUnitOfWork;
use crate::StoreError;
use crate::audit::AuditLog;

#[async_trait]
impl AuditLog for InMemoryUnitOfWork {
    async fn record(&mut self, entries: &[AuditEntry]) -> Result<(), StoreError> {
        self.write(|state| {
            for entry in entries {
                if state.audit.iter().any(|known| known.id == entry.id) {
                    return Err(refused("audit entry", "the id is taken"));
                }
                state.audit.push(entry.clone());
            }
            Ok(())
        })
        .await
    }
}
