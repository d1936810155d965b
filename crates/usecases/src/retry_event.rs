//! An operator asks for an event again.

use std::sync::Arc;

use hawker_domain::audit::{Actor, AuditEntry};
use hawker_domain::ids::EventId;
use hawker_domain::{IdSource, TenantSlug};
use hawker_ports::inbox::RetryOutcome;
use hawker_ports::{Clock, Store, StoreError};

/// Makes an event due again.
pub struct RetryEvent {
    /// Where it is.
    pub store: Arc<dyn Store>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
}

impl RetryEvent {
    /// Answers what the retry came to; the work itself is done by whichever process is serving.
    pub async fn run(
        &self,
        tenant: &TenantSlug,
        actor: &Actor,
        event: EventId,
    ) -> Result<RetryOutcome, StoreError> {
        let mut uow = self.store.begin(tenant).await?;
        let now = self.clock.now();
        let outcome = uow.inbox().retry(event, now).await?;
        if outcome == RetryOutcome::Due {
            let subject = format!("event:{event}");
            let entry = AuditEntry::new(actor, "event.retried", subject, now, &*self.ids);
            uow.audit().record(&[entry]).await?;
        }
        uow.commit().await?;
        tracing::info!(
            event = "event.retried", event_id = %event, outcome = ?outcome, actor = actor.as_str(),
        );
        Ok(outcome)
    }
}
