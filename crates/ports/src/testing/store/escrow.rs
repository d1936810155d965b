//! Payouts: orders that are due, and what was captured.

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::channel::OrderKey;
use hawker_domain::escrow::Escrow;
use hawker_domain::ids::ProfileId;

use super::state::{State, SyncRow};
use super::unit_of_work::InMemoryUnitOfWork;
use crate::StoreError;
use crate::escrow::{DueEscrow, EscrowRepository};

#[async_trait]
impl EscrowRepository for InMemoryUnitOfWork {
    async fn claim_due(
        &mut self,
        now: Timestamp,
        lease_until: Timestamp,
        at_most: u32,
    ) -> Result<Vec<DueEscrow>, StoreError> {
        self.write(|state| {
            let State { syncs, orders, .. } = state;
            let mut due: Vec<_> = syncs
                .values_mut()
                .filter_map(|sync| Some((sync.escrow_due_at.filter(|at| *at <= now)?, sync)))
                .collect();
            due.sort_by_key(|(at, sync)| (*at, sync.id));
            due.truncate(usize::try_from(at_most).unwrap_or(usize::MAX));
            let claimed = due.into_iter().filter_map(|(_, sync)| {
                let order = &orders.get(&sync.order?)?.order;
                sync.escrow_due_at = Some(lease_until);
                Some(DueEscrow {
                    sync: sync.id,
                    key: sync.key.clone(),
                    profile: order.profile.clone(),
                    currency: order.currency,
                    completed_at: order.marketplace_updated_at,
                    leased_until: lease_until,
                })
            });
            Ok(claimed.collect())
        })
        .await
    }

    async fn keep(&mut self, escrows: &[Escrow]) -> Result<(), StoreError> {
        self.write(|state| {
            for escrow in escrows {
                let mut kept = escrow.clone();
                if let Some(known) = state.escrows.get(&escrow.key) {
                    if known.fetched_at > escrow.fetched_at {
                        continue;
                    }
                    kept.released_at = escrow.released_at.or(known.released_at);
                }
                state.escrows.insert(escrow.key.clone(), kept);
            }
            Ok(())
        })
        .await
    }

    async fn find(&mut self, order: &OrderKey) -> Result<Option<Escrow>, StoreError> {
        self.read(|state| state.escrows.get(order).cloned())
    }

    async fn finish(&mut self, claimed: &[DueEscrow]) -> Result<(), StoreError> {
        self.write(|state| {
            state.report_escrows(claimed, None);
            Ok(())
        })
        .await
    }

    async fn postpone(
        &mut self,
        claimed: &[DueEscrow],
        until: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(|state| {
            state.report_escrows(claimed, Some(until));
            Ok(())
        })
        .await
    }

    async fn rest(
        &mut self,
        profile: &ProfileId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(|state| {
            let State { syncs, orders, .. } = state;
            let is_of_profile = |sync: &SyncRow| {
                sync.order
                    .and_then(|id| orders.get(&id))
                    .is_some_and(|row| row.order.profile == *profile)
            };
            for sync in syncs.values_mut().filter(|sync| is_of_profile(sync)) {
                if sync.escrow_due_at.is_some_and(|at| at <= now) {
                    sync.escrow_due_at = Some(until);
                }
            }
            Ok(())
        })
        .await
    }
}

impl State {
    /// Reports on orders that their claims still hold.
    fn report_escrows(&mut self, claimed: &[DueEscrow], due_at: Option<Timestamp>) {
        for claim in claimed {
            if let Some(sync) = self.syncs.get_mut(&claim.key)
                && sync.escrow_due_at == Some(claim.leased_until)
            {
                sync.escrow_due_at = due_at;
            }
        }
    }
}
