//! Claiming orders and reporting what became of them.

use std::collections::{BTreeMap, BTreeSet};

use hawker_domain::Timestamp;
use hawker_domain::channel::OrderKey;
use hawker_domain::event::{EventOutcome, EventSource};
use hawker_domain::ids::{EventId, LeaseId, OrderSyncId, ProfileId};

use crate::StoreError;
use crate::inbox::{ClaimRequest, ClaimedBatch, ClaimedOrder, OrderReport, WorkResult};
use crate::testing::store::state::{Next, State, SyncRow, refused};

impl State {
    pub(super) fn claim_orders(&mut self, request: &ClaimRequest) -> Option<ClaimedBatch> {
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
            .map(|key| self.lease_order(key, &profile, (*lease, *lease_until), *now))
            .collect();
        Some(ClaimedBatch {
            lease: *lease,
            connector: first.connector,
            environment: first.environment,
            profile,
            orders,
        })
    }

    fn lease_order(
        &mut self,
        key: OrderKey,
        profile: &ProfileId,
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
        let (first_source, first_heard_at) = self.first_heard(&key, now);
        let records = u128::try_from(self.syncs.len()).unwrap_or(u128::MAX);
        let sync = self.syncs.entry(key.clone()).or_insert_with(|| SyncRow {
            // As good as fresh: no other record is named after this event.
            id: OrderSyncId::of(records + 1),
            key: key.clone(),
            profile: profile.clone(),
            first_source,
            first_heard_at,
            order: None,
            lease: None,
            attempts: 0,
            has_failed: false,
            held_for: None,
            seen: None,
            seen_at: None,
            released_at: None,
            escrow_due_at: None,
            created_at: now,
        });
        sync.lease = Some(lease);
        sync.profile = profile.clone();
        ClaimedOrder {
            sync: sync.id,
            order_sn: key.order_sn,
            attempts: sync.attempts,
            events,
            tracking,
            hinted_at,
        }
    }

    /// By which road and when the earliest event that may be acted upon came.
    fn first_heard(&self, key: &OrderKey, now: Timestamp) -> (EventSource, Timestamp) {
        let of_order = self
            .events
            .iter()
            .filter(|row| row.order_key().as_ref() == Some(key));
        let earliest = of_order.min_by_key(|row| (row.event.received_at, row.event.id));
        earliest.map_or((EventSource::Manual, now), |row| {
            (row.event.source, row.event.received_at)
        })
    }

    pub(super) fn finish_order(
        &mut self,
        batch: &ClaimedBatch,
        report: &OrderReport,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let OrderReport {
            order_sn,
            events,
            result,
            seen,
            made,
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
            return match made {
                None => Ok(()),
                Some(_) => Err(refused("order", "its synchronisation record is not leased")),
            };
        };
        if let Some(made) = made {
            if sync.order.is_some_and(|known| known != made.order) {
                return Err(refused("order", "there is another order for its number"));
            }
            sync.order = Some(made.order);
            if made.escrow_due {
                sync.escrow_due_at = Some(now);
            }
        }
        sync.lease = None;
        let known = sync.seen.as_ref().map(|known| known.updated_at);
        if seen
            .as_ref()
            .is_some_and(|seen| Some(seen.updated_at) >= known)
        {
            sync.seen.clone_from(seen);
            sync.seen_at = Some(now);
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
        Ok(())
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
