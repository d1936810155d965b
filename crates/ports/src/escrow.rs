//! Payouts: orders whose payout details are to be fetched, and what was fetched.
//!
//! An order is due from a moment on. A claim moves that moment to the end of its lease, so a worker
//! that dies only delays its orders; whoever reports names the claim by that very moment. When an
//! order changes at the marketplace while it is claimed, it becomes due anew: the claim no longer
//! holds it, and its report leaves it due.

use async_trait::async_trait;
use hawker_domain::channel::OrderKey;
use hawker_domain::escrow::Escrow;
use hawker_domain::ids::{OrderSyncId, ProfileId};
use hawker_domain::{Currency, Timestamp};

use crate::StoreError;

/// A completed order whose payout details are to be fetched, claimed for some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueEscrow {
    /// Its synchronisation record.
    pub sync: OrderSyncId,
    /// The order.
    pub key: OrderKey,
    /// The profile that it is asked for through.
    pub profile: ProfileId,
    /// What the order, and so its payout, is counted in.
    pub currency: Currency,
    /// Since when it has stood as it does at the marketplace.
    pub completed_at: Timestamp,
    /// Until when it is claimed, as the store keeps it.
    pub leased_until: Timestamp,
}

/// Payouts.
#[async_trait]
pub trait EscrowRepository: Send {
    /// Claims orders whose payout details are due, the longest waiting first, until `lease_until`.
    async fn claim_due(
        &mut self,
        now: Timestamp,
        lease_until: Timestamp,
        at_most: u32,
    ) -> Result<Vec<DueEscrow>, StoreError>;

    /// Keeps what was captured, in place of what was captured of the same order before. A time of
    /// release that is known stays known.
    async fn keep(&mut self, escrows: &[Escrow]) -> Result<(), StoreError>;

    /// What was captured of an order last. The payload is the same JSON, not the same text.
    async fn find(&mut self, order: &OrderKey) -> Result<Option<Escrow>, StoreError>;

    /// These orders are done, as far as their claims still hold them.
    async fn finish(&mut self, claimed: &[DueEscrow]) -> Result<(), StoreError>;

    /// These orders are due again at `until`, as far as their claims still hold them.
    async fn postpone(&mut self, claimed: &[DueEscrow], until: Timestamp)
    -> Result<(), StoreError>;

    /// No order of this profile that is due by now, and that nobody works on, is due before `until`.
    async fn rest(
        &mut self,
        profile: &ProfileId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError>;
}
