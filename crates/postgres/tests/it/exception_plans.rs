//! What is told, what is grouped and what is decided upon is found by index, however long the history
//! of exceptions is. Looks at the planner's choice and never at the time.

use hawker_ports::testing::examples::noon;
use serde_json::Value;
use sqlx::{Executor as _, PgConnection};

use crate::plans::nodes;
use crate::workshop::Workshop;

/// 50,000 exceptions, of which one in a hundred stands; of these, one in ten nobody was told of. Of 5,000
/// threads, one in a hundred is not over.
const FILL: &str = r"
    INSERT INTO connector_exception (
        connector, environment, profile_id, order_sn, error_class, cause, error_message, status, told_in
    )
    SELECT 'shopee', 'live', 'scp_first', '2501' || n, 'sku_not_found', 'sku:' || n % 50, 'm',
           CASE WHEN n % 100 = 0 THEN 'open' ELSE 'resolved' END,
           CASE WHEN n % 1000 <> 0 THEN 'alth_00000000000000000000000000' END
    FROM generate_series(1, 50000) AS n;
    INSERT INTO connector_alert_thread (
        connector, environment, profile_id, error_class, cause, opened_at, open, total, untold,
        first_untold, last, due_at, recovered_at
    )
    SELECT 'shopee', 'live', 'scp_first', 'sku_not_found', 'sku:' || n, now(), 1, 1, 0, e.id, e.id,
           CASE WHEN n % 100 = 0 THEN now() ELSE now() + interval '1 day' END,
           CASE WHEN n % 100 <> 0 THEN now() END
    FROM generate_series(1, 5000) AS n, (SELECT min(id) AS id FROM connector_exception) AS e;
    ANALYZE";

/// Every node of the plan of a statement that was explained.
fn found(plan: &Value) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    nodes(&plan[0]["Plan"], &mut found);
    found
}

async fn filled(connection: &mut PgConnection) -> anyhow::Result<()> {
    connection
        .execute("SET search_path TO tenant_default")
        .await?;
    connection.execute(sqlx::raw_sql(FILL)).await?;
    Ok(())
}

#[tokio::test]
async fn gathering_reads_what_is_open_and_not_what_ever_was() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let mut connection = workshop.database.pool().acquire().await?;
    filled(&mut connection).await?;
    let open: Value = sqlx::query_scalar(concat!(
        "EXPLAIN (FORMAT JSON) ",
        include_str!("../../src/alert_threads/open_topics.sql")
    ))
    .bind(noon())
    .bind(["shopee"].as_slice())
    .bind(20_000_i64)
    .fetch_one(&mut *connection)
    .await?;
    let add: Value = sqlx::query_scalar(concat!(
        "EXPLAIN (FORMAT JSON) ",
        include_str!("../../src/alert_threads/add_untold.sql")
    ))
    .bind(noon())
    .bind(["shopee"].as_slice())
    .bind(20_000_i64)
    .fetch_one(&mut *connection)
    .await?;
    let compare: Value = sqlx::query_scalar(concat!(
        "EXPLAIN (FORMAT JSON) ",
        include_str!("../../src/alert_threads/compare.sql")
    ))
    .bind(noon())
    .fetch_one(&mut *connection)
    .await?;
    let due: Value = sqlx::query_scalar(concat!(
        "EXPLAIN (FORMAT JSON) ",
        include_str!("../../src/alert_threads/due.sql")
    ))
    .bind(noon())
    .bind(["shopee"].as_slice())
    .bind(50_i64)
    .fetch_one(&mut *connection)
    .await?;
    for (plan, index) in [
        (&open, "connector_exception_untold_idx"),
        (&add, "connector_exception_untold_idx"),
        (&compare, "connector_alert_thread_live_idx"),
        (&due, "connector_alert_thread_due_idx"),
    ] {
        let found = found(plan);
        let by = |(_, _, by): &(String, String, String)| by.as_str() == index;
        assert!(found.iter().any(by), "{found:#?}");
        let reads_all = |(node, table, _): &(String, String, String)| {
            node == "Seq Scan" && table == "connector_exception"
        };
        assert!(!found.iter().any(reads_all), "{found:#?}");
    }
    Ok(())
}

/// By deadline means to read all that may be listed: that is what is open, and not what ever was.
#[tokio::test]
async fn what_is_due_first_is_looked_for_among_what_is_open() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let mut connection = workshop.database.pool().acquire().await?;
    filled(&mut connection).await?;
    let plan: Value = sqlx::query_scalar(
        "EXPLAIN (FORMAT JSON) SELECT raised.id FROM connector_exception AS raised
         LEFT JOIN connector_order AS known
           ON known.order_sn = raised.order_sn AND known.connector = raised.connector
          AND known.environment = raised.environment
         LEFT JOIN sales_order AS head ON head.id = known.order_id
         WHERE raised.status = 'open'
         ORDER BY coalesce(
             least(raised.due_at, coalesce(head.ship_by, known.ship_by)), 'infinity'
         ), raised.id
         LIMIT 51",
    )
    .fetch_one(&mut *connection)
    .await?;
    let found = found(&plan);
    let by = |(_, _, by): &(String, String, String)| by == "connector_exception_group_idx";
    assert!(found.iter().any(by), "{found:#?}");
    let reads_all = |(node, table, _): &(String, String, String)| {
        node == "Seq Scan" && table == "connector_exception"
    };
    assert!(!found.iter().any(reads_all), "{found:#?}");
    Ok(())
}

#[tokio::test]
async fn a_group_and_a_history_are_found_by_index() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let mut connection = workshop.database.pool().acquire().await?;
    filled(&mut connection).await?;
    for (statement, index) in [
        (
            "EXPLAIN (FORMAT JSON) SELECT id FROM connector_exception
             WHERE status = 'open' AND error_class = 'sku_not_found' AND cause = 'sku:7' AND id > 'cex_'
             ORDER BY id LIMIT 100 FOR NO KEY UPDATE",
            "connector_exception_group_idx",
        ),
        (
            "EXPLAIN (FORMAT JSON) SELECT id FROM connector_exception
             WHERE status = 'resolved' AND subject = 'order:2501700' AND error_class = 'sku_not_found'
               AND cause = 'sku:0' AND id < 'cex_Z' ORDER BY id DESC LIMIT 20",
            "connector_exception_history_idx",
        ),
        (
            "EXPLAIN (FORMAT JSON) SELECT id FROM connector_exception AS raised
             WHERE raised.assignee = 'mei' AND raised.id < 'cex_Z'
             ORDER BY raised.id DESC LIMIT 51",
            "connector_exception_assignee_idx",
        ),
        (
            "EXPLAIN (FORMAT JSON) SELECT id FROM connector_exception AS raised
             WHERE raised.cause = 'sku:0' AND raised.id < 'cex_Z'
             ORDER BY raised.id DESC LIMIT 51",
            "connector_exception_cause_idx",
        ),
        (
            "EXPLAIN (FORMAT JSON) UPDATE connector_exception SET status = 'resolved'
             WHERE status IN ('open', 'wont_fix') AND subject = 'order:2501700'",
            "connector_exception_standing_key",
        ),
    ] {
        let plan: Value = sqlx::query_scalar(statement)
            .fetch_one(&mut *connection)
            .await?;
        let found = found(&plan);
        assert!(found.iter().any(|(_, _, by)| by == index), "{found:#?}");
    }
    Ok(())
}
