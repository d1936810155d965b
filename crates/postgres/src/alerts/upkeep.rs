//! Alerts of sinks that are gone, and alerts that nobody asks for any more.

use hawker_domain::Timestamp;
use sqlx::PgConnection;

use crate::fault::Fault;

pub(super) async fn adopt(
    connection: &mut PgConnection,
    sinks: &[String],
    served: &[String],
    gone_since: Timestamp,
    now: Timestamp,
) -> Result<u64, Fault> {
    let Some(heir) = sinks.first() else {
        return Ok(0);
    };
    let done = sqlx::query_file!("src/alerts/adopt.sql", sinks, gone_since, now, heir, served)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

pub(super) async fn forget_delivered(
    connection: &mut PgConnection,
    before: Timestamp,
    at_most: u32,
) -> Result<u64, Fault> {
    let done = sqlx::query!(
        "DELETE FROM connector_alert
         WHERE id IN (
             SELECT id FROM connector_alert
             WHERE delivered_at < $1
             ORDER BY delivered_at, id
             LIMIT $2
             FOR UPDATE SKIP LOCKED
         )",
        before,
        i64::from(at_most),
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
