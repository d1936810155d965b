//! What the marketplace says of an order at one moment, in our terms. An adapter translates its
//! wire format into this; nothing of the wire format is left.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Address, Cancellation, FulfilledBy, OrderStatus, PriceBasis};
use crate::Timestamp;
use crate::catalogue::Sku;
use crate::ids::OrderSn;
use crate::money::Currency;

/// An order as the marketplace describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderSnapshot {
    /// The order number.
    pub order_sn: OrderSn,
    /// Its status.
    pub status: OrderStatus,
    /// What the amounts are counted in.
    pub currency: Currency,
    /// Whether the buyer pays on delivery.
    pub cash_on_delivery: bool,
    /// What the buyer pays, in major units; absent until paid.
    pub total: Option<Decimal>,
    /// When the buyer placed it.
    pub created_at: Timestamp,
    /// When it changed last; orders two snapshots of one order.
    pub updated_at: Timestamp,
    /// When the buyer paid.
    pub paid_at: Option<Timestamp>,
    /// When it must have been handed over.
    pub ship_by: Option<Timestamp>,
    /// When the courier took it.
    pub picked_up_at: Option<Timestamp>,
    /// The buyer's id at the marketplace.
    pub buyer_id: Option<i64>,
    /// The buyer's name at the marketplace.
    pub buyer_username: Option<String>,
    /// Where it goes.
    pub address: Option<Address>,
    /// How the buyer pays.
    pub payment_method: Option<String>,
    /// The courier that the buyer chose.
    pub shipping_carrier: Option<String>,
    /// What the buyer wrote.
    pub message_to_seller: Option<String>,
    /// What the seller noted at the marketplace.
    pub note: Option<String>,
    /// Who holds and ships the goods.
    pub fulfilled_by: FulfilledBy,
    /// Who cancelled it and why.
    pub cancellation: Option<Cancellation>,
    /// What was ordered; at least one line.
    pub lines: Vec<SnapshotLine>,
    /// The parcels, as far as the marketplace has made any.
    pub packages: Vec<Package>,
}

/// Tells the lines of one order apart. Inside a bundle several lines share `order_item_id`
/// (shopee.md §5.1), so the key is `line_item_id` where present, else item, model and promotion
/// group together.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LineKey(pub String);

impl fmt::Debug for LineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The marketplace's listing that a line was sold from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListingRef {
    /// The item.
    pub item_id: i64,
    /// Its model; 0 where the item has no variations.
    pub model_id: i64,
}

/// A line of an order.
#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotLine {
    /// Tells it apart within the order.
    pub key: LineKey,
    /// Where it was sold from.
    pub listing: ListingRef,
    /// The SKU; `None` where the listing carries none.
    pub sku: Option<Sku>,
    /// The name that the buyer saw.
    pub title: String,
    /// Pieces ordered; at least 1.
    pub quantity: u32,
    /// Of these, pieces cancelled.
    pub cancelled_quantity: u32,
    /// Price of one piece in major units.
    pub unit_price: Decimal,
    /// Price of one piece before discounts, in major units.
    pub original_price: Decimal,
    /// How far the unit price can be trusted.
    pub price_basis: PriceBasis,
}

/// A parcel of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Shopee's `package_number`; blank where it has none yet.
    pub number: String,
    /// Where it is.
    pub logistics: LogisticsStatus,
    /// The courier.
    pub carrier: Option<String>,
}

/// Shopee's `logistics_status` (shopee.md §6.3), an open set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogisticsStatus {
    /// Nothing has happened.
    NotStart,
    /// The courier has no capacity yet.
    PendingArrange,
    /// Cash on delivery was refused.
    CodRejected,
    /// Ready to be arranged.
    Ready,
    /// The courier was asked for.
    RequestCreated,
    /// The courier has it.
    PickupDone,
    /// The buyer has it.
    DeliveryDone,
    /// The order was called off before anything was arranged.
    Invalid,
    /// The order was called off after the courier was asked for.
    RequestCanceled,
    /// The courier did not get it.
    PickupFailed,
    /// The courier comes again.
    PickupRetry,
    /// It could not be delivered.
    DeliveryFailed,
    /// It is lost.
    Lost,
    /// Anything else; blank where the marketplace sent none.
    Other(String),
}

impl LogisticsStatus {
    /// The statuses that are modelled.
    pub const MODELLED: [Self; 13] = [
        Self::NotStart,
        Self::PendingArrange,
        Self::CodRejected,
        Self::Ready,
        Self::RequestCreated,
        Self::PickupDone,
        Self::DeliveryDone,
        Self::Invalid,
        Self::RequestCanceled,
        Self::PickupFailed,
        Self::PickupRetry,
        Self::DeliveryFailed,
        Self::Lost,
    ];

    /// The platform's text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::NotStart => "LOGISTICS_NOT_START",
            Self::PendingArrange => "LOGISTICS_PENDING_ARRANGE",
            Self::CodRejected => "LOGISTICS_COD_REJECTED",
            Self::Ready => "LOGISTICS_READY",
            Self::RequestCreated => "LOGISTICS_REQUEST_CREATED",
            Self::PickupDone => "LOGISTICS_PICKUP_DONE",
            Self::DeliveryDone => "LOGISTICS_DELIVERY_DONE",
            Self::Invalid => "LOGISTICS_INVALID",
            Self::RequestCanceled => "LOGISTICS_REQUEST_CANCELED",
            Self::PickupFailed => "LOGISTICS_PICKUP_FAILED",
            Self::PickupRetry => "LOGISTICS_PICKUP_RETRY",
            Self::DeliveryFailed => "LOGISTICS_DELIVERY_FAILED",
            Self::Lost => "LOGISTICS_LOST",
            Self::Other(text) => text,
        }
    }

    /// The status that the platform's text names; never fails.
    pub fn from_text(text: &str) -> Self {
        Self::MODELLED
            .into_iter()
            .find(|status| status.as_str() == text)
            .unwrap_or_else(|| Self::Other(text.to_owned()))
    }

    /// Whether the courier has had the parcel: the goods have left the merchant.
    pub const fn goods_left(&self) -> bool {
        matches!(
            self,
            Self::PickupDone | Self::DeliveryDone | Self::DeliveryFailed | Self::Lost
        )
    }
}
