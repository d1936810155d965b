//! Exceptions as they go out: in lists, in groups, and each with its history.

use chrono::{DateTime, Utc};
use hawker_ports::views::{
    ExceptionDetail, ExceptionGroup, ExceptionGroups, ExceptionSummary, NoteRow, RetryRow,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::amount::{AmountWire, exact};

/// An exception in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Exception)]
pub(crate) struct ExceptionWire {
    /// Its id.
    #[schema(example = "cex_01JD0Z5V7Q8W9X0Y1Z2A3B4C5D")]
    id: String,
    /// The kind.
    #[schema(example = "sku_not_found")]
    error_class: String,
    /// What tells it apart from others of its kind; with the kind, its group.
    #[schema(example = "sku:POK-OBF-223-NM-EN")]
    cause: String,
    /// Sandbox or live.
    env_type: String,
    /// The order, if it is about one.
    #[schema(required, example = "251214TESTSN01")]
    order_sn: Option<String>,
    /// One sentence for the operator: the thing, the cause, the next step.
    message: String,
    /// `open`, `resolved` or `wont_fix`.
    #[schema(example = "open")]
    status: String,
    /// How often it recurred after the first time.
    retry_count: i64,
    /// When somebody must have acted.
    #[schema(required)]
    due_at: Option<DateTime<Utc>>,
    /// The event that showed it last.
    #[schema(required)]
    raw_event_id: Option<String>,
    /// When it first showed.
    first_seen_at: DateTime<Utc>,
    /// When it showed last.
    last_seen_at: DateTime<Utc>,
    /// When it was closed.
    #[schema(required)]
    resolved_at: Option<DateTime<Utc>>,
    /// By whom; `hawker` where the cause went away.
    #[schema(required)]
    resolved_by: Option<String>,
    /// To whom it was given.
    #[schema(required)]
    assignee: Option<String>,
    /// Out of sight until then.
    #[schema(required)]
    snoozed_until: Option<DateTime<Utc>>,
    /// What the order is worth, in major units of `currency`.
    #[schema(required, example = "88.00")]
    order_total: Option<String>,
    /// What the order is counted in.
    #[schema(required, example = "SGD")]
    currency: Option<String>,
    /// When the order must have been handed over.
    #[schema(required)]
    ship_by: Option<DateTime<Utc>>,
}

/// An exception with its history.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExceptionDetail)]
pub(crate) struct ExceptionDetailWire {
    #[serde(flatten)]
    summary: ExceptionWire,
    /// The profile.
    #[schema(required)]
    profile_id: Option<String>,
    /// The shop.
    #[schema(required)]
    shop_id: Option<i64>,
    /// What operators wrote, oldest first.
    notes: Vec<NoteWire>,
    /// When it was retried, oldest first.
    retries: Vec<RetryWire>,
    /// Earlier exceptions of the same cause and subject, newest first; at most twenty.
    before: Vec<ExceptionWire>,
}

/// A note of an operator.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExceptionNote)]
struct NoteWire {
    /// When.
    at: DateTime<Utc>,
    /// Who.
    by: String,
    /// What.
    text: String,
}

/// A retry of an exception.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExceptionRetry)]
struct RetryWire {
    /// Those that were retried together.
    #[schema(example = "xret_01JD0Z5V7Q8W9X0Y1Z2A3B4C5D")]
    batch: String,
    /// When.
    at: DateTime<Utc>,
    /// `resolved`, `failed` or `waiting`.
    result: String,
}

/// Open exceptions of one class and cause.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExceptionGroup)]
struct ExceptionGroupWire {
    /// The class.
    #[schema(example = "sku_not_found")]
    error_class: String,
    /// The cause.
    #[schema(example = "sku:POK-OBF-223-NM-EN")]
    cause: String,
    /// Sandbox or live.
    env_type: String,
    /// Exceptions that are open.
    open: i64,
    /// Of these, out of sight for now.
    snoozed: i64,
    /// How often they showed altogether.
    occurrences: i64,
    /// Orders that they concern.
    orders: i64,
    /// What these orders are worth, by currency.
    at_stake: Vec<AmountWire>,
    /// When the first of these orders must have been handed over.
    #[schema(required)]
    earliest_ship_by: Option<DateTime<Utc>>,
    /// The earliest deadline of an exception.
    #[schema(required)]
    earliest_due_at: Option<DateTime<Utc>>,
    /// When the first was opened.
    first_seen_at: DateTime<Utc>,
    /// When one showed last.
    last_seen_at: DateTime<Utc>,
    /// The message of the one that showed last.
    message: String,
    /// Up to five of the orders.
    examples: Vec<String>,
}

/// The groups.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExceptionGroups)]
pub(crate) struct ExceptionGroupsWire {
    /// The most urgent first; at most 500.
    items: Vec<ExceptionGroupWire>,
    /// How many there are, those included that were left out.
    total: i64,
}

impl From<ExceptionSummary> for ExceptionWire {
    fn from(summary: ExceptionSummary) -> Self {
        let ExceptionSummary {
            id,
            error_class,
            cause,
            environment,
            order_sn,
            message,
            status,
            retry_count,
            due_at,
            raw_event_id,
            first_seen_at,
            last_seen_at,
            resolved_at,
            resolved_by,
            assignee,
            snoozed_until,
            order_total,
            currency,
            ship_by,
        } = summary;
        let digits = currency.as_deref().unwrap_or_default();
        Self {
            order_total: order_total.map(|total| exact(total, digits)),
            id,
            error_class,
            cause,
            env_type: environment,
            order_sn,
            message,
            status,
            retry_count,
            due_at,
            raw_event_id,
            first_seen_at,
            last_seen_at,
            resolved_at,
            resolved_by,
            assignee,
            snoozed_until,
            currency,
            ship_by,
        }
    }
}

impl From<ExceptionDetail> for ExceptionDetailWire {
    fn from(detail: ExceptionDetail) -> Self {
        let ExceptionDetail {
            summary,
            profile_id,
            shop_id,
            notes,
            retries,
            before,
        } = detail;
        Self {
            summary: summary.into(),
            profile_id,
            shop_id,
            notes: notes.into_iter().map(Into::into).collect(),
            retries: retries.into_iter().map(Into::into).collect(),
            before: before.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<NoteRow> for NoteWire {
    fn from(row: NoteRow) -> Self {
        let NoteRow { at, by, text } = row;
        Self { at, by, text }
    }
}

impl From<RetryRow> for RetryWire {
    fn from(row: RetryRow) -> Self {
        let RetryRow { batch, at, result } = row;
        Self { batch, at, result }
    }
}

impl From<ExceptionGroup> for ExceptionGroupWire {
    fn from(group: ExceptionGroup) -> Self {
        let ExceptionGroup {
            error_class,
            cause,
            environment,
            open,
            snoozed,
            occurrences,
            orders,
            at_stake,
            earliest_ship_by,
            earliest_due_at,
            first_seen_at,
            last_seen_at,
            message,
            examples,
        } = group;
        Self {
            error_class,
            cause,
            env_type: environment,
            open,
            snoozed,
            occurrences,
            orders,
            at_stake: at_stake.into_iter().map(Into::into).collect(),
            earliest_ship_by,
            earliest_due_at,
            first_seen_at,
            last_seen_at,
            message,
            examples,
        }
    }
}

impl From<ExceptionGroups> for ExceptionGroupsWire {
    fn from(found: ExceptionGroups) -> Self {
        let ExceptionGroups { groups, total } = found;
        Self {
            total,
            items: groups.into_iter().map(Into::into).collect(),
        }
    }
}
