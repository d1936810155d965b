//! The queue of exceptions as a person sees it.

use async_trait::async_trait;
use hawker_domain::exception::ErrorClass;
use hawker_domain::ids::{ExceptionId, RetryBatchId};
use hawker_domain::{TenantSlug, Timestamp};
use rust_decimal::Decimal;
use serde::Serialize;

use super::{ExceptionSummary, Page, PageRequest};
use crate::StoreError;
use crate::exception_desk::ExceptionSelector;

/// An amount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Amount {
    /// What it is counted in.
    pub currency: String,
    /// How much, in major units.
    pub amount: Decimal,
}

/// Exceptions of one class and cause.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExceptionGroup {
    /// The class.
    pub error_class: String,
    /// The cause.
    pub cause: String,
    /// Sandbox or live.
    pub environment: String,
    /// Exceptions that are open.
    pub open: i64,
    /// Of these, out of sight for now.
    pub snoozed: i64,
    /// How often they showed altogether.
    pub occurrences: i64,
    /// Orders that they concern.
    pub orders: i64,
    /// What these orders are worth, by currency.
    pub at_stake: Vec<Amount>,
    /// When the first of these orders must have been handed over.
    pub earliest_ship_by: Option<Timestamp>,
    /// The earliest deadline of an exception.
    pub earliest_due_at: Option<Timestamp>,
    /// When the first was opened.
    pub first_seen_at: Timestamp,
    /// When one showed last.
    pub last_seen_at: Timestamp,
    /// The message of the one that showed last.
    pub message: String,
    /// Up to five of the orders.
    pub examples: Vec<String>,
}

/// Groups of exceptions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExceptionGroups {
    /// The most urgent first; at most 500.
    pub groups: Vec<ExceptionGroup>,
    /// How many there are, those included that were left out.
    pub total: i64,
}

/// Classes of which every order of a profile suffers, or of which nobody knows what else they hide: their
/// groups come before all others, though most of them name no order and so no deadline.
pub const BLOCKING: [ErrorClass; 4] = [
    ErrorClass::TokenExpired,
    ErrorClass::SignatureMismatch,
    ErrorClass::OrdersMissing,
    ErrorClass::JobFailed,
];

/// Which exceptions of a list come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExceptionSort {
    /// The newest.
    #[default]
    Newest,
    /// Those that must be done first: by their own deadline or the moment by which their order must have
    /// been handed over, whichever is earlier; then those that have neither; among equals the oldest.
    /// Where no status is asked for, only open ones: nothing else must be done.
    Due,
}

/// A note of an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NoteRow {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// What.
    pub text: String,
}

/// A retry of an exception.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RetryRow {
    /// `xret_…`: those that were retried together.
    pub batch: String,
    /// When.
    pub at: Timestamp,
    /// As in [`RetriedRow::result`].
    pub result: String,
}

/// An exception with everything about it.
#[derive(Clone, Debug, Serialize)]
pub struct ExceptionDetail {
    /// As in a list.
    #[serde(flatten)]
    pub summary: ExceptionSummary,
    /// The profile.
    pub profile_id: Option<String>,
    /// The shop.
    pub shop_id: Option<i64>,
    /// What operators wrote, oldest first.
    pub notes: Vec<NoteRow>,
    /// How often and when it was retried, oldest first.
    pub retries: Vec<RetryRow>,
    /// Earlier rows of the same cause and subject, newest first: what came back. At most twenty.
    pub before: Vec<ExceptionSummary>,
}

/// What became of one exception of a retry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RetriedRow {
    /// `cex_…`.
    pub exception_id: String,
    /// The order, if it is about one.
    pub order_sn: Option<String>,
    /// `resolved`: the cause is gone. `failed`: it showed again since, or stands although its order was
    /// worked on, its profile looked at or its day compared. `waiting`: neither yet.
    pub result: String,
    /// Its message.
    pub message: String,
}

/// How a retry stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RetryProgress {
    /// `xret_…`.
    pub batch: String,
    /// When it was asked for.
    pub at: Timestamp,
    /// Exceptions that were retried.
    pub retried: i64,
    /// Of these, resolved since.
    pub resolved: i64,
    /// Of these, showed again since, or tried and unchanged.
    pub failed: i64,
    /// The others.
    pub waiting: i64,
    /// Item by item, in the order of their ids.
    pub items: Page<RetriedRow>,
}

/// The queue of exceptions.
#[async_trait]
pub trait ExceptionViews: Send + Sync {
    /// Open exceptions by environment, class and cause: [`BLOCKING`] ones first, then those whose orders
    /// must be handed over first (ship-by or deadline, whichever is earlier), then those with most open ones. At most 500.
    async fn exception_groups(
        &self,
        tenant: &TenantSlug,
        selector: &ExceptionSelector,
        now: Timestamp,
    ) -> Result<ExceptionGroups, StoreError>;

    /// One exception.
    async fn exception(
        &self,
        tenant: &TenantSlug,
        id: ExceptionId,
    ) -> Result<Option<ExceptionDetail>, StoreError>;

    /// How a retry stands.
    async fn retry_progress(
        &self,
        tenant: &TenantSlug,
        batch: RetryBatchId,
        page: &PageRequest,
    ) -> Result<Option<RetryProgress>, StoreError>;
}
