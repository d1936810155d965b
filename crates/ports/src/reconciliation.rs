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
    /// We do not hold it, or hold it for another profile: its shop was connected anew.
    Missing,
    /// It has another status than ours.
    OtherStatus,
    /// What we hold was fetched before the end of the window in which it changed: it may be older.
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

/// A difference of a day that has stood for some time, or that was told and is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingDifference {
    /// Whose.
    pub orders: OrdersOf,
    /// The shop, where the profile names one.
    pub shop: Option<ShopId>,
    /// The day, as the shop's calendar says.
    pub day: chrono::NaiveDate,
    /// Listed, but not held, and not about to be.
    pub missing: u64,
    /// Held, but not listed.
    pub unlisted: u64,
    /// Up to five of these orders.
    pub examples: Vec<OrderSn>,
    /// Stands for just these orders, all of them; blank where nothing differs. Opaque.
    pub state: String,
    /// Whether somebody was told of just these orders.
    pub is_told: bool,
}

impl StandingDifference {
    /// Whether nothing differs any more.
    pub const fn is_gone(&self) -> bool {
        self.missing == 0 && self.unlisted == 0
    }
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

    /// Compares listed orders with what we hold. Where `fetched_since` is given, the orders are listed
    /// because they changed, and not later than then. The list does not tell when: one that was fetched
    /// last before that moment may be out of date, whatever its status. An order that was never seen at
    /// the marketplace (no snapshot of it was ever applied or held) counts as missing, and so does one
    /// that another profile holds.
    async fn compare(
        &mut self,
        orders: &OrdersOf,
        listed: &[ListedOrder],
        fetched_since: Option<Timestamp>,
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

    /// Differences that were found before `found_before` and still stand, and those that were told and
    /// are gone. A missing order with an event that nobody has tried yet is about to be fetched: it does
    /// not count, unless something of its day was told already. What is held meanwhile is forgotten.
    async fn standing(
        &mut self,
        found_before: Timestamp,
    ) -> Result<Vec<StandingDifference>, StoreError>;

    /// Somebody is told of these differences, and that those which are gone are gone.
    async fn told(&mut self, differences: &[StandingDifference]) -> Result<(), StoreError>;

    /// Up to `at_most` missing orders, found before `found_before`, that nothing asks for: no event waits
    /// for them, and none of a reconcile run or a watch was received since `asked_since`.
    async fn unasked(
        &mut self,
        found_before: Timestamp,
        asked_since: Timestamp,
        at_most: u32,
    ) -> Result<Vec<(OrdersOf, OrderSn)>, StoreError>;
}
