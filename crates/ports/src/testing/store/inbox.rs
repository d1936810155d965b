//! Inbound events and the work that they ask for.

mod forget;
mod journal;
mod work;

use async_trait::async_trait;
use hawker_domain::channel::OrderKey;
use hawker_domain::event::{Disposition, NewEvent, Verdict};
use hawker_domain::ids::{EventId, LeaseId, ProfileId};
use hawker_domain::{ConnectorName, OrderSn, Timestamp};

use super::state::{EventRow, Next, State, refused};
use super::unit_of_work::InMemoryUnitOfWork;
use crate::StoreError;
use crate::inbox::{
    ClaimRequest, ClaimedBatch, Filed, FiledApart, Forgotten, Inbox, OrderReport, RefusedRest,
    RetryOutcome, SignedEvent, StoredAs, UnverifiedEvent,
};

#[async_trait]
impl Inbox for InMemoryUnitOfWork {
    async fn store(&mut self, events: &[NewEvent]) -> Result<Vec<StoredAs>, StoreError> {
        self.write(|state| {
            events
                .iter()
                .map(|event| state.store_event(event))
                .collect()
        })
        .await
    }

    async fn unverified_rows(
        &mut self,
        profile: Option<&ProfileId>,
        at_most: u32,
    ) -> Result<u32, StoreError> {
        self.read(|state| {
            let unverified = state
                .events
                .iter()
                .filter(|row| !row.event.is_trusted() && row.event.profile.as_ref() == profile);
            (0..at_most).zip(unverified).map(|_| 1).sum()
        })
    }

    async fn unverified(
        &mut self,
        connector: ConnectorName,
        after: Option<EventId>,
        at_most: u32,
    ) -> Result<Vec<UnverifiedEvent>, StoreError> {
        self.read(|state| {
            let mut kept: Vec<_> = state
                .events
                .iter()
                .map(|row| &row.event)
                .filter(|event| event.connector == connector && !event.is_trusted())
                .filter(|event| after.is_none_or(|after| event.id > after))
                .collect();
            kept.sort_by_key(|event| event.id);
            kept.truncate(usize::try_from(at_most).unwrap_or(usize::MAX));
            kept.into_iter().map(as_unverified).collect()
        })
    }

    async fn signed(&mut self, id: EventId) -> Result<Option<SignedEvent>, StoreError> {
        self.read(|state| {
            let row = state.events.iter().find(|row| row.event.id == id);
            row.map(|row| as_signed(&row.event))
        })
    }

    async fn trust(&mut self, events: &[NewEvent]) -> Result<Vec<StoredAs>, StoreError> {
        self.write(|state| events.iter().map(|event| state.trust(event)).collect())
            .await
    }

    async fn claim(&mut self, request: &ClaimRequest) -> Result<Option<ClaimedBatch>, StoreError> {
        self.write(|state| Ok(state.claim_orders(request))).await
    }

    async fn finish(
        &mut self,
        batch: &ClaimedBatch,
        reports: &[OrderReport],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(|state| {
            let mut reports = reports.iter();
            reports.try_for_each(|report| state.finish_order(batch, report, now))
        })
        .await
    }

    async fn give_back(&mut self, lease: LeaseId) -> Result<(), StoreError> {
        self.write(|state| {
            for sync in state
                .syncs
                .values_mut()
                .filter(|sync| sync.is_held_by(lease))
            {
                sync.lease = None;
            }
            Ok(())
        })
        .await
    }

    async fn wake(&mut self, profile: &ProfileId, now: Timestamp) -> Result<(), StoreError> {
        self.write(|state| {
            for row in &mut state.events {
                let rests = matches!(row.next, Next::At(at) if at > now);
                if row.event.profile.as_ref() == Some(profile) && row.done.is_none() && rests {
                    row.next = Next::At(now);
                }
            }
            Ok(())
        })
        .await
    }

    async fn find_order(
        &mut self,
        connector: ConnectorName,
        order_sn: &OrderSn,
    ) -> Result<Vec<(OrderKey, ProfileId)>, StoreError> {
        self.read(|state| {
            let known = state
                .syncs
                .values()
                .filter(|sync| sync.key.connector == connector && sync.key.order_sn == *order_sn);
            known
                .map(|sync| (sync.key.clone(), sync.profile.clone()))
                .collect()
        })
    }

