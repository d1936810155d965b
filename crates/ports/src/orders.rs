//! Orders as the work on them needs them: loaded under a lease, written whole.

use async_trait::async_trait;
use hawker_domain::OrderSn;
use hawker_domain::Timestamp;
use hawker_domain::ids::OrderSyncId;
use hawker_domain::order::{Order, Plan};

use crate::StoreError;
use crate::inbox::ClaimedBatch;

/// An order as it stands, locked until the unit of work ends.
#[derive(Clone, Debug)]
pub struct LoadedOrder {
    /// Its synchronisation record.
    pub sync: OrderSyncId,
    /// Its number.
    pub order_sn: OrderSn,
    /// The order, if it was created already.
    pub order: Option<Order>,
}

/// Orders.
#[async_trait]
pub trait OrderRepository: Send {
    /// Loads and locks those orders of the batch that its lease still holds, in no particular
    /// order. An order whose lease was lost to another worker is not among them.
    async fn load_claimed(&mut self, batch: &ClaimedBatch) -> Result<Vec<LoadedOrder>, StoreError>;

    /// Writes the orders of all plans as they will be, with their timeline, stock ledger, listing
    /// sightings, customers and the mark that a payout is due. Plans without a change are skipped.
    async fn apply(&mut self, plans: &[&Plan], now: Timestamp) -> Result<(), StoreError>;
}
