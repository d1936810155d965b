//! The calls that were made to a marketplace: what an operator quotes to its support, how much of
//! the self-imposed limits is left, and how the clocks differ.

use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::ids::ProfileId;
use hawker_domain::{ShopId, Timestamp};

use crate::StoreError;

/// Calls that are kept of each profile.
pub const CALLS_KEPT: u32 = 50;

/// A call that was made: one exchange, repeats are calls of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedCall {
    /// On behalf of this profile.
    pub profile: ProfileId,
    /// When it was begun.
    pub at: Timestamp,
    /// Which call, for example `order/get_order_detail`.
    pub endpoint: String,
    /// `ok` or the kind of its failure, as metrics count it.
    pub result: String,
    /// The marketplace's error code, verbatim, where it gave one.
    pub code: Option<String>,
    /// The marketplace's own id of the call.
    pub request_id: Option<String>,
    /// How long it took.
    pub took: Duration,
    /// By how many seconds the marketplace's clock is ahead of ours, where its answer told the time.
    pub clock_skew_s: Option<i64>,
}

/// Is told of each call. Called on the way of every call: must neither wait nor fail.
pub trait CallRecorder: Send + Sync {
    /// A call ended.
    fn record(&self, call: RecordedCall);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCallRecorder;

impl CallRecorder for NoCallRecorder {
    fn record(&self, _: RecordedCall) {}
}

/// How much of the self-imposed limits is left, in the process that is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct CallBudget {
    /// Calls that may be made for the shop at once.
    pub shop_left: f64,
    /// Calls each second for the shop.
    pub shop_per_second: f64,
    /// Calls that may be made for the app at once.
    pub app_left: f64,
    /// Calls each second for the app.
    pub app_per_second: f64,
    /// Until when the app rests because its calls of the day are used up.
    pub paused_until: Option<Timestamp>,
}

/// Tells how much is left.
pub trait CallBudgets: Send + Sync {
    /// What is left for an app and one of its shops.
    fn budget(&self, partner_id: i64, shop: Option<ShopId>) -> CallBudget;
}

/// Tells how a marketplace's clock differs from ours.
pub trait ClockSkew: Send + Sync {
    /// By how many seconds the clock of the host of `base_url` was ahead of ours when it last told the
    /// time to the process that is asked; `None` where it never did.
    fn clock_skew_s(&self, base_url: &str) -> Option<i64>;
}

/// The last calls of each profile, over all processes.
#[async_trait]
pub trait CallLog: Send {
    /// Keeps calls; of each profile the newest [`CALLS_KEPT`] stay. Calls of profiles that do not
    /// exist (any more) are left out.
    async fn record(&mut self, calls: &[RecordedCall]) -> Result<(), StoreError>;

    /// The last calls of a profile, newest first.
    async fn of_profile(
        &mut self,
        profile: &ProfileId,
        limit: u32,
    ) -> Result<Vec<RecordedCall>, StoreError>;
}
