//! What the marketplace lists against what we hold.
//!
//! An order is held once a snapshot of it was seen (`shopee_status`), by the profile that asked for it
//! last: the orders of a shop that was connected anew become those of the new profile as it fetches
//! them. One that is listed and held is
//! marked in its record; only the others of a day are rows of their own, so that years of agreement
//! cost a flag for each order.

mod compare;
mod day;
mod standing;
mod unasked;

use async_trait::async_trait;
use hawker_domain::completeness::{Day, Window};
use hawker_domain::ids::ProfileId;
use hawker_domain::{OrderSn, Timestamp};
use hawker_ports::StoreError;
use hawker_ports::reconciliation::{
    Comparison, DayDifference, OrdersOf, Reconciliation, StandingDifference, Watermark,
};
use hawker_ports::recovery::ListedOrder;
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::unit_of_work::PgUnitOfWork;

const RECONCILIATION: &str = "reconciliation";

#[async_trait]
impl Reconciliation for PgUnitOfWork {
    async fn watermark(&mut self, profile: &ProfileId) -> Result<Watermark, StoreError> {
        let done = watermark(self.enter()?, profile).await;
        self.leave(RECONCILIATION, done)
    }

    async fn advance(
        &mut self,
        profile: &ProfileId,
        mark: Watermark,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let done = advance(self.enter()?, profile, mark, now).await;
        self.leave(RECONCILIATION, done)
    }

    async fn compare(
        &mut self,
        orders: &OrdersOf,
        listed: &[ListedOrder],
        fetched_since: Option<Timestamp>,
    ) -> Result<Comparison, StoreError> {
        let done = compare::compare(self.enter()?, orders, listed, fetched_since).await;
        self.leave(RECONCILIATION, done)
    }

    async fn note_day(
        &mut self,
        orders: &OrdersOf,
        day: &Day,
        compared: Window,
        listed: &[OrderSn],
        now: Timestamp,
    ) -> Result<DayDifference, StoreError> {
        let done = day::note(self.enter()?, orders, day, compared, listed, now).await;
        self.leave(RECONCILIATION, done)
    }

    async fn standing(
        &mut self,
        found_before: Timestamp,
    ) -> Result<Vec<StandingDifference>, StoreError> {
        let done = standing::standing(self.enter()?, found_before).await;
        self.leave(RECONCILIATION, done)
    }

    async fn told(&mut self, differences: &[StandingDifference]) -> Result<(), StoreError> {
        let done = standing::told(self.enter()?, differences).await;
        self.leave(RECONCILIATION, done)
    }

    async fn unasked(
        &mut self,
        found_before: Timestamp,
        asked_since: Timestamp,
        at_most: u32,
    ) -> Result<Vec<(OrdersOf, OrderSn)>, StoreError> {
        let done = unasked::unasked(self.enter()?, found_before, asked_since, at_most).await;
        self.leave(RECONCILIATION, done)
    }
}

async fn watermark(connection: &mut PgConnection, profile: &ProfileId) -> Result<Watermark, Fault> {
    let mark = sqlx::query_as!(
        Watermark,
        "SELECT updated_until, created_until FROM connector_reconciliation WHERE profile_id = $1",
        profile.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(mark.unwrap_or_default())
}

/// The greatest of a time and none is the time.
async fn advance(
    connection: &mut PgConnection,
    profile: &ProfileId,
    mark: Watermark,
    now: Timestamp,
) -> Result<(), Fault> {
    sqlx::query!(
        "INSERT INTO connector_reconciliation AS known
             (profile_id, updated_until, created_until, changed_at)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (profile_id) DO UPDATE
         SET updated_until = greatest(known.updated_until, excluded.updated_until),
             created_until = greatest(known.created_until, excluded.created_until),
             changed_at = excluded.changed_at",
        profile.as_str(),
        mark.updated_until,
        mark.created_until,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
