//! Read models: flat, ready to be shown. They are read outside any unit of work, by pages, the
//! command line and metrics; every list is paged by a cursor and bounded.

mod completeness;
mod escrow;
mod exceptions;

use async_trait::async_trait;
use hawker_domain::ids::{EventId, ProfileId};
use hawker_domain::{Environment, OrderSn, TenantSlug, Timestamp};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::StoreError;

pub use completeness::{CompletenessQuery, CompletenessRow, CompletenessViews, MissingOrders};
pub use escrow::{EscrowReportQuery, EscrowReportRow, EscrowTotals, EscrowViews, ReportBy};
pub use exceptions::{
    Amount, BLOCKING, ExceptionDetail, ExceptionGroup, ExceptionGroups, ExceptionSort,
    ExceptionViews, NoteRow, RetriedRow, RetryProgress, RetryRow,
};

/// The most rows that one page may have.
pub const PAGE_ROWS_MAX: u32 = 500;

/// A part of a list, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Hand this in as `after` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Which part of a list is wanted.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    /// At most so many rows; [`PAGE_ROWS_MAX`] is the limit.
    pub limit: u32,
    /// The `next` of the page before.
    pub after: Option<String>,
}

/// A part of a list, with how many rows there are altogether.
#[derive(Clone, Debug, Serialize)]
pub struct Counted<T> {
    /// The part.
    #[serde(flatten)]
    pub page: Page<T>,
    /// Rows that match the filter, on all pages.
    pub total: u64,
}

/// How many rows there are, counted up to a bound, so that it costs little however many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct BoundedCount {
    /// Rows, at most the bound.
    pub total: u64,
    /// Whether there are no more.
    pub is_exact: bool,
}

impl BoundedCount {
    /// What was counted by going no further than one row beyond `at_most`.
    pub fn of(counted: u64, at_most: u32) -> Self {
        let bound = u64::from(at_most);
        Self {
            total: counted.min(bound),
            is_exact: counted <= bound,
        }
    }
}

/// Which entries of the audit log are wanted.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// About this thing, for example `profile:prof_live`.
    pub subject: Option<String>,
    /// Of this deed, for example `profile.changed`.
    pub action: Option<String>,
}

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AuditRow {
    /// `aud_…`.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// To which thing.
    pub subject: String,
    /// What else tells.
    pub details: serde_json::Value,
}

/// Which events are wanted.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// Of this order.
    pub order_sn: Option<OrderSn>,
    /// Only those that are pending (`false`) or processed (`true`).
    pub processed: Option<bool>,
    /// Of this source, for example `webhook`.
    pub source: Option<String>,
    /// Of this code.
    pub code: Option<i32>,
}

/// An event in a list.
#[derive(Clone, Debug, Serialize)]
pub struct EventSummary {
    /// `srev_…`.
    pub id: String,
    /// When it came.
    pub received_at: Timestamp,
    /// Sandbox or live.
    pub environment: String,
    /// By which road.
    pub source: String,
    /// The push code.
    pub code: i32,
    /// The order, if it names one.
    pub order_sn: Option<String>,
    /// The shop, if it names one.
    pub shop_id: Option<i64>,
    /// Whether its signature matched; absent where none is expected.
    pub signature_ok: Option<bool>,
    /// Whether nothing more is to be done.
    pub processed: bool,
    /// What became of it, once processed.
    pub outcome: Option<String>,
    /// When it is tried (again), while it is pending and not parked.
    pub next_attempt_at: Option<Timestamp>,
}

/// An event with everything about it.
#[derive(Clone, Debug, Serialize)]
pub struct EventDetail {
    /// As in a list.
    #[serde(flatten)]
    pub summary: EventSummary,
    /// The profile, if one was recognised.
    pub profile_id: Option<String>,
    /// Which scheme matched.
    pub signature_scheme: Option<String>,
    /// Which key matched.
    pub signature_key: Option<String>,
    /// The marketplace's id of the delivery.
    pub delivery_id: Option<String>,
    /// When it was processed.
    pub processed_at: Option<Timestamp>,
    /// The body: as JSON where it is JSON, else as text with what is no UTF-8 replaced.
    pub payload: serde_json::Value,
}

