//! How a retry stands: read off the exceptions themselves, so that whatever path resolves one or shows
//! it again counts.

use hawker_domain::Timestamp;
use hawker_domain::ids::{ExceptionId, RetryBatchId};
use hawker_ports::views::{PageRequest, RetriedRow, RetryProgress, RetryRow};
use sqlx::{AssertSqlSafe, FromRow, PgConnection};

use crate::fault::Fault;
use crate::views::Paging;

/// What became of `raised` since it was `retried`. What stands is not always told once more: it failed,
/// too, when its order was worked on since, or its profile looked at. Work on an order says nothing
/// about its payout. A day that still differs failed when it was compared since; else when nothing that
/// is tried by itself asks for its missing orders any more, and something did since.
const RESULT: &str = "\
    CASE \
        WHEN raised.status <> 'open' AND raised.resolved_at >= retried.at THEN 'resolved' \
        WHEN raised.last_seen_at > retried.at THEN 'failed' \
        WHEN raised.error_class <> 'escrow_fetch_failed' AND EXISTS ( \
            SELECT FROM connector_event AS worked \
            WHERE worked.order_sn = raised.order_sn AND worked.connector = raised.connector \
              AND worked.environment = raised.environment AND worked.trusted \
              AND worked.processed AND worked.processed_at > retried.at \
        ) THEN 'failed' \
        WHEN raised.error_class <> 'orders_missing' AND raised.order_sn IS NULL AND EXISTS ( \
            SELECT FROM connector_watch AS looked \
            WHERE looked.profile_id = raised.profile_id AND looked.looked_at > retried.at \
        ) THEN 'failed' \
        WHEN raised.error_class = 'orders_missing' AND raised.order_sn IS NULL AND EXISTS ( \
            SELECT FROM connector_day AS compared \
            CROSS JOIN LATERAL ( \
                SELECT count(*) AS orders, \
                    count(*) FILTER (WHERE noted.side = 'listed') AS missing, \
                    bool_or(EXISTS ( \
                        SELECT FROM connector_event AS asking \
                        WHERE asking.order_sn = noted.order_sn \
                          AND asking.connector = compared.connector \
                          AND asking.environment = compared.environment \
                          AND asking.trusted AND NOT asking.processed \
                          AND asking.profile_id IS NOT NULL \
                          AND asking.next_attempt_at < 'infinity' \
                    )) AS is_asked_for, \
                    bool_or(EXISTS ( \
                        SELECT FROM connector_event AS asked \
                        WHERE asked.order_sn = noted.order_sn \
                          AND asked.connector = compared.connector \
                          AND asked.environment = compared.environment \
                          AND asked.trusted AND asked.processed \
                          AND asked.processed_at > retried.at \
                    )) AS was_asked_for \
                FROM connector_day_order AS noted \
                WHERE noted.profile_id = compared.profile_id AND noted.day = compared.day \
                  AND (noted.side = 'held' OR NOT EXISTS ( \
                      SELECT FROM connector_order AS held \
                      WHERE held.order_sn = noted.order_sn \
                        AND held.connector = compared.connector \
                        AND held.environment = compared.environment \
                        AND held.shopee_status IS NOT NULL \
                  )) \
            ) AS differing \
            WHERE compared.profile_id = raised.profile_id \
              AND 'day:' || to_char(compared.day, 'YYYY-MM-DD') = raised.cause \
              AND differing.orders > 0 \
              AND (compared.checked_at > retried.at \
                   OR NOT differing.is_asked_for \
                      AND (differing.missing = 0 OR differing.was_asked_for)) \
        ) THEN 'failed' \
        ELSE 'waiting' \
    END";

/// Retries with what was retried.
const SOURCE: &str = "\
    connector_exception_retry AS retried \
    JOIN connector_exception AS raised ON raised.id = retried.exception_id";

#[derive(FromRow)]
struct OwnRow {
    batch: String,
    at: Timestamp,
    result: String,
}

/// The retries of an exception, oldest first.
pub(super) async fn of_exception(
    connection: &mut PgConnection,
    id: &str,
) -> Result<Vec<RetryRow>, sqlx::Error> {
    let statement = format!(
        "SELECT retried.batch, retried.at, {RESULT} AS result FROM {SOURCE} \
         WHERE retried.exception_id = $1 ORDER BY retried.at, retried.batch"
    );
    let rows: Vec<OwnRow> = sqlx::query_as(AssertSqlSafe(statement))
        .bind(id)
        .fetch_all(connection)
        .await?;
    let shown = rows
        .into_iter()
        .map(|OwnRow { batch, at, result }| RetryRow { batch, at, result });
    Ok(shown.collect())
}

#[derive(FromRow)]
struct TotalsRow {
    at: Option<Timestamp>,
    retried: i64,
    resolved: i64,
    failed: i64,
    waiting: i64,
}

#[derive(FromRow)]
struct ItemRow {
    id: String,
    order_sn: Option<String>,
    result: String,
    error_message: String,
}

/// The totals, and a page of the items; these may be a moment newer.
pub(super) async fn progress(
    connection: &mut PgConnection,
    batch: RetryBatchId,
    page: &PageRequest,
) -> Result<Option<RetryProgress>, Fault> {
    let paging = Paging::of(page, ExceptionId::PREFIX)?;
    let batch = batch.to_string();
    let totals = format!(
        "SELECT min(at) AS at, count(*) AS retried, \
             count(*) FILTER (WHERE result = 'resolved') AS resolved, \
             count(*) FILTER (WHERE result = 'failed') AS failed, \
             count(*) FILTER (WHERE result = 'waiting') AS waiting \
         FROM (SELECT retried.at, {RESULT} AS result FROM {SOURCE} WHERE retried.batch = $1) AS one"
    );
    let totals: TotalsRow = sqlx::query_as(AssertSqlSafe(totals))
        .bind(&batch)
        .fetch_one(&mut *connection)
        .await?;
    let Some(at) = totals.at else {
        return Ok(None);
    };
    // Unlike other lists this one runs from its first row to its last.
    let items = format!(
        "SELECT raised.id, raised.order_sn, {RESULT} AS result, raised.error_message \
         FROM {SOURCE} WHERE retried.batch = $1 AND retried.exception_id > $2 \
         ORDER BY retried.exception_id LIMIT $3"
    );
    let items: Vec<ItemRow> = sqlx::query_as(AssertSqlSafe(items))
        .bind(&batch)
        .bind(paging.before.as_deref().unwrap_or_default())
        .bind(paging.rows_to_read)
        .fetch_all(connection)
        .await?;
    let items = items.into_iter().map(|row| {
        let ItemRow {
            id,
            order_sn,
            result,
            error_message,
        } = row;
        let item = RetriedRow {
            exception_id: id.clone(),
            order_sn,
            result,
            message: error_message,
        };
        (id, item)
    });
    Ok(Some(RetryProgress {
        batch,
        at,
        retried: totals.retried,
        resolved: totals.resolved,
        failed: totals.failed,
        waiting: totals.waiting,
        items: paging.cut(items.collect()),
    }))
}
