//! Inbound events and the work that they ask for.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use hawker_domain::channel::OrderKey;
use hawker_domain::event::{Disposition, EventOutcome, NewEvent, Verdict};
use hawker_domain::ids::{EventId, LeaseId, OrderSyncId, ProfileId};
use hawker_domain::{ConnectorName, Timestamp};

use super::state::{EventRow, Next, State, SyncRow, refused};
use super::unit_of_work::InMemoryUnitOfWork;
use crate::StoreError;
use crate::inbox::{
    ClaimRequest, ClaimedBatch, ClaimedOrder, Inbox, OrderReport, RetryOutcome, SignedEvent,
    StoredAs, UnverifiedEvent, WorkResult,
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
            for report in reports {
                state.finish_order(batch, report, now);
            }
            Ok(())
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

    fn claim_orders(&mut self, request: &ClaimRequest) -> Option<ClaimedBatch> {
        let ClaimRequest {
            lease,
            now,
            lease_until,
            orders_max,
            except,
        } = request;
        let mut due: Vec<_> = self
            .events
            .iter()
            .filter_map(|row| {
                let profile = row.event.profile.as_ref()?;
                let key = row.order_key()?;
                let is_leased = |sync: &SyncRow| sync.is_leased(*now);
                let is_free =
                    !except.contains(profile) && !self.syncs.get(&key).is_some_and(is_leased);
                let waits = (row.due_since(*now)?, row.event.id);
                is_free.then(|| (waits, profile.clone(), key))
            })
            .collect();
        due.sort();
        let (_, profile, first) = due.first()?.clone();
        let mut keys = Vec::new();
        for (_, of, key) in due {
            let is_of_batch = of == profile
                && (key.connector, key.environment) == (first.connector, first.environment);
            if is_of_batch && !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys.truncate(usize::try_from(*orders_max).unwrap_or(usize::MAX));
        let orders = keys
            .into_iter()
            .map(|key| self.lease_order(key, (*lease, *lease_until), *now));
        Some(ClaimedBatch {
            lease: *lease,
            connector: first.connector,
            environment: first.environment,
            profile,
            orders: orders.collect(),
        })
    }

    fn lease_order(
        &mut self,
        key: OrderKey,
        lease: (LeaseId, Timestamp),
        now: Timestamp,
    ) -> ClaimedOrder {
        let mut pending: Vec<_> = self
            .events
            .iter()
            .filter(|row| row.is_pending_for(&key))
            .map(|row| &row.event)
            .collect();
        pending.sort_by_key(|event| (event.received_at, event.id));
        let events: Vec<_> = pending.iter().map(|event| event.id).collect();
        let tracking = pending
            .iter()
            .filter_map(|event| event.content.tracking.clone())
            .collect();
        let hinted_at = pending
            .iter()
            .filter_map(|event| event.content.updated_at)
            .max();
        let records = u128::try_from(self.syncs.len()).unwrap_or(u128::MAX);
        let sync = self.syncs.entry(key.clone()).or_insert_with(|| SyncRow {
            // As good as fresh: no other record is named after this event.
            id: OrderSyncId::of(records + 1),
            key: key.clone(),
            order: None,
            lease: None,
            attempts: 0,
            has_failed: false,
            held_for: None,
            seen: None,
            escrow_due_at: None,
            created_at: now,
        });
        sync.lease = Some(lease);
        ClaimedOrder {
            sync: sync.id,
            order_sn: key.order_sn,
            attempts: sync.attempts,
            events,
            tracking,
            hinted_at,
        }
    }

    fn finish_order(&mut self, batch: &ClaimedBatch, report: &OrderReport, now: Timestamp) {
        let OrderReport {
            order_sn,
            events,
            result,
            seen,
        } = report;
        let key = OrderKey {
            connector: batch.connector,
            environment: batch.environment,
            order_sn: order_sn.clone(),
        };
        let is_addable = match result {
            WorkResult::Held { missing_skus } => missing_skus.iter().any(|sku| self.has_sku(sku)),
            _ => false,
        };
        let Some(sync) = self
            .syncs
            .get_mut(&key)
            .filter(|sync| sync.is_held_by(batch.lease))
        else {
            return;
        };
        sync.lease = None;
        if seen.is_some() {
            sync.seen.clone_from(seen);
        }
        let next = match result {
            WorkResult::Done(_) => {
                sync.attempts = 0;
                sync.has_failed = false;
                sync.held_for = None;
                Next::At(now)
            }
            WorkResult::TryAgain { at } => {
                sync.attempts += 1;
                Next::At(*at)
            }
            WorkResult::Postponed { until } => Next::At(*until),
            WorkResult::Held { missing_skus } => {
                sync.held_for = Some(missing_skus.iter().cloned().collect::<BTreeSet<_>>());
                // A SKU that came while the order was being worked on releases it just the same.
                if is_addable {
                    Next::At(now)
                } else {
                    Next::Parked
                }
            }
            WorkResult::GaveUp => {
                sync.has_failed = true;
                Next::Parked
            }
        };
        let outcome = match result {
            WorkResult::Done(outcome) => Some(*outcome),
            _ => None,
        };
        self.settle_events(&key, events, next, outcome.map(|outcome| (now, outcome)));
    }

    fn settle_events(
        &mut self,
        key: &OrderKey,
        covered: &[EventId],
        next: Next,
        done: Option<(Timestamp, EventOutcome)>,
    ) {
        let mut pending: BTreeMap<_, _> = self
            .events
            .iter_mut()
            .filter(|row| row.is_pending_for(key))
            .map(|row| (row.event.id, row))
            .collect();
        for id in covered {
            if let Some(row) = pending.get_mut(id) {
                row.next = next;
                row.done = done;
            }
        }
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