/// Which orders are wanted.
#[derive(Clone, Debug, Default)]
pub struct OrderFilter {
    /// With this marketplace status.
    pub marketplace_status: Option<String>,
    /// With this state of synchronisation: `pending`, `created`, `failed`.
    pub sync_status: Option<String>,
    /// Only those that wait for a SKU.
    pub held: Option<bool>,
}

/// An order in a list, held ones included.
#[derive(Clone, Debug, Serialize)]
pub struct OrderSummary {
    /// The marketplace's number.
    pub order_sn: String,
    /// Sandbox or live.
    pub environment: String,
    /// Our order, once created.
    pub order_id: Option<String>,
    /// `pending`, `created`, `failed`.
    pub sync_status: String,
    /// Why it waits, for example `mapping`.
    pub hold: Option<String>,
    /// The marketplace's status.
    pub marketplace_status: Option<String>,
    /// Where it stands with us: `pending`, `open`, `completed`, `canceled`.
    pub status: Option<String>,
    /// `awaiting`, `on_delivery`, `captured`, `voided`.
    pub payment_status: Option<String>,
    /// `unfulfilled`, `shipment_created`, `fulfilled`.
    pub fulfillment_status: Option<String>,
    /// What the buyer pays, in major units.
    pub total: Option<Decimal>,
    /// What it is counted in.
    pub currency: Option<String>,
    /// When the buyer placed it.
    pub placed_at: Option<Timestamp>,
    /// When it must have been handed over.
    pub ship_by: Option<Timestamp>,
    /// By which road it came first: `webhook`, `poll`, `reconcile`, `manual`.
    pub first_source: Option<String>,
    /// Exceptions that are open for it.
    pub open_exceptions: i64,
    /// When we first heard of it.
    pub created_at: Timestamp,
}

/// An order with everything about it. Personal data is limited to what shipping needs.
#[derive(Clone, Debug, Serialize)]
pub struct OrderDetail {
    /// As in a list.
    #[serde(flatten)]
    pub summary: OrderSummary,
    /// The sales channel, for example `Shopee`.
    pub sales_channel: Option<String>,
    /// The buyer's name at the marketplace.
    pub buyer_username: Option<String>,
    /// Where it goes.
    pub address: Option<serde_json::Value>,
    /// What was ordered.
    pub lines: Vec<OrderLineRow>,
    /// The parcels.
    pub shipments: Vec<ShipmentRow>,
    /// What happened, oldest first.
    pub timeline: Vec<TimelineRow>,
    /// SKUs that it waits for.
    pub missing_skus: Vec<String>,
}

/// A line of an order.
#[derive(Clone, Debug, Serialize)]
pub struct OrderLineRow {
    /// The SKU.
    pub sku: Option<String>,
    /// The name that the buyer saw.
    pub title: String,
    /// Pieces ordered.
    pub quantity: i32,
    /// Of these, pieces cancelled.
    pub cancelled_quantity: i32,
    /// Price of one piece in major units.
    pub unit_price: Decimal,
    /// `untouched`, `reserved`, `deducted`, `released`.
    pub stock: String,
    /// Where its pieces are set aside or were taken: location code and pieces.
    pub allocations: Vec<(String, i32)>,
}

/// A parcel of an order.
#[derive(Clone, Debug, Serialize)]
pub struct ShipmentRow {
    /// Shopee's `package_number`.
    pub package_number: String,
    /// Where it is.
    pub state: String,
    /// The courier.
    pub carrier: Option<String>,
    /// The courier's number.
    pub tracking_number: Option<String>,
}

/// A step of an order.
#[derive(Clone, Debug, Serialize)]
pub struct TimelineRow {
    /// When.
    pub at: Timestamp,
    /// What.
    pub step: String,
    /// The marketplace's status then.
    pub marketplace_status: String,
    /// The event that led to it.
    pub event_id: Option<String>,
    /// In words.
    pub note: Option<String>,
}

/// Which exceptions are wanted.
#[derive(Clone, Debug, Default)]
pub struct ExceptionFilter {
    /// `open`, `resolved` or `wont_fix`.
    pub status: Option<String>,
    /// Of this class.
    pub class: Option<String>,
    /// Of this cause.
    pub cause: Option<String>,
    /// Of this order.
    pub order_sn: Option<OrderSn>,
    /// Assigned to this person.
    pub assignee: Option<String>,
    /// Of this environment.
    pub environment: Option<Environment>,
    /// Of this profile.
    pub profile: Option<ProfileId>,
    /// Also those that are out of sight for now.
    pub with_snoozed: bool,
    /// Which come first.
    pub sort: ExceptionSort,
}

