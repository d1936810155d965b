//! Reconciliation: what the marketplace lists against what we hold.

use async_trait::async_trait;
use hawker_domain::completeness::{Day, Window};
use hawker_domain::ids::ProfileId;
use hawker_domain::{ConnectorName, Environment, OrderSn, ShopId, Timestamp};

use crate::StoreError;
use crate::recovery::ListedOrder;

/// Whose orders are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrdersOf {
    /// The marketplace.
    pub connector: ConnectorName,
    /// Sandbox or live.
    pub environment: Environment,
    /// The profile.
    pub profile: ProfileId,
}

/// Until when a profile's orders were compared without a gap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Watermark {
    /// By the time of their last change.
    pub updated_until: Option<Timestamp>,
    /// By the time at which they were placed.
    pub created_until: Option<Timestamp>,
}

/// Why an order is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// We do not hold it.
    Missing,
    /// It has another status than ours.
    OtherStatus,
    /// What we hold is older than the window in which it changed.
    Older,
}

/// What comparing a page came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Orders that are to be fetched, each once. Those that an event waits for already are not among
    /// them.
    pub differing: Vec<(OrderSn, Difference)>,
    /// Differing orders that an event waits for already.
    pub waiting: u64,
    /// Orders that agree.
    pub agreeing: u64,
}

/// What comparing a day came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayDifference {
    /// Listed, but not held.
    pub missing: Vec<OrderSn>,
    /// Held as placed on that day, but not listed.
    pub unlisted: Vec<OrderSn>,
}

/// A difference of a day that has stood for some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingDifference {
    /// Whose.
    pub orders: OrdersOf,
    /// The shop, where the profile names one.
    pub shop: Option<ShopId>,
    /// The day, as the shop's calendar says.
    pub day: chrono::NaiveDate,
    /// Listed, but not held.
    pub missing: u64,
    /// Held, but not listed.
    pub unlisted: u64,
    /// Up to five of these orders.
    pub examples: Vec<OrderSn>,
}

/// Reconciliation.
#[async_trait]
pub trait Reconciliation: Send {
    /// Until when a profile was compared.
    async fn watermark(&mut self, profile: &ProfileId) -> Result<Watermark, StoreError>;

    /// It was compared until then. A mark never moves back.
    async fn advance(
        &mut self,
        profile: &ProfileId,
        mark: Watermark,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Compares listed orders with what we hold. Where `changed_since` is given, every listed order
    /// changed at that moment or later, so that an older snapshot of ours is out of date whatever its
    /// status. An order that was never seen at the marketplace (no snapshot of it was ever applied or
    /// held) counts as missing.
    async fn compare(
        &mut self,
        orders: &OrdersOf,
        listed: &[ListedOrder],
        changed_since: Option<Timestamp>,
    ) -> Result<Comparison, StoreError>;

    /// Keeps what the marketplace lists for a day of which `compared` was looked at, and says how that
    /// differs from what we hold as placed within `compared`. What a day's other parts listed stays.
    async fn note_day(
        &mut self,
        orders: &OrdersOf,
        day: &Day,
        compared: Window,
        listed: &[OrderSn],
        now: Timestamp,
    ) -> Result<DayDifference, StoreError>;

    /// Differences that were found before `found_before` and still stand. Those that are gone
    /// meanwhile are forgotten.
    async fn standing(
        &mut self,
        found_before: Timestamp,
    ) -> Result<Vec<StandingDifference>, StoreError>;
}
