//! What comes of working on exceptions, as it goes out.

use chrono::{DateTime, Utc};
use hawker_domain::ids::RetryBatchId;
use hawker_ports::views::{Page, RetriedRow, RetryProgress};
use hawker_usecases::work_exceptions::{Worked, WorkedItem};
use serde::Serialize;
use utoipa::ToSchema;

/// What became of one exception.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkedException)]
pub(crate) struct WorkedExceptionWire {
    /// The exception.
    #[schema(example = "cex_01JD0Z5V7Q8W9X0Y1Z2A3B4C5D")]
    id: String,
    /// Its order, if it is about one.
    #[schema(required, example = "251214TESTSN01")]
    order_sn: Option<String>,
    /// `due`: what it is about is tried again now. `nothing_to_do`: there is nothing that could be
    /// tried again. `changed`, `unchanged`: it is as asked for. `not_found`. `closed`: it is not open
    /// any more.
    #[schema(example = "due")]
    result: &'static str,
}

/// What became of a retry of one exception.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RetriedException)]
pub(crate) struct RetriedExceptionWire {
    #[serde(flatten)]
    item: WorkedExceptionWire,
    /// Under which the retry can be followed.
    #[schema(example = "xret_01JD0Z5V7Q8W9X0Y1Z2A3B4C5D")]
    batch: String,
}

/// What became of a portion of the exceptions that were meant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkedExceptions)]
pub(crate) struct WorkedExceptionsWire {
    /// Under which a retry can be followed; hand it in with the next portion. `null` for other
    /// actions.
    #[schema(required, example = "xret_01JD0Z5V7Q8W9X0Y1Z2A3B4C5D")]
    batch: Option<String>,
    /// Exception by exception.
    items: Vec<WorkedExceptionWire>,
    /// Hand this in as `after` for the next portion; `null` when all are done.
    #[schema(required, example = "cex_01JD0Z5V7Q8W9X0Y1Z2A3B4C5D")]
    next: Option<String>,
}

/// How a retry stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RetryProgress)]
pub(crate) struct RetryProgressWire {
    /// The retry.
    #[schema(example = "xret_01JD0Z5V7Q8W9X0Y1Z2A3B4C5D")]
    batch: String,
    /// When it was asked for.
    at: DateTime<Utc>,
    /// Exceptions that were retried.
    retried: i64,
    /// Of these, resolved since.
    resolved: i64,
    /// Of these, showed again since, or tried and unchanged.
    failed: i64,
    /// The others.
    waiting: i64,
    /// Exception by exception, in the order of their ids.
    items: Vec<RetriedItemWire>,
    /// Hand this in as `after` for the next page; `null` on the last.
    #[schema(required)]
    next: Option<String>,
}

/// What became of one exception of a retry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RetriedItem)]
struct RetriedItemWire {
    /// The exception.
    exception_id: String,
    /// Its order, if it is about one.
    #[schema(required)]
    order_sn: Option<String>,
    /// `resolved`: the cause is gone. `failed`: it showed again since, or stands although its order was
    /// worked on or its profile looked at. `waiting`: neither yet.
    #[schema(example = "resolved")]
    result: String,
    /// Its message.
    message: String,
}

impl From<WorkedItem> for WorkedExceptionWire {
    fn from(item: WorkedItem) -> Self {
        let WorkedItem {
            id,
            order_sn,
            result,
        } = item;
        Self {
            id: id.to_string(),
            order_sn: order_sn.map(|order_sn| order_sn.to_string()),
            result: result.as_str(),
        }
    }
}

impl RetriedExceptionWire {
    pub(crate) fn of(batch: RetryBatchId, item: WorkedItem) -> Self {
        Self {
            item: item.into(),
            batch: batch.to_string(),
        }
    }
}

impl WorkedExceptionsWire {
    pub(crate) fn of(batch: Option<RetryBatchId>, worked: Worked) -> Self {
        let Worked { items, next } = worked;
        Self {
            batch: batch.map(|batch| batch.to_string()),
            items: items.into_iter().map(Into::into).collect(),
            next: next.map(|next| next.to_string()),
        }
    }
}

impl From<RetryProgress> for RetryProgressWire {
    fn from(progress: RetryProgress) -> Self {
        let RetryProgress {
            batch,
            at,
            retried,
            resolved,
            failed,
            waiting,
            items: Page { rows, next },
        } = progress;
        Self {
            batch,
            at,
            retried,
            resolved,
            failed,
            waiting,
            items: rows.into_iter().map(Into::into).collect(),
            next,
        }
    }
}

impl From<RetriedRow> for RetriedItemWire {
    fn from(row: RetriedRow) -> Self {
        let RetriedRow {
            exception_id,
            order_sn,
            result,
            message,
        } = row;
        Self {
            exception_id,
            order_sn,
            result,
            message,
        }
    }
}
