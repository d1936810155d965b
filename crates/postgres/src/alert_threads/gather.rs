//! Bringing threads up to date: a few statements, however many exceptions there are.

use std::collections::HashSet;

use hawker_domain::Timestamp;
use sqlx::PgConnection;

use crate::exceptions::known;
use crate::fault::Fault;

/// Exceptions that are added at once; what is left over is added with the next.
const ADDED_MAX: i64 = 20_000;

/// Answers how many threads changed.
pub(super) async fn gather(connection: &mut PgConnection, now: Timestamp) -> Result<u64, Fault> {
    one_at_a_time(connection).await?;
    open_topics(connection, now).await?;
    let mut changed: HashSet<String> = add_untold(connection, now).await?.into_iter().collect();
    changed.extend(compare(connection, now).await?);
    Ok(changed.iter().map(|_| 1).sum())
}

/// One at a time for each tenant. By itself, so that what follows sees what the one before did. And planned
/// for the tables as they are: a burst finds them larger than they ever were.
async fn one_at_a_time(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT set_config('plan_cache_mode', 'force_custom_plan', true)
         FROM pg_advisory_xact_lock(
             hashtextextended(current_schema() || '.connector_alert_thread', 0)
         )"
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

/// Nobody adds to a thread while it is forgotten.
pub(super) async fn forget_recovered(
    connection: &mut PgConnection,
    before: Timestamp,
    at_most: u32,
) -> Result<u64, Fault> {
    one_at_a_time(connection).await?;
    let done = sqlx::query!(
        "DELETE FROM connector_alert_thread
         WHERE id IN (
             SELECT id FROM connector_alert_thread
             WHERE recovered_at < $1 AND (told = 0 OR recovery_told)
             ORDER BY recovered_at, id
             LIMIT $2
         )",
        before,
        i64::from(at_most),
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Sees to a thread for each topic that is to be told of: one that is over as long as nothing is added.
async fn open_topics(connection: &mut PgConnection, now: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query_file!(
        "src/alert_threads/open_topics.sql",
        now,
        &known::connectors(),
        ADDED_MAX,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Adds what no thread has told of to the thread of its topic; answers which threads these are.
///
/// What somebody else is working on right now is added with the next: so nobody who raises or clears
/// ever waits for a lock that is held here while this waits for theirs.
async fn add_untold(
    connection: &mut PgConnection,
    now: Timestamp,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_file_scalar!(
        "src/alert_threads/add_untold.sql",
        now,
        &known::connectors(),
        ADDED_MAX,
    )
    .fetch_all(connection)
    .await
}

/// Compares threads with the exceptions that are open; answers which threads changed.
async fn compare(
    connection: &mut PgConnection,
    now: Timestamp,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_file_scalar!("src/alert_threads/compare.sql", now,)
        .fetch_all(connection)
        .await
}
