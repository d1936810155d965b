//! Databases from before: what a migration finds there is kept, and nobody is told of it again.

use std::path::{Path, PathBuf};

use hawker_postgres::testing::TestDatabase;
use sqlx::{Executor as _, PgConnection, Row as _};

/// The first migration that knows of exceptions as a queue.
const DESK: &str = "20261121140500";

fn migrations() -> anyhow::Result<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/tenant");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "sql") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

async fn apply(
    connection: &mut PgConnection,
    wanted: impl Fn(&str) -> bool,
) -> anyhow::Result<usize> {
    let mut applied = 0;
    for path in migrations()? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if wanted(&name) {
            let text = std::fs::read_to_string(&path)?;
            connection
                .execute(sqlx::raw_sql(sqlx::AssertSqlSafe(text)))
                .await?;
            applied += 1;
        }
    }
    Ok(applied)
}

#[tokio::test]
async fn exceptions_from_before_the_queue_stand_once_for_each_cause() -> anyhow::Result<()> {
    let database = TestDatabase::empty().await;
    let mut connection = database.pool().acquire().await?;
    let connection = &mut *connection;
    connection
        .execute("CREATE SCHEMA tenant_old; SET search_path TO tenant_old")
        .await?;
    apply(connection, |name| name < DESK).await?;
    // Of the cause `a` there is an open one and two that were left, of `b` two that were left.
    connection
        .execute(
            "INSERT INTO connector_exception (
                 id, connector, environment, profile_id, order_sn, error_class, cause, error_message,
                 status, created_at, resolved_at, resolved_by, operator_note, due_at
             )
             SELECT 'cex_' || lpad(n::text, 26, '0'), 'shopee', 'live', 'scp_1', order_sn, 'unknown', cause,
                 'm' || n, status, timestamptz '2026-01-01Z' + n * interval '1 h',
                 CASE WHEN status <> 'open' THEN timestamptz '2026-02-01Z' END,
                 CASE WHEN status <> 'open' THEN 'Mei' END, note, due_at
             FROM (VALUES
                 (1, 'A', 'a', 'wont_fix', 'leave it', NULL),
                 (2, 'A', 'a', 'open', NULL, timestamptz '2026-03-01Z'),
                 (3, 'A', 'a', 'wont_fix', NULL, NULL),
                 (4, 'A', 'b', 'wont_fix', NULL, NULL),
                 (5, 'A', 'b', 'wont_fix', NULL, NULL),
                 (6, 'B', 'a', 'open', NULL, NULL),
                 (7, 'A', 'a', 'resolved', NULL, NULL)
             ) AS old (n, order_sn, cause, status, note, due_at);
             INSERT INTO connector_alert (payload, next_attempt_at) VALUES ('{}', now())",
        )
        .await?;
    assert!(apply(connection, |name| name >= DESK).await? > 1);

    let rows = sqlx::query(
        "SELECT right(id, 1) AS n, status, resolved_by, told_in IS NOT NULL AS is_told
         FROM connector_exception ORDER BY id",
    )
    .fetch_all(&mut *connection)
    .await?;
    let rows: Vec<(String, String, Option<String>, bool)> = rows
        .iter()
        .map(|row| (row.get(0), row.get(1), row.get(2), row.get(3)))
        .collect();
    let by_mei = || Some("Mei".to_owned());
    let expected = [
        ("1", "resolved", by_mei(), false),
        ("2", "open", None, true),
        ("3", "resolved", by_mei(), false),
        ("4", "resolved", by_mei(), false),
        ("5", "wont_fix", by_mei(), false),
        ("6", "open", None, true),
        ("7", "resolved", by_mei(), false),
    ]
    .map(|(n, status, by, is_told)| (n.to_owned(), status.to_owned(), by, is_told));
    assert_eq!(rows, expected);

    let note = sqlx::query(
        "SELECT right(exception_id, 1), written_by, note FROM connector_exception_note",
    )
    .fetch_all(&mut *connection)
    .await?;
    assert_eq!(note.len(), 1);
    assert_eq!(note[0].get::<String, _>("note"), "leave it");
    assert_eq!(note[0].get::<String, _>("written_by"), "Mei");

    let threads = sqlx::query(
        "SELECT open, total, untold, told, orders, right(last, 1) AS last,
                due_by = timestamptz '2026-03-01Z' AS has_deadline
         FROM connector_alert_thread",
    )
    .fetch_all(&mut *connection)
    .await?;
    assert_eq!(threads.len(), 1);
    let counts = ["open", "total", "untold", "told"].map(|of| threads[0].get::<i64, _>(of));
    assert_eq!(counts, [2, 2, 0, 1]);
    assert_eq!(threads[0].get::<Vec<String>, _>("orders"), ["A", "B"]);
    assert_eq!(threads[0].get::<String, _>("last"), "6");
    assert!(threads[0].get::<bool, _>("has_deadline"));
    let reminded_later: bool = sqlx::query_scalar(
        "SELECT bool_and(told_at > now() - interval '1 hour') FROM connector_alert_thread",
    )
    .fetch_one(&mut *connection)
    .await?;
    assert!(reminded_later, "what is old is not all told of at once");

    let sinks: Vec<Option<String>> = sqlx::query_scalar("SELECT sink FROM connector_alert")
        .fetch_all(&mut *connection)
        .await?;
    assert_eq!(sinks, [None]);
    Ok(())
}