    async fn retry_orders(
        &mut self,
        orders: &[OrderKey],
        now: Timestamp,
    ) -> Result<Vec<bool>, StoreError> {
        self.write(|state| {
            let retried = orders.iter().map(|key| {
                let is_workable =
                    |row: &EventRow| row.is_pending_for(key) && row.event.profile.is_some();
                let has_any = state.events.iter().any(is_workable);
                state.make_due(key, now);
                has_any
            });
            Ok(retried.collect())
        })
        .await
    }

    async fn retry(&mut self, event: EventId, now: Timestamp) -> Result<RetryOutcome, StoreError> {
        self.write(|state| {
            let Some(row) = state.events.iter_mut().find(|row| row.event.id == event) else {
                return Ok(RetryOutcome::NotFound);
            };
            let Some(key) = row.order_key().filter(|_| row.event.profile.is_some()) else {
                return Ok(RetryOutcome::NothingToDo);
            };
            row.done = None;
            row.next = Next::At(now);
            if let Some(sync) = state.syncs.get_mut(&key) {
                sync.attempts = 0;
            }
            Ok(RetryOutcome::Due)
        })
        .await
    }

    async fn forget_processed(
        &mut self,
        before: Timestamp,
        after: Option<EventId>,
        at_most: u32,
    ) -> Result<Forgotten, StoreError> {
        self.write(|state| Ok(state.forget_processed(before, after, at_most)))
            .await
    }

    async fn forget_unverified(
        &mut self,
        before: Timestamp,
        after: Option<EventId>,
        at_most: u32,
    ) -> Result<Forgotten, StoreError> {
        self.write(|state| Ok(state.forget_unverified(before, after, at_most)))
            .await
    }

    async fn file_journal(
        &mut self,
        now: Timestamp,
        batches_max: u32,
    ) -> Result<Filed, StoreError> {
        self.write(|state| state.file_journal(now, batches_max))
            .await
    }

    async fn file_journal_apart(
        &mut self,
        now: Timestamp,
        rest: RefusedRest,
    ) -> Result<FiledApart, StoreError> {
        self.write(|state| Ok(state.file_journal_apart(now, rest)))
            .await
    }
}

impl State {
    fn store_event(&mut self, event: &NewEvent) -> Result<StoredAs, StoreError> {
        let is_comparable = |known: &NewEvent| {
            event.is_trusted()
                && known.is_trusted()
                && (known.connector, known.environment) == (event.connector, event.environment)
        };
        let is_same = |known: &&mut EventRow| {
            is_comparable(&known.event)
                && known.event.content.content_key == event.content.content_key
        };
        if let Some(known) = self.events.iter_mut().find(is_same) {
            return Ok(known.repeated_by(event));
        }
        let has_its_delivery_id = |known: &EventRow| {
            is_comparable(&known.event) && known.event.delivery_id == event.delivery_id
        };
        let delivery_id = event
            .delivery_id
            .clone()
            .filter(|_| !self.events.iter().any(has_its_delivery_id));
        if self.events.iter().any(|known| known.event.id == event.id) {
            return Err(refused("event", "the id is taken"));
        }
        let (next, done) = match event.disposition {
            Disposition::Due => (Next::At(event.received_at), None),
            Disposition::Finished(outcome) => (
                Next::At(event.received_at),
                Some((event.received_at, outcome)),
            ),
            Disposition::Parked => (Next::Parked, None),
        };
        self.events.push(EventRow {
            event: NewEvent {
                delivery_id,
                ..event.clone()
            },
            next,
            done,
        });
        Ok(StoredAs::New)
    }

    fn trust(&mut self, event: &NewEvent) -> Result<StoredAs, StoreError> {
        let is_it = |row: &EventRow| row.event.id == event.id && !row.event.is_trusted();
        let Some(place) = self.events.iter().position(is_it) else {
            return Ok(StoredAs::Duplicate);
        };
        self.events.remove(place);
        self.store_event(event)
    }
}

fn as_unverified(event: &NewEvent) -> UnverifiedEvent {
    UnverifiedEvent {
        id: event.id,
        environment: event.environment,
        profile: event.profile.clone(),
        received_at: event.received_at,
        body: event.body.clone(),
        signature: event.signature.clone(),
        delivery_id: event.delivery_id.clone(),
    }
}

fn as_signed(event: &NewEvent) -> SignedEvent {
    let proof = match event.verdict {
        Some(Verdict::Genuine { scheme, key }) => Some((scheme, key)),
        Some(Verdict::Mismatch | Verdict::NoKey) | None => None,
    };
    SignedEvent {
        push: as_unverified(event),
        connector: event.connector,
        source: event.source,
        is_trusted: event.is_trusted(),
        scheme: proof.map(|(scheme, _)| scheme),
        key: proof.map(|(_, key)| key),
    }
}
