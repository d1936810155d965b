//! How often the service asked the database, by what the database itself counts.

use anyhow::Context as _;
use sqlx::PgConnection;

use crate::measure::ground::{Ground, run};

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
             ALTER DATABASE \"{database}\" SET pg_stat_statements.track = 'top'"
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
        "SELECT
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
