//! A process that was killed while it built or dropped an index: the next start takes it up.

use hawker_domain::TenantSlug;
use sqlx::{AssertSqlSafe, Executor as _, PgConnection};

use super::super::{BOOKKEEPING, Silent, tenant};
use super::from_before::database_before;

/// The first and the last of the migrations of the queue that run outside a transaction.
const FIRST: i64 = 20_261_121_140_501;
const LAST: i64 = 20_261_121_140_505;

/// What such a migration comes to.
const INDEXES: [(&str, bool); 5] = [
    ("connector_exception_standing_key", true),
    ("connector_exception_open_key", false),
    ("connector_exception_untold_idx", true),
    ("connector_exception_group_idx", true),
    ("connector_exception_history_idx", true),
];

/// Whether each index is there and valid.
async fn valid(connection: &mut PgConnection) -> anyhow::Result<Vec<bool>> {
    let mut found = Vec::new();
    for (name, _) in INDEXES {
        let is_valid: Option<bool> = sqlx::query_scalar(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('tenant_default.' || $1)",
        )
        .bind(name)
        .fetch_optional(&mut *connection)
        .await?;
        found.push(is_valid.unwrap_or(false));
    }
    Ok(found)
}

async fn noted(connection: &mut PgConnection) -> anyhow::Result<i64> {
    let noted = format!(
        "SELECT count(*) FROM tenant_default.{BOOKKEEPING}
         WHERE success AND version BETWEEN {FIRST} AND {LAST}"
    );
    Ok(sqlx::query_scalar(AssertSqlSafe(noted))
        .fetch_one(connection)
        .await?)
}

async fn bring_up(connection: &mut PgConnection) -> anyhow::Result<()> {
    let slug = TenantSlug::default_tenant();
    tenant::bring_up(connection, &slug, &Silent).await?;
    Ok(())
}

const WANTED: [bool; 5] = [true, false, true, true, true];

#[tokio::test]
async fn what_was_done_and_not_noted_is_noted() -> anyhow::Result<()> {
    let (_database, mut connection) = database_before(LAST + 1).await?;
    let forget = format!(
        "DELETE FROM tenant_default.{BOOKKEEPING} WHERE version BETWEEN {FIRST} AND {LAST}"
    );
    connection.execute(AssertSqlSafe(forget)).await?;
    bring_up(&mut connection).await?;
    assert_eq!(noted(&mut connection).await?, 5);
    assert_eq!(valid(&mut connection).await?, WANTED);
    Ok(())
}

/// Two open rows of one cause keep a unique index from being finished: it stays, invalid.
#[tokio::test]
async fn an_index_that_was_left_invalid_is_built_anew() -> anyhow::Result<()> {
    let (_database, mut connection) = database_before(FIRST).await?;
    connection
        .execute("SET search_path TO tenant_default")
        .await?;
    for status in ["open", "wont_fix"] {
        sqlx::query(
            "INSERT INTO connector_exception (
                 connector, environment, order_sn, error_class, cause, error_message, status
             )
             VALUES ('shopee', 'live', '250101AAA', 'oversold', 'sku:A', 'm', $1)",
        )
        .bind(status)
        .execute(&mut connection)
        .await?;
    }
    connection
        .execute(
            "CREATE UNIQUE INDEX CONCURRENTLY connector_exception_standing_key
                 ON connector_exception (subject, error_class, cause, connector, environment)
                 WHERE status IN ('open', 'wont_fix')",
        )
        .await
        .expect_err("two rows are equal");
    connection
        .execute("UPDATE connector_exception SET status = 'resolved' WHERE status = 'wont_fix'")
        .await?;
    connection.execute("RESET search_path").await?;
    assert!(
        !valid(&mut connection).await?[0],
        "it is there, and invalid"
    );

    bring_up(&mut connection).await?;
    assert_eq!(noted(&mut connection).await?, 5);
    assert_eq!(valid(&mut connection).await?, WANTED);
    Ok(())
}
