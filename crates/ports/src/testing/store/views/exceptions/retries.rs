//! How a retry stands: read off the exceptions that were retried.

use hawker_domain::Timestamp;
use hawker_domain::exception::ExceptionStatus;
use hawker_domain::ids::RetryBatchId;

use crate::StoreError;
use crate::testing::store::state::{ExceptionRow, State, refused};
use crate::testing::store::views::count;
use crate::views::{PAGE_ROWS_MAX, Page, PageRequest, RetriedRow, RetryProgress};

/// What became of an exception that was retried at a time.
pub(super) fn result(row: &ExceptionRow, at: Timestamp) -> &'static str {
    let closed_since = row.resolution.as_ref().filter(|closed| closed.at >= at);
    if row.status != ExceptionStatus::Open && closed_since.is_some() {
        "resolved"
    } else if row.last_seen_at > at {
        "failed"
    } else {
        "waiting"
    }
}

pub(super) fn progress(
    state: &State,
    batch: RetryBatchId,
    page: &PageRequest,
) -> Option<Result<RetryProgress, StoreError>> {
    let mut items: Vec<_> = state
        .exceptions
        .iter()
        .filter_map(|row| {
            let (_, at) = row.retries.iter().find(|(known, _)| *known == batch)?;
            Some((*at, retried(row, *at)))
        })
        .collect();
    items.sort_by(|(_, one), (_, other)| one.exception_id.cmp(&other.exception_id));
    let at = items.iter().map(|(at, _)| *at).min()?;
    let items: Vec<_> = items.into_iter().map(|(_, item)| item).collect();
    let counted = |result: &str| count(items.iter().filter(|item| item.result == result));
    let (resolved, failed, waiting) = (counted("resolved"), counted("failed"), counted("waiting"));
    Some(cut(items, page).map(|items| RetryProgress {
        batch: batch.to_string(),
        at,
        retried: resolved + failed + waiting,
        resolved,
        failed,
        waiting,
        items,
    }))
}

fn retried(row: &ExceptionRow, at: Timestamp) -> RetriedRow {
    RetriedRow {
        exception_id: row.id.to_string(),
        order_sn: row.subject.order_sn.as_ref().map(ToString::to_string),
        result: result(row, at).to_owned(),
        message: row.cause.message.clone(),
    }
}

/// The page of `rows`, in the order that they are in.
fn cut(mut rows: Vec<RetriedRow>, page: &PageRequest) -> Result<Page<RetriedRow>, StoreError> {
    if let Some(after) = &page.after {
        let place = rows.iter().position(|row| row.exception_id == *after);
        let place = place.ok_or_else(|| refused("page", "the cursor names no row"))?;
        rows.drain(..=place);
    }
    let limit = usize::try_from(page.limit.clamp(1, PAGE_ROWS_MAX)).unwrap_or(usize::MAX);
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| has_more);
    Ok(Page {
        next: next.map(|row| row.exception_id.clone()),
        rows,
    })
}
