//! How a retry stands: read off the exceptions that were retried.

use hawker_domain::Timestamp;
use hawker_domain::exception::{ErrorClass, ExceptionStatus};
use hawker_domain::ids::RetryBatchId;

use crate::StoreError;
use crate::testing::store::state::{EventRow, ExceptionRow, State, refused};
use crate::testing::store::views::count;
use crate::views::{PAGE_ROWS_MAX, Page, PageRequest, RetriedRow, RetryProgress};

/// What became of an exception that was retried at a time.
pub(super) fn result(state: &State, row: &ExceptionRow, at: Timestamp) -> &'static str {
    let closed_since = row.resolution.as_ref().filter(|closed| closed.at >= at);
    if row.status != ExceptionStatus::Open && closed_since.is_some() {
        "resolved"
    } else if row.last_seen_at > at || was_tried(state, row, at) {
        "failed"
    } else {
        "waiting"
    }
}

/// Whether its order was worked on since, its profile looked at, or its day compared: what stands is not
/// always told once more.
fn was_tried(state: &State, row: &ExceptionRow, at: Timestamp) -> bool {
    match (&row.subject.order_sn, &row.subject.profile) {
        // Work on an order says nothing about its payout.
        (Some(_), _) if row.cause.class == ErrorClass::EscrowFetchFailed => false,
        (Some(order_sn), _) => state.events.iter().any(|EventRow { event, done, .. }| {
            event.connector == row.subject.connector
                && event.environment == row.subject.environment
                && event.content.order_sn.as_ref() == Some(order_sn)
                && event.is_trusted()
                && done.as_ref().is_some_and(|(done_at, _)| *done_at > at)
        }),
        // Looking at a profile compares no orders, comparing its day does.
        (None, Some(profile)) if row.cause.class == ErrorClass::OrdersMissing => {
            state.day_stands(profile, &row.cause.key, at)
        }
        (None, Some(profile)) => state
            .watches
            .get(profile)
            .and_then(|watch| watch.looked_at)
            .is_some_and(|looked_at| looked_at > at),
        (None, None) => false,
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
            Some((*at, retried(state, row, *at)))
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

fn retried(state: &State, row: &ExceptionRow, at: Timestamp) -> RetriedRow {
    RetriedRow {
        exception_id: row.id.to_string(),
        order_sn: row.subject.order_sn.as_ref().map(ToString::to_string),
        result: result(state, row, at).to_owned(),
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
