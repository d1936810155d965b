//! Orders as they go out. Personal data is limited to what shipping needs.

use chrono::{DateTime, Utc};
use hawker_ports::views::{OrderDetail, OrderLineRow, OrderSummary, ShipmentRow, TimelineRow};
use hawker_usecases::refresh_one_order::AskedOrder;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::amount::exact;

/// An order in a list, held ones included.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Order)]
pub(crate) struct OrderWire {
    /// The marketplace's number.
    #[schema(example = "251214TESTSN01")]
    order_sn: String,
    /// Sandbox or live.
    env_type: String,
    /// Our order, once created.
    #[schema(required, example = "ord_01JD0Z5V7Q8W9X0Y1Z2A3B4C5D")]
    order_id: Option<String>,
    /// `pending`, `created` or `failed`.
    #[schema(example = "created")]
    sync_status: String,
    /// Why it waits, for example `mapping`.
    #[schema(required)]
    hold: Option<String>,
    /// The marketplace's status.
    #[schema(required, example = "READY_TO_SHIP")]
    marketplace_status: Option<String>,
    /// Where it stands with us: `pending`, `open`, `completed`, `canceled`.
    #[schema(required)]
    status: Option<String>,
    /// `awaiting`, `on_delivery`, `captured`, `voided`.
    #[schema(required)]
    payment_status: Option<String>,
    /// `unfulfilled`, `shipment_created`, `fulfilled`.
    #[schema(required)]
    fulfillment_status: Option<String>,
    /// What the buyer pays, in major units of `currency`.
    #[schema(required, example = "88.00")]
    total: Option<String>,
    /// What it is counted in.
    #[schema(required, example = "SGD")]
    currency: Option<String>,
    /// When the buyer placed it.
    #[schema(required)]
    placed_at: Option<DateTime<Utc>>,
    /// When it must have been handed over.
    #[schema(required)]
    ship_by: Option<DateTime<Utc>>,
    /// By which road it came first: `webhook`, `poll`, `reconcile`, `manual`.
    #[schema(required, example = "webhook")]
    first_source: Option<String>,
    /// Exceptions that are open for it.
    open_exceptions: i64,
    /// When we first heard of it.
    created_at: DateTime<Utc>,
}

/// An order with everything about it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderDetail)]
pub(crate) struct OrderDetailWire {
    #[serde(flatten)]
    summary: OrderWire,
    /// The sales channel.
    #[schema(required, example = "Shopee")]
    sales_channel: Option<String>,
    /// The buyer's name at the marketplace.
    #[schema(required)]
    buyer_username: Option<String>,
    /// Where it goes.
    address: Value,
    /// What was ordered.
    lines: Vec<OrderLineWire>,
    /// The parcels.
    shipments: Vec<ShipmentWire>,
    /// What happened, oldest first.
    timeline: Vec<TimelineWire>,
    /// SKUs that it waits for.
    missing_skus: Vec<String>,
}

/// A line of an order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderLine)]
struct OrderLineWire {
    /// The SKU.
    #[schema(required, example = "POK-OBF-223-NM-EN")]
    sku: Option<String>,
    /// The name that the buyer saw.
    title: String,
    /// Pieces ordered.
    quantity: i32,
    /// Of these, pieces cancelled.
    cancelled_quantity: i32,
    /// Price of one piece, in major units of the order's currency.
    #[schema(example = "88.00")]
    unit_price: String,
    /// `untouched`, `reserved`, `deducted`, `released`.
    stock: String,
    /// Where its pieces are set aside or were taken.
    allocations: Vec<AllocationWire>,
}

/// Pieces of a line at a place.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderAllocation)]
struct AllocationWire {
    /// The place.
    location: String,
    /// Pieces.
    quantity: i32,
}

/// A parcel of an order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderShipment)]
struct ShipmentWire {
    /// The marketplace's number of it.
    package_number: String,
    /// Where it is.
    state: String,
    /// The courier.
    #[schema(required)]
    carrier: Option<String>,
    /// The courier's number.
    #[schema(required)]
    tracking_number: Option<String>,
}

