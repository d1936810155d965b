//! What the server is asked.

use sqlx::{AssertSqlSafe, PgConnection, Row as _};

/// The number that a statement answers.
pub(super) async fn number(connection: &mut PgConnection, statement: &str) -> anyhow::Result<u64> {
    let asked = sqlx::query(AssertSqlSafe(statement));
    let number: i64 = asked.fetch_one(connection).await?.try_get(0)?;
    Ok(u64::try_from(number)?)
}

/// How far its write-ahead log is.
pub(super) async fn log_position(connection: &mut PgConnection) -> anyhow::Result<String> {
    let asked = sqlx::query("SELECT pg_current_wal_insert_lsn()::text");
    Ok(asked.fetch_one(connection).await?.try_get(0)?)
}

/// What it has written to its log since then.
pub(super) async fn log_bytes_since(
    connection: &mut PgConnection,
    from: &str,
) -> anyhow::Result<f64> {
    let asked = sqlx::query(
        "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), $1::text::pg_lsn)::float8",
    );
    Ok(asked.bind(from).fetch_one(connection).await?.try_get(0)?)
}
