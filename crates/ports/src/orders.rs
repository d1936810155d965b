//! Orders as the work on them needs them: loaded under a lease, written whole.

use async_trait::async_trait;
use hawker_domain::OrderSn;
use hawker_domain::Timestamp;
use hawker_domain::channel::OrderKey;
use hawker_domain::ids::{OrderSyncId, ProfileId, ShipmentId};
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

/// A parcel whose tracking number is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UntrackedParcel {
    /// Its id.
    pub id: ShipmentId,
    /// The order that it belongs to.
    pub order: OrderKey,
    /// The profile that it is asked for through.
    pub profile: ProfileId,
    /// What the marketplace calls it; never blank.
    pub package_number: String,
    /// When the order changed last at the marketplace.
    pub changed_at: Timestamp,
}

/// Orders.
#[async_trait]
pub trait OrderRepository: Send {
    /// Loads and locks those orders of the batch that its lease still holds, in no particular
    /// order. An order whose lease was lost to another worker is not among them.
    async fn load_claimed(&mut self, batch: &ClaimedBatch) -> Result<Vec<LoadedOrder>, StoreError>;

    /// Writes the orders of all plans as they will be, with their timeline, listing sightings
    /// and customers. Plans without a change are skipped. What they do to the stock is written by
    /// [`InventoryRepository::book`](crate::inventory::InventoryRepository::book), and which order of the
    /// marketplace it is by [`Inbox::finish`](crate::inbox::Inbox::finish).
    async fn apply(&mut self, plans: &[&Plan], now: Timestamp) -> Result<(), StoreError>;

    /// Parcels that have a package number, no tracking number, and are to be asked for by now; those
    /// that wait longest first. They are locked until the unit of work ends: nobody else gets them.
    /// One that was never asked for waits longest.
    async fn untracked(
        &mut self,
        now: Timestamp,
        at_most: u32,
    ) -> Result<Vec<UntrackedParcel>, StoreError>;

    /// When these parcels are to be asked for again; `None`: never. One that is gone or that somebody
    /// else is writing is left as it is.
    async fn ask_again(
        &mut self,
        parcels: &[(ShipmentId, Option<Timestamp>)],
    ) -> Result<(), StoreError>;
}
