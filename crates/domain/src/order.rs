//! Our order: one aggregate for each marketplace order, moved to what the marketplace's snapshot
//! says by [`plan`](plan::plan).
//!
//! Invariants, by construction of the plan and checked by properties:
//! - the state is a function of the last snapshot and of stock movements that cannot be undone;
//! - a snapshot older than the one applied changes nothing;
//! - what a line holds in stock is exactly what the ledger entries of the order add up to.

pub mod address;
pub mod plan;
pub mod problem;
pub mod returns;
pub mod snapshot;
pub mod status;
pub mod timeline;
pub mod tracking;

mod lines;
mod shipments;
mod tasks;
#[cfg(test)]
mod tests;

use rust_decimal::Decimal;

use crate::Timestamp;
use crate::catalogue::Sku;
use crate::channel::{OrderKey, named};
use crate::ids::{
    CustomerId, LocationId, OrderId, OrderLineId, OrderSyncId, ProfileId, ShipmentId, ShopId,
    VariantId,
};
use crate::money::Currency;

pub use address::Address;
pub use plan::{Decision, Plan, PlanInput, plan};
pub use problem::Problem;
pub use returns::{OpenReturn, ReturnStatus};
pub use snapshot::OrderSnapshot;
pub use status::OrderStatus;
pub use tasks::Standing;

/// One of our orders.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// The synchronisation record that it hangs from.
    pub sync: OrderSyncId,
    /// The marketplace's order.
    pub key: OrderKey,
    /// The profile that it came through.
    pub profile: ProfileId,
    /// The marketplace's shop.
    pub shop: ShopId,
    /// The buyer, where the marketplace names one.
    pub customer: Option<Customer>,
    /// Where it stands with us.
    pub lifecycle: Lifecycle,
    /// Whether it is paid.
    pub payment: Payment,
    /// Whether the goods have left.
    pub fulfilment: Fulfilment,
    /// What the marketplace calls its state.
    pub marketplace_status: OrderStatus,
    /// `update_time` of the snapshot applied last; an older one changes nothing.
    pub marketplace_updated_at: Timestamp,
    /// When the buyer placed it.
    pub placed_at: Timestamp,
    /// When it must have been handed over.
    pub ship_by: Option<Timestamp>,
    /// What the amounts are counted in.
    pub currency: Currency,
    /// What the buyer pays, shipping included; absent until paid.
    pub total: Option<Decimal>,
    /// How the buyer pays.
    pub payment_method: Option<String>,
    /// Whether the buyer pays on delivery.
    pub cash_on_delivery: bool,
    /// Who holds and ships the goods.
    pub fulfilled_by: FulfilledBy,
    /// What the buyer wrote.
    pub message_to_seller: Option<String>,
    /// What the seller noted at the marketplace.
    pub note: Option<String>,
    /// Who cancelled it and why.
    pub cancellation: Option<Cancellation>,
    /// Where it goes; masked parts never replace unmasked ones.
    pub address: Option<Address>,
    /// What was ordered.
    pub lines: Vec<OrderLine>,
    /// The parcels.
    pub shipments: Vec<Shipment>,
}

/// The buyer as one sales channel knows them: one customer for each buyer id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// The id that the row gets if this buyer is new; the store keeps the one it has.
    pub id: CustomerId,
    /// The channel's buyer id.
    pub external_id: String,
    /// The buyer's name at the channel.
    pub username: Option<String>,
}

impl Customer {
    /// The synthetic e-mail address that marks the customer as the marketplace's: the marketplace
    /// does not tell the real one.
    pub fn email(&self, connector: crate::ConnectorName) -> String {
        format!("{connector}-{}@buyers.exzentcg.local", self.external_id)
    }
}

/// Where an order stands with us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    /// Placed, not yet accepted: stock is reserved, nothing is to be packed.
    Pending,
    /// Accepted: to be packed and sent, or on its way.
    Open,
    /// Over and done; the payout follows.
    Completed {
        /// When we learned of it.
        at: Timestamp,
    },
    /// Called off.
    Cancelled {
        /// When we learned of it.
        at: Timestamp,
    },
}

impl Lifecycle {
    /// The persisted name.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Open => "open",
            Self::Completed { .. } => "completed",
            Self::Cancelled { .. } => "canceled",
        }
    }

    /// Since when it is over, if it is.
    pub const fn ended_at(&self) -> Option<Timestamp> {
        match self {
            Self::Completed { at } | Self::Cancelled { at } => Some(*at),
            Self::Pending | Self::Open => None,
        }
    }
}

/// Whether an order is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payment {
    /// The buyer has yet to pay.
    Awaiting,
    /// The buyer pays the courier; the order may be sent unpaid.
    OnDelivery,
    /// The marketplace holds the buyer's money.
    Captured {
        /// When the buyer paid.
        at: Timestamp,
    },
    /// The order was called off before it was paid.
    Voided,
}

