//! Forgetting old events, portion by portion.
//!
//! Ids are in the order of time, so that the primary key leads past what is old and to where it ends: no
//! index is kept, and paid for by every push, for this alone. A portion is looked at first and forgotten
//! by its ids then; what was asked for again in between stays. Rows that somebody has locked are passed
//! over, so that nobody here waits while others wait for them.

use hawker_domain::Timestamp;
use hawker_domain::ids::EventId;
use hawker_ports::inbox::Forgotten;
use sqlx::PgConnection;

use crate::fault::{Fault, read};

/// An event of a portion.
struct LookedAt {
    id: String,
    /// Received before the moment; what comes behind may be old as well.
    is_old: bool,
    /// Dealt with before it.
    is_done: bool,
    trusted: bool,
}

pub(super) async fn processed(
    connection: &mut PgConnection,
    before: Timestamp,
    after: Option<EventId>,
    at_most: u32,
) -> Result<Forgotten, Fault> {
    let portion = sqlx::query_file_as!(
        LookedAt,
        "src/inbox/old_events.sql",
        behind(after),
        i64::from(at_most),
        before,
    )
    .fetch_all(&mut *connection)
    .await?;
    let done: Vec<_> = portion
        .iter()
        .filter(|event| event.is_done)
        .map(|event| event.id.clone())
        .collect();
    let events = if done.is_empty() {
        0
    } else {
        sqlx::query_file!("src/inbox/forget_processed.sql", &done, before)
            .execute(connection)
            .await?
            .rows_affected()
    };
    let old = portion.iter().filter(|event| event.is_old && event.trusted);
    let is_anything_old = portion.iter().any(|event| event.is_old);
    let last = portion.last().map(|event| event.id.as_str());
    Ok(Forgotten {
        events: count(events),
        kept: number(old.count()).saturating_sub(count(events)),
        next: next(last.filter(|_| is_anything_old && number(portion.len()) == at_most))?,
    })
}

pub(super) async fn unverified(
    connection: &mut PgConnection,
    before: Timestamp,
    after: Option<EventId>,
    at_most: u32,
) -> Result<Forgotten, Fault> {
    let portion = sqlx::query_file_scalar!(
        "src/inbox/old_unverified.sql",
        behind(after),
        i64::from(at_most),
        before,
    )
    .fetch_all(&mut *connection)
    .await?;
    let events = if portion.is_empty() {
        0
    } else {
        sqlx::query_file!("src/inbox/forget_unverified.sql", &portion)
            .execute(connection)
            .await?
            .rows_affected()
    };
    let last = portion.last().map(String::as_str);
    Ok(Forgotten {
        events: count(events),
        kept: number(portion.len()).saturating_sub(count(events)),
        next: next(last.filter(|_| number(portion.len()) == at_most))?,
    })
}

/// Every id is behind the empty text.
fn behind(after: Option<EventId>) -> String {
    after.map_or_else(String::new, |after| after.to_string())
}

fn next(last: Option<&str>) -> Result<Option<EventId>, Fault> {
    last.map(|id| read("event", id, id)).transpose()
}

/// A portion has no more than its bound.
fn count(rows: u64) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

fn number(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}
