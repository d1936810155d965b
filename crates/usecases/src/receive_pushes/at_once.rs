//! The short way of most pushes: verified by keys that were read a moment ago, they ask for nothing but to be
//! kept, and are stored without a unit of work.

use hawker_domain::TenantSlug;
use hawker_domain::event::{NewEvent, PushCode};
use hawker_ports::StoreError;
use hawker_ports::pushes::{IntakeCounts, ReceivedPush};

use super::{Consequences, ReceivePushes, Received};

impl ReceivePushes {
    /// Stores `batch` if that is all that it asks for; `None`, and nothing is stored, where it may ask for
    /// more, or by other keys.
    pub(super) async fn at_once(
        &self,
        tenant: &TenantSlug,
        batch: &[ReceivedPush],
    ) -> Result<Option<Received>, StoreError> {
        let Some(known) = self.keyrings.recent(tenant, self.clock.now()) else {
            return Ok(None);
        };
        let mut events = Vec::with_capacity(batch.len());
        for push in batch {
            let event = self.event(push, known.keyring.judge(push, &*self.reader));
            if !self.asks_only_to_be_kept(&event) {
                return Ok(None);
            }
            events.push(event);
        }
        let stored = self
            .store
            .store_at_once(tenant, self.connector, &known.version, &events)
            .await;
        let stored = match stored {
            Ok(Some(stored)) => stored,
            Ok(None) => {
                self.keyrings.forget(tenant);
                return Ok(None);
            }
            // A connection that the database has given up meanwhile, mostly: there are others. What was stored
            // all the same is found to be there.
            Err(StoreError::CommitUnknown(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let nothing = IntakeCounts::default();
        let received = self.account(&events, &stored, nothing, &mut Consequences::default());
        Ok(Some(received))
    }

    fn asks_only_to_be_kept(&self, event: &NewEvent) -> bool {
        let is_about_authorisations = matches!(
            PushCode(event.content.code),
            PushCode::AUTHORISED
                | PushCode::AUTHORISATION_CANCELLED
                | PushCode::AUTHORISATION_EXPIRY
        );
        event.is_trusted() && !is_about_authorisations && self.raised_by(event).is_empty()
    }
}
