//! How often the service asked the database, by what the database itself counts.

use anyhow::Context as _;
use sqlx::PgConnection;

use crate::measure::ground::{Ground, run};
use crate::measure::statistics::float;

/// What was asked of a database since the count began.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Ways to the database and back. What is sent together with the beginning of a transaction goes
    /// the same way.
    pub round_trips: u64,
    /// Transactions that were committed, those that only read included.
    pub transactions: u64,
    /// Of these, those that were begun to be committed: units of work.
    pub commits: u64,
}

/// Begins to count. The service has to be started afterwards.
pub async fn count_from_now(ground: &Ground, database: &str) -> anyhow::Result<()> {
    let mut connection = ground.connect(database).await?;
    run(
        &mut connection,
        &format!(
            "CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
             ALTER DATABASE \"{database}\" SET pg_stat_statements.track = 'top';
             ALTER DATABASE \"{database}\" SET pg_stat_statements.track_planning = on"
        ),
    )
    .await?;
    let reset = "SELECT pg_stat_statements_reset(); SELECT pg_stat_reset()";
    run(&mut connection, reset).await
}

/// A connection of our own that is not counted.
pub async fn uncounted(ground: &Ground, database: &str) -> anyhow::Result<PgConnection> {
    let mut connection = ground.connect(database).await?;
    run(&mut connection, "SET pg_stat_statements.track = 'none'").await?;
    Ok(connection)
}

/// What was asked; the service has ended, so that nothing is missing. Of the transactions, `ours` are
/// those of the measurement itself.
pub async fn count(connection: &mut PgConnection, ours: u64) -> anyhow::Result<Asked> {
    let (round_trips, commits): (Option<i64>, Option<i64>) = sqlx::query_as(
        r"SELECT
             (sum(calls) FILTER (WHERE query !~* '^(SET|SELECT set_config)'))::bigint,
             (sum(calls) FILTER (WHERE query ~* '^COMMIT'))::bigint
         FROM pg_stat_statements
         WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())",
    )
    .fetch_one(&mut *connection)
    .await?;
    let transactions: i64 = sqlx::query_scalar(
        "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()",
    )
    .fetch_one(&mut *connection)
    .await?;
    let count = |counted: Option<i64>| -> anyhow::Result<u64> {
        Ok(u64::try_from(counted.context("nothing was counted")?)?)
    };
    Ok(Asked {
        round_trips: count(round_trips)?,
        commits: count(commits)?,
        transactions: count(Some(transactions))?.saturating_sub(ours),
    })
}

/// A statement and what it took, each of it for one order.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Costly {
    /// How it begins.
    pub statement: String,
    pub calls: f64,
    pub micros: f64,
    pub planning_micros: f64,
    pub rows: f64,
    pub blocks: f64,
    pub wal_bytes: f64,
}

/// The statements that took the database longest.
pub async fn costliest(connection: &mut PgConnection, orders: u64) -> anyhow::Result<Vec<Costly>> {
    let costliest = sqlx::query_as(
        r"SELECT
             left(regexp_replace(query, '\s+', ' ', 'g'), 70) AS statement,
             calls / $1 AS calls,
             1000 * total_exec_time / $1 AS micros,
             1000 * total_plan_time / $1 AS planning_micros,
             rows / $1 AS rows,
             (shared_blks_hit + shared_blks_read) / $1 AS blocks,
             wal_bytes::double precision / $1 AS wal_bytes
         FROM pg_stat_statements
         WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
         ORDER BY total_exec_time + total_plan_time DESC
         LIMIT 24",
    );
    Ok(costliest.bind(float(orders)).fetch_all(connection).await?)
}
