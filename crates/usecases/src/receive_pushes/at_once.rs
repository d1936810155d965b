//! The short way of most pushes: verified by keys that were read a moment ago, they ask for nothing but to be
//! kept, and are stored without a unit of work.

use hawker_domain::TenantSlug;
use hawker_domain::event::{Disposition, NewEvent, PushCode};
use hawker_ports::StoreError;
use hawker_ports::pushes::{IntakeCounts, ReceivedPush};

use super::keyrings::Known;
use super::{Consequences, ReceivePushes, Received};
use crate::file_journal::Held;

/// From so many pushes on a batch is put down in the journal: everybody in it waits for one row, and not for the
/// rows of all. One that comes alone is stored at once and is in the inbox when it is acknowledged.
const CROWD: usize = 2;

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
        if let Some(received) = self.as_a_crowd(tenant, &known, &events).await? {
            return Ok(Some(received));
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

    /// Puts down events that are many and all ask for work: looking for each of them in the inbox is left to
    /// whoever files the journal.
    async fn as_a_crowd(
        &self,
        tenant: &TenantSlug,
        known: &Known,
        events: &[NewEvent],
    ) -> Result<Option<Received>, StoreError> {
        let asks_for_work = |event: &NewEvent| event.disposition == Disposition::Due;
        let is_crowd = events.len() >= CROWD && self.journal.has_room();
        if !is_crowd || !events.iter().all(asks_for_work) {
            return Ok(None);
        }
        // Before it is there: it may be filed before this knows that it was put down.
        self.journal.grew(tenant, events.len());
        let put = self
            .store
            .put_in_journal(tenant, self.connector, &known.version, events)
            .await;
        if !matches!(put, Ok(true)) {
            let (pushes, batches) = (events.len(), 1);
            self.journal.sank(tenant, Held { pushes, batches });
        }
        match put {
            Ok(true) => {
                tracing::debug!(event = "push.journalled", %tenant, pushes = events.len());
                Ok(Some(Received {
                    is_journalled: true,
                    ..Received::default()
                }))
            }
            // As below; what is in the journal all the same is found to be there when it is filed.
            Ok(false) | Err(StoreError::CommitUnknown(_)) => Ok(None),
            Err(error) => Err(error),
        }
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
