//! The queue is found by index, however large the table of events is. Looks at the planner's choice
//! and never at the time.

use hawker_ports::testing::examples::noon;
use serde_json::Value;
use sqlx::{Connection as _, Executor as _};

use crate::workshop::{PROFILE, Workshop};

/// 50,000 events of 10,000 orders, one in fifty pending, the table as it is after a while.
async fn fill(workshop: &Workshop) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO tenant_default.connector_event (
             connector, environment, profile_id, source, event_type, order_sn, content_key, trusted,
             body, body_is_json, processed, next_attempt_at, received_at
         )
         SELECT 'shopee', 'sandbox', $1, 'webhook', 3, '2501' || n % 10000, n::text, true,
                '{}', true, n % 50 <> 0, $2, $2
         FROM generate_series(1, 50000) AS n",
    )
    .bind(PROFILE)
    .bind(noon())
    .execute(workshop.database.pool())
    .await?;
    sqlx::query(
        "INSERT INTO tenant_default.connector_order (connector, environment, order_sn, profile_id)
         SELECT 'shopee', 'sandbox', '2501' || n, $1 FROM generate_series(0, 9999) AS n",
    )
    .bind(PROFILE)
    .execute(workshop.database.pool())
    .await?;
    sqlx::raw_sql("VACUUM ANALYZE tenant_default.connector_event, tenant_default.connector_order")
        .execute(workshop.database.pool())
        .await?;
    Ok(())
}

/// Every node of a plan: what it does, on which table, by which index.
fn nodes(plan: &Value, found: &mut Vec<(String, String, String)>) {
    let text = |key| plan[key].as_str().unwrap_or_default().to_owned();
    found.push((text("Node Type"), text("Relation Name"), text("Index Name")));
    for child in plan["Plans"].as_array().into_iter().flatten() {
        nodes(child, found);
    }
}

#[tokio::test]
async fn a_claim_finds_its_work_by_index() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    fill(&workshop).await?;
    let mut connection = workshop.database.pool().acquire().await?;
    let mut transaction = connection.begin().await?;
    transaction
        .execute("SET LOCAL search_path TO tenant_default")
        .await?;

    let longest_waiting: Value = sqlx::query_scalar(concat!(
        "EXPLAIN (FORMAT JSON) ",
        include_str!("../../src/inbox/longest_waiting.sql")
    ))
    .bind(Vec::<String>::new())
    .bind(noon())
    .bind(Vec::<String>::new())
    .fetch_one(&mut *transaction)
    .await?;
    let lease_orders: Value = sqlx::query_scalar(concat!(
        "EXPLAIN (FORMAT JSON) ",
        include_str!("../../src/inbox/lease_orders.sql")
    ))
    .bind(PROFILE)
    .bind("shopee")
    .bind("sandbox")
    .bind(noon())
    .bind(400_i64)
    .bind(50_i64)
    .bind("lease_1")
    .bind(noon())
    .fetch_one(&mut *transaction)
    .await?;
    for plan in [longest_waiting, lease_orders] {
        let mut found = Vec::new();
        nodes(&plan[0]["Plan"], &mut found);
        let by_index = |index: &str| found.iter().any(|(_, _, by)| by == index);
        assert!(by_index("connector_event_due_idx"), "{found:#?}");
        let whole_tables: Vec<_> = found
            .iter()
            .filter(|(node, _, _)| node == "Seq Scan")
            .collect();
        assert!(whole_tables.is_empty(), "{whole_tables:#?}");
        let sorts_the_queue = found.iter().any(|(node, _, _)| node == "Incremental Sort");
        assert!(!sorts_the_queue, "{found:#?}");
    }
    Ok(())
}
