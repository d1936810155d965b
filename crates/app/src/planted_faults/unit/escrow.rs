//! Payouts.

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::channel::OrderKey;
use hawker_domain::escrow::{Escrow, VersionCause};
use hawker_domain::ids::ProfileId;
use hawker_ports::StoreError;
use hawker_ports::escrow::{DueEscrow, EscrowRepository, ReleaseOutcome};
use hawker_ports::reconciliation::OrdersOf;
use hawker_ports::recovery::Release;

use super::SpoiltUnit;
use crate::planted_faults::PlantedFault;

#[async_trait]
impl EscrowRepository for SpoiltUnit {
    async fn claim_due(
        &mut self,
        now: Timestamp,
        lease_until: Timestamp,
        at_most: u32,
    ) -> Result<Vec<DueEscrow>, StoreError> {
        self.unit
            .escrow()
            .claim_due(now, lease_until, at_most)
            .await
    }

    async fn keep(&mut self, escrows: &[Escrow]) -> Result<Vec<Option<VersionCause>>, StoreError> {
        if self.has(PlantedFault::ForgetPayout) {
            return Ok(vec![None; escrows.len()]);
        }
        let mut kept = Vec::with_capacity(escrows.len());
        for escrow in escrows {
            let is_known = self.unit.escrow().find(&escrow.key).await?.is_some();
            if is_known && self.has(PlantedFault::SwallowVersion) {
                kept.push(None);
            } else {
                let alone = std::slice::from_ref(escrow);
                kept.extend(self.unit.escrow().keep(alone).await?);
            }
        }
        Ok(kept)
    }

    async fn note_releases(
        &mut self,
        orders: &OrdersOf,
        releases: &[Release],
        now: Timestamp,
    ) -> Result<ReleaseOutcome, StoreError> {
        self.unit
            .escrow()
            .note_releases(orders, releases, now)
            .await
    }

    async fn make_missing_due(
        &mut self,
        orders: &OrdersOf,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.unit
            .escrow()
            .make_missing_due(orders, since, now)
            .await
    }

    async fn make_due(
        &mut self,
        orders: &[OrderKey],
        now: Timestamp,
    ) -> Result<Vec<bool>, StoreError> {
        self.unit.escrow().make_due(orders, now).await
    }

    async fn find(&mut self, order: &OrderKey) -> Result<Option<Escrow>, StoreError> {
        self.unit.escrow().find(order).await
    }

    async fn finish(&mut self, claimed: &[DueEscrow]) -> Result<(), StoreError> {
        self.unit.escrow().finish(claimed).await
    }

    async fn postpone(
        &mut self,
        claimed: &[DueEscrow],
        until: Timestamp,
    ) -> Result<(), StoreError> {
        self.unit.escrow().postpone(claimed, until).await
    }

    async fn rest(
        &mut self,
        profile: &ProfileId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        self.unit.escrow().rest(profile, now, until).await
    }
}
