//! An operator asks for an event again.

use std::sync::Arc;

use hawker_domain::TenantSlug;
use hawker_domain::ids::EventId;
use hawker_ports::inbox::RetryOutcome;
use hawker_ports::{Clock, Store, StoreError};

/// Makes an event due again.
pub struct RetryEvent {
    /// Where it is.
    pub store: Arc<dyn Store>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

impl RetryEvent {
    /// Answers what the retry came to; the work itself is done by whichever process is serving.
    pub async fn run(
        &self,
        tenant: &TenantSlug,
        event: EventId,
    ) -> Result<RetryOutcome, StoreError> {
        let mut uow = self.store.begin(tenant).await?;
        let outcome = uow.inbox().retry(event, self.clock.now()).await?;
        uow.commit().await?;
        tracing::info!(event = "event.retried", event_id = %event, outcome = ?outcome);
        Ok(outcome)
    }
}
