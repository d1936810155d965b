//! Orders: loaded under a lease, written whole, many at a time.

mod heads;
mod lines;
mod load;
mod parcels;
mod parties;
mod traces;
mod untracked;

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::ids::ShipmentId;
use hawker_domain::order::{Order, Plan};
use hawker_ports::StoreError;
use hawker_ports::inbox::ClaimedBatch;
use hawker_ports::orders::{LoadedOrder, OrderRepository, UntrackedParcel};
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::unit_of_work::PgUnitOfWork;

#[async_trait]
impl OrderRepository for PgUnitOfWork {
    async fn load_claimed(&mut self, batch: &ClaimedBatch) -> Result<Vec<LoadedOrder>, StoreError> {
        let done = load::load_claimed(self.enter()?, batch).await;
        self.leave("order", done)
    }

    async fn apply(&mut self, plans: &[&Plan], now: Timestamp) -> Result<(), StoreError> {
        let done = apply(self.enter()?, plans, now).await;
        self.leave("order", done)
    }

    async fn untracked(
        &mut self,
        now: Timestamp,
        at_most: u32,
    ) -> Result<Vec<UntrackedParcel>, StoreError> {
        let done = untracked::due(self.enter()?, now, at_most).await;
        self.leave("parcel", done)
    }

    async fn ask_again(
        &mut self,
        parcels: &[(ShipmentId, Option<Timestamp>)],
    ) -> Result<(), StoreError> {
        let done = untracked::ask_again(self.enter()?, parcels).await;
        self.leave("parcel", done)
    }
}

/// Writes the orders of all plans. The records of the orders are locked since they were loaded, so
/// nobody else writes the same ones.
async fn apply(
    connection: &mut PgConnection,
    plans: &[&Plan],
    now: Timestamp,
) -> Result<(), Fault> {
    let plans: Vec<&Plan> = plans
        .iter()
        .copied()
        .filter(|plan| plan.is_change)
        .collect();
    if plans.is_empty() {
        return Ok(());
    }
    let orders: Vec<&Order> = plans.iter().map(|plan| &plan.order).collect();
    let known: Vec<&Order> = plans
        .iter()
        .filter(|plan| !plan.is_new)
        .map(|plan| &plan.order)
        .collect();

    parties::write(connection, &orders, now).await?;
    heads::write(connection, &orders, now).await?;
    lines::write(connection, &orders, &known, now).await?;
    parcels::write(connection, &orders, &known).await?;
    traces::write_timeline(connection, &plans).await?;
    traces::write_listings(connection, &plans, now).await
}
