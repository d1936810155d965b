//! Payouts: orders whose payout details are to be fetched, and what was fetched.
//!
//! An order is due from a moment on. A claim moves that moment to the end of its lease, so a worker
//! that dies only delays its orders; whoever reports names the claim by that very moment. When an
//! order changes at the marketplace while it is claimed, it becomes due anew: the claim no longer
//! holds it, and its report leaves it due.

use std::collections::BTreeMap;

use async_trait::async_trait;
use hawker_domain::OrderSn;
use hawker_domain::channel::OrderKey;
use hawker_domain::escrow::{Escrow, VersionCause};
use hawker_domain::ids::{OrderSyncId, ProfileId};
use hawker_domain::{Currency, Timestamp};
use rust_decimal::Decimal;

use crate::StoreError;
use crate::reconciliation::OrdersOf;
use crate::recovery::Release;

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
    /// When its money was released, where that is known.
    pub released_at: Option<Timestamp>,
    /// What was captured before, if anything was.
    pub known: Option<KnownPayout>,
    /// Until when it is claimed, as the store keeps it.
    pub leased_until: Timestamp,
}

/// What is known of a payout as far as its next capture concerns it. In major units of the order's
/// currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownPayout {
    /// What the merchant receives, before later adjustments.
    pub escrow_amount: Decimal,
    /// What the list of releases told of it last, if that differed from what was known after
    /// adjustments.
    pub listed: Option<Decimal>,
}

/// What comparing releases came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReleaseOutcome {
    /// Orders with a time of release that was not known, or is later than the one that was.
    pub noted: u64,
    /// Orders whose payout is due now.
    pub made_due: u64,
    /// Released orders that we do not hold.
    pub unknown: Vec<OrderSn>,
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

    /// Keeps what was captured: a new version of what differs from the version before (the rules are
    /// [`Escrow::following`] and [`hawker_domain::escrow::change`]), nothing but the time of fetching of
    /// what does not. Since when a version is known is decided as it is written, no earlier than it was
    /// fetched and than the version before; numbers go on for a payout that was removed. Answers for each in the same order why it is a new version,
    /// if it is one. An order is at most once among them.
    async fn keep(&mut self, escrows: &[Escrow]) -> Result<Vec<Option<VersionCause>>, StoreError>;

    /// Compares releases with what we hold, and keeps the times of release that were not known or are
    /// later than the known ones, as new versions. Of several releases of one order the latest counts,
    /// and none that is earlier than what is known.
    ///
    /// Of an order that something is kept of, but no payout yet, the time is kept for its first capture
    /// ([`DueEscrow::released_at`]).
    ///
    /// Orders whose payout is missing or has such a time are due now, and so are those whose payout
    /// after adjustments is another than the list says, once for each amount that it says: the amount
    /// is kept ([`KnownPayout::listed`]) until the list tells otherwise.
    async fn note_releases(
        &mut self,
        orders: &OrdersOf,
        releases: &[Release],
        now: Timestamp,
    ) -> Result<ReleaseOutcome, StoreError>;

    /// Completed orders of a profile that ended at or after `since`, have no payout and are not due at
    /// any time, are due now; answers how many.
    async fn make_missing_due(
        &mut self,
        orders: &OrdersOf,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError>;

    /// These orders are due now, as far as they are completed; answers for each in the same order
    /// whether it is.
    async fn make_due(
        &mut self,
        orders: &[OrderKey],
        now: Timestamp,
    ) -> Result<Vec<bool>, StoreError>;

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

/// The latest release of each order, in the order of their numbers.
pub fn latest_of_each(releases: &[Release]) -> Vec<&Release> {
    let mut latest = BTreeMap::<&OrderSn, &Release>::new();
    for release in releases {
        let known = latest.entry(&release.order_sn).or_insert(release);
        if known.released_at <= release.released_at {
            *known = release;
        }
    }
    latest.into_values().collect()
}
