//! Payouts: orders that are due in `connector_order`, what is known now in `shopee_escrow`, and every
//! version of it in `shopee_escrow_version`, which the database itself keeps.
//!
//! `escrow_due_at` is queue and lease in one: a claim moves it to the end of its lease, and a report
//! counts only while it stands there.
//!
//! Locks are taken in one order: payouts before records of orders, each by their numbers.

mod columns;
mod due;
mod keep;
mod releases;
mod row;

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::channel::OrderKey;
use hawker_domain::escrow::{Escrow, VersionCause};
use hawker_domain::ids::ProfileId;
use hawker_ports::StoreError;
use hawker_ports::escrow::{DueEscrow, EscrowRepository, ReleaseOutcome};
use hawker_ports::reconciliation::OrdersOf;
use hawker_ports::recovery::Release;

pub(crate) use row::EscrowRow;

use crate::unit_of_work::PgUnitOfWork;

const ESCROW: &str = "escrow";

#[async_trait]
impl EscrowRepository for PgUnitOfWork {
    async fn claim_due(
        &mut self,
        now: Timestamp,
        lease_until: Timestamp,
        at_most: u32,
    ) -> Result<Vec<DueEscrow>, StoreError> {
        let done = due::claim(self.enter()?, now, lease_until, at_most).await;
        self.leave(ESCROW, done)
    }

    async fn keep(&mut self, escrows: &[Escrow]) -> Result<Vec<Option<VersionCause>>, StoreError> {
        let done = keep::keep(self.enter()?, escrows).await;
        self.leave(ESCROW, done)
    }

    async fn note_releases(
        &mut self,
        orders: &OrdersOf,
        releases: &[Release],
        now: Timestamp,
    ) -> Result<ReleaseOutcome, StoreError> {
        let done = releases::note(self.enter()?, orders, releases, now).await;
        self.leave(ESCROW, done)
    }

    async fn make_missing_due(
        &mut self,
        orders: &OrdersOf,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let done = due::make_missing_due(self.enter()?, orders, since, now).await;
        self.leave(ESCROW, done)
    }

    async fn make_due(
        &mut self,
        orders: &[OrderKey],
        now: Timestamp,
    ) -> Result<Vec<bool>, StoreError> {
        let done = due::make_due(self.enter()?, orders, now).await;
        self.leave(ESCROW, done)
    }

    async fn find(&mut self, order: &OrderKey) -> Result<Option<Escrow>, StoreError> {
        let done = keep::find(self.enter()?, order).await;
        self.leave(ESCROW, done)
    }

    async fn finish(&mut self, claimed: &[DueEscrow]) -> Result<(), StoreError> {
        let done = due::report(self.enter()?, claimed, None).await;
        self.leave(ESCROW, done)
    }

    async fn postpone(
        &mut self,
        claimed: &[DueEscrow],
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let done = due::report(self.enter()?, claimed, Some(until)).await;
        self.leave(ESCROW, done)
    }

    async fn rest(
        &mut self,
        profile: &ProfileId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let done = due::rest(self.enter()?, profile, now, until).await;
        self.leave(ESCROW, done)
    }
}