/// An exception.
#[derive(Clone, Debug, Serialize)]
pub struct ExceptionSummary {
    /// `cex_…`.
    pub id: String,
    /// The kind.
    pub error_class: String,
    /// What tells it apart from others of its kind.
    pub cause: String,
    /// Sandbox or live.
    pub environment: String,
    /// The order, if it is about one.
    pub order_sn: Option<String>,
    /// One sentence for the operator.
    pub message: String,
    /// `open`, `resolved`, `wont_fix`.
    pub status: String,
    /// How often it recurred after the first time.
    pub retry_count: i64,
    /// When somebody must have acted.
    pub due_at: Option<Timestamp>,
    /// The event that showed it last.
    pub raw_event_id: Option<String>,
    /// When it first showed.
    pub first_seen_at: Timestamp,
    /// When it showed last.
    pub last_seen_at: Timestamp,
    /// When it was resolved.
    pub resolved_at: Option<Timestamp>,
    /// By whom.
    pub resolved_by: Option<String>,
    /// To whom it was given.
    pub assignee: Option<String>,
    /// Out of sight until then.
    pub snoozed_until: Option<Timestamp>,
    /// What the order is worth, in major units of `currency`.
    pub order_total: Option<Decimal>,
    /// What the order is counted in.
    pub currency: Option<String>,
    /// When the order must have been handed over.
    pub ship_by: Option<Timestamp>,
}

/// How much work waits. Events of a profile and orders of a state are counted up to
/// [`COUNTED_MAX`](Self::COUNTED_MAX), which stands for so many or more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Backlog {
    /// Events that are pending and due, and those in the journal, of whose batches so many are looked at.
    pub due: i64,
    /// Since when the oldest of them has been due.
    pub oldest_due_at: Option<Timestamp>,
    /// Events that are pending but wait for a time or a person.
    pub waiting: i64,
    /// Orders that are leased by a worker.
    pub leased: i64,
    /// Alerts that no sink has taken yet.
    pub alerts: i64,
    /// Open exceptions by class.
    pub exceptions: Vec<(String, i64)>,
    /// Orders by state of synchronisation.
    pub orders: Vec<(String, i64)>,
    /// Orders that wait for a SKU.
    pub held: i64,
}

impl Backlog {
    /// As far as is counted. That work waits matters, and since when; how much of it does not, beyond what
    /// takes a few seconds.
    pub const COUNTED_MAX: i64 = 1_000;
}

/// What can be looked at.
#[async_trait]
pub trait Views: Send + Sync {
    /// Events, newest first.
    async fn events(
        &self,
        tenant: &TenantSlug,
        filter: &EventFilter,
        page: &PageRequest,
    ) -> Result<Page<EventSummary>, StoreError>;

    /// How many events match, on all pages; nothing is counted beyond `at_most`.
    async fn event_count(
        &self,
        tenant: &TenantSlug,
        filter: &EventFilter,
        at_most: u32,
    ) -> Result<BoundedCount, StoreError>;

    /// One event.
    async fn event(
        &self,
        tenant: &TenantSlug,
        id: EventId,
    ) -> Result<Option<EventDetail>, StoreError>;

    /// Orders, newest first.
    async fn orders(
        &self,
        tenant: &TenantSlug,
        filter: &OrderFilter,
        page: &PageRequest,
    ) -> Result<Page<OrderSummary>, StoreError>;

    /// One order by the marketplace's number; the live one where both environments have it.
    async fn order(
        &self,
        tenant: &TenantSlug,
        order_sn: &OrderSn,
    ) -> Result<Option<OrderDetail>, StoreError>;

    /// Exceptions, newest first. Those out of sight for now are left out unless asked for.
    async fn exceptions(
        &self,
        tenant: &TenantSlug,
        filter: &ExceptionFilter,
        page: &PageRequest,
    ) -> Result<Page<ExceptionSummary>, StoreError>;

    /// The audit log, newest first.
    async fn audit(
        &self,
        tenant: &TenantSlug,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Counted<AuditRow>, StoreError>;

    /// How much work waits.
    async fn backlog(&self, tenant: &TenantSlug, now: Timestamp) -> Result<Backlog, StoreError>;
}