/// A step of an order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderStep)]
struct TimelineWire {
    /// When.
    at: DateTime<Utc>,
    /// What.
    step: String,
    /// The marketplace's status then.
    marketplace_status: String,
    /// The event that led to it.
    #[schema(required)]
    event_id: Option<String>,
    /// In words.
    #[schema(required)]
    note: Option<String>,
}

/// An order was asked for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AskedOrder)]
pub(crate) struct AskedOrderWire {
    /// The event that stands for the question; it is processed once the order was fetched.
    #[schema(example = "srev_01JD0Z5V7Q8W9X0Y1Z2A3B4C5D")]
    event_id: String,
    /// The profile that it is asked for through.
    #[schema(example = "prof_live")]
    profile_id: String,
    /// Sandbox or live.
    #[schema(example = "live")]
    env_type: String,
}

impl From<OrderSummary> for OrderWire {
    fn from(summary: OrderSummary) -> Self {
        let OrderSummary {
            order_sn,
            environment,
            order_id,
            sync_status,
            hold,
            marketplace_status,
            status,
            payment_status,
            fulfillment_status,
            total,
            currency,
            placed_at,
            ship_by,
            first_source,
            open_exceptions,
            created_at,
        } = summary;
        let digits = currency.as_deref().unwrap_or_default();
        Self {
            total: total.map(|total| exact(total, digits)),
            order_sn,
            env_type: environment,
            order_id,
            sync_status,
            hold,
            marketplace_status,
            status,
            payment_status,
            fulfillment_status,
            currency,
            placed_at,
            ship_by,
            first_source,
            open_exceptions,
            created_at,
        }
    }
}

impl From<OrderDetail> for OrderDetailWire {
    fn from(detail: OrderDetail) -> Self {
        let OrderDetail {
            summary,
            sales_channel,
            buyer_username,
            address,
            lines,
            shipments,
            timeline,
            missing_skus,
        } = detail;
        let currency = summary.currency.clone().unwrap_or_default();
        let line = |row| OrderLineWire::of(row, &currency);
        Self {
            summary: summary.into(),
            sales_channel,
            buyer_username,
            address: address.unwrap_or_default(),
            lines: lines.into_iter().map(line).collect(),
            shipments: shipments.into_iter().map(Into::into).collect(),
            timeline: timeline.into_iter().map(Into::into).collect(),
            missing_skus,
        }
    }
}

impl OrderLineWire {
    fn of(row: OrderLineRow, currency: &str) -> Self {
        let OrderLineRow {
            sku,
            title,
            quantity,
            cancelled_quantity,
            unit_price,
            stock,
            allocations,
        } = row;
        let allocation = |(location, quantity)| AllocationWire { location, quantity };
        Self {
            sku,
            title,
            quantity,
            cancelled_quantity,
            unit_price: exact(unit_price, currency),
            stock,
            allocations: allocations.into_iter().map(allocation).collect(),
        }
    }
}

impl From<ShipmentRow> for ShipmentWire {
    fn from(row: ShipmentRow) -> Self {
        let ShipmentRow {
            package_number,
            state,
            carrier,
            tracking_number,
        } = row;
        Self {
            package_number,
            state,
            carrier,
            tracking_number,
        }
    }
}

impl From<TimelineRow> for TimelineWire {
    fn from(row: TimelineRow) -> Self {
        let TimelineRow {
            at,
            step,
            marketplace_status,
            event_id,
            note,
        } = row;
        Self {
            at,
            step,
            marketplace_status,
            event_id,
            note,
        }
    }
}

impl From<AskedOrder> for AskedOrderWire {
    fn from(asked: AskedOrder) -> Self {
        let AskedOrder {
            event,
            profile,
            environment,
        } = asked;
        Self {
            event_id: event.to_string(),
            profile_id: profile.as_str().to_owned(),
            env_type: environment.as_str().to_owned(),
        }
    }
}