impl Payment {
    /// The persisted name.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Awaiting => "awaiting",
            Self::OnDelivery => "on_delivery",
            Self::Captured { .. } => "captured",
            Self::Voided => "voided",
        }
    }
}

/// Whether the goods have left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fulfilment {
    /// Nothing is arranged.
    Unfulfilled,
    /// A courier has been asked for.
    ShipmentCreated,
    /// The goods have left: stock is deducted.
    Fulfilled {
        /// When they left.
        at: Timestamp,
    },
}

impl Fulfilment {
    /// The persisted name.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Unfulfilled => "unfulfilled",
            Self::ShipmentCreated => "shipment_created",
            Self::Fulfilled { .. } => "fulfilled",
        }
    }

    /// Whether the goods have left.
    pub const fn is_fulfilled(&self) -> bool {
        matches!(self, Self::Fulfilled { .. })
    }
}

named! {
    /// Who holds and ships the goods (`fulfillment_flag`).
    FulfilledBy: "fulfilling party" {
        /// The merchant.
        Seller = "seller",
        /// The marketplace, from its own warehouse: our stock is not touched.
        Marketplace = "marketplace",
    }
}

/// Who cancelled an order and why, in the marketplace's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cancellation {
    /// `buyer`, `seller`, `system` or `Ops`.
    pub by: Option<String>,
    /// The reason.
    pub reason: Option<String>,
    /// What the buyer said.
    pub buyer_reason: Option<String>,
}

/// A line of one of our orders.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderLine {
    /// Its id.
    pub id: OrderLineId,
    /// Tells it apart within the order, see [`snapshot::LineKey`].
    pub key: snapshot::LineKey,
    /// What it sells; `None` only where no stock is touched and the SKU is unknown.
    pub variant: Option<VariantId>,
    /// The SKU that it was mapped by.
    pub sku: Option<Sku>,
    /// The marketplace's item and model.
    pub listing: snapshot::ListingRef,
    /// The name that the buyer saw: item and model.
    pub title: String,
    /// Pieces ordered.
    pub quantity: u32,
    /// Of these, pieces cancelled.
    pub cancelled_quantity: u32,
    /// Price of one piece in major units.
    pub unit_price: Decimal,
    /// Price of one piece before discounts, in major units.
    pub original_price: Decimal,
    /// How far the unit price can be trusted.
    pub price_basis: PriceBasis,
    /// What the line holds or has taken from stock.
    pub stock: LineStock,
}

impl OrderLine {
    /// Pieces that are still to be sent, or were sent.
    pub const fn quantity_to_ship(&self) -> u32 {
        self.quantity.saturating_sub(self.cancelled_quantity)
    }
}

named! {
    /// Where a line's unit price comes from.
    PriceBasis: "price basis" {
        /// The discounted price as the marketplace gave it.
        Discounted = "discounted",
        /// The marketplace gives 0 for a bundle deal; the original price stands in until the
        /// payout tells the share of each line.
        BundleEstimate = "bundle_estimate",
    }
}

/// What a line holds in stock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineStock {
    /// Nothing: the marketplace ships from its own warehouse, or the order ended before we saw it.
    Untouched,
    /// Pieces are set aside.
    Reserved(Vec<Allocation>),
    /// Pieces have left.
    Deducted(Vec<Allocation>),
    /// What was set aside is free again.
    Released,
}

impl LineStock {
    /// The persisted name.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Untouched => "untouched",
            Self::Reserved(_) => "reserved",
            Self::Deducted(_) => "deducted",
            Self::Released => "released",
        }
    }

    /// The pieces set aside or taken, by place.
    pub fn allocations(&self) -> &[Allocation] {
        match self {
            Self::Reserved(allocations) | Self::Deducted(allocations) => allocations,
            Self::Untouched | Self::Released => &[],
        }
    }
}

/// Pieces of one variant at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Allocation {
    /// The place.
    pub location: LocationId,
    /// How many; at least 1.
    pub quantity: u32,
}

/// A parcel of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shipment {
    /// Its id.
    pub id: ShipmentId,
    /// Shopee's `package_number`; blank where the marketplace has not named one.
    pub package_number: String,
    /// Where it is.
    pub state: ShipmentState,
    /// The courier.
    pub carrier: Option<String>,
    /// The courier's number.
    pub tracking_number: Option<String>,
    /// What the marketplace calls its state, verbatim.
    pub logistics_status: Option<String>,
}

named! {
    /// Where a parcel is.
    ShipmentState: "shipment state" {
        /// The courier has been asked for.
        Arranged = "arranged",
        /// The courier did not get it; it must be arranged again.
        PickupFailed = "pickup_failed",
        /// The courier has it.
        InTransit = "in_transit",
        /// The buyer has it.
        Delivered = "delivered",
        /// It could not be delivered.
        DeliveryFailed = "delivery_failed",
        /// It is lost.
        Lost = "lost",
        /// It was called off.
        Cancelled = "canceled",
    }
}
