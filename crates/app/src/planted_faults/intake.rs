//! An intake that acknowledges what it did not store.

use std::sync::Arc;

use async_trait::async_trait;
use hawker_domain::TenantSlug;
use hawker_jobs::StorePushes;
use hawker_ports::StoreError;
use hawker_ports::pushes::ReceivedPush;
use hawker_usecases::receive_pushes::Received;

use super::Turns;

/// An intake that forgets every third batch.
pub(super) struct ForgetfulIntake {
    pub(super) intake: Arc<dyn StorePushes>,
    pub(super) turns: Turns,
}

#[async_trait]
impl StorePushes for ForgetfulIntake {
    async fn store(
        &self,
        tenant: &TenantSlug,
        batch: &[ReceivedPush],
    ) -> Result<Received, StoreError> {
        if self.turns.is_every(3) {
            return Ok(Received::default());
        }
        self.intake.store(tenant, batch).await
    }
}
