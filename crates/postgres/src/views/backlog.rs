//! How much work waits. Counts over what is to be filed, pending, open or leased, never over everything that
//! ever was; the states of orders are counted from an index. What may be many is counted up to a limit:
//! whoever counts a million rows takes the processors from those who work on them.

use hawker_domain::Timestamp;
use hawker_ports::views::Backlog;
use sqlx::PgConnection;

use crate::fault::Fault;

pub(super) async fn read(connection: &mut PgConnection, now: Timestamp) -> Result<Backlog, Fault> {
    // Before the inbox: what is filed in between is counted twice, and never not at all.
    let journal = sqlx::query!(
        r#"
        SELECT coalesce(sum(pushes), 0)::bigint AS "pushes!", min(first_received_at) AS oldest
        FROM (
            SELECT pushes, first_received_at FROM connector_event_journal ORDER BY seq LIMIT $1
        ) AS batch
        "#,
        Backlog::COUNTED_MAX,
    )
    .fetch_one(&mut *connection)
    .await?;
    let events = sqlx::query_file!("src/views/pending_events.sql", now, Backlog::COUNTED_MAX)
        .fetch_one(&mut *connection)
        .await?;
    let other = sqlx::query!(
        r#"
        SELECT
            (SELECT count(*) FROM connector_order WHERE lease IS NOT NULL AND lease_until > $1)
                AS "leased!",
            (SELECT count(*) FROM connector_order WHERE hold IS NOT NULL) AS "held!",
            (SELECT count(*) FROM connector_alert WHERE delivered_at IS NULL) AS "alerts!"
        "#,
        now,
    )
    .fetch_one(&mut *connection)
    .await?;
    let exceptions = sqlx::query!(
        r#"
        SELECT error_class, count(*) AS "count!"
        FROM connector_exception WHERE status = 'open'
        GROUP BY error_class ORDER BY error_class
        "#,
    )
    .fetch_all(&mut *connection)
    .await?;
    let orders = sqlx::query!(
        r#"
        SELECT state.status AS "status!", counted.count AS "count!"
        FROM (VALUES ('pending'), ('created'), ('failed')) AS state (status)
        CROSS JOIN LATERAL (
            SELECT count(*) AS count
            FROM (SELECT FROM connector_order WHERE status = state.status LIMIT $1) AS known
        ) AS counted
        WHERE counted.count > 0
        ORDER BY state.status
        "#,
        Backlog::COUNTED_MAX,
    )
    .fetch_all(connection)
    .await?;
    Ok(Backlog {
        due: events.due + journal.pushes,
        oldest_due_at: [journal.oldest, events.oldest_due_at]
            .into_iter()
            .flatten()
            .min(),
        waiting: events.waiting,
        leased: other.leased,
        alerts: other.alerts,
        exceptions: exceptions
            .into_iter()
            .map(|row| (row.error_class, row.count))
            .collect(),
        orders: orders
            .into_iter()
            .map(|row| (row.status, row.count))
            .collect(),
        held: other.held,
    })
}
