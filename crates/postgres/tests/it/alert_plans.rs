//! What waits for a sink is found by index, however much was delivered and however much waits. Looks at
//! the planner's choice and never at the time.

use hawker_ports::testing::examples::noon;
use serde_json::Value;
use sqlx::{Executor as _, PgConnection};

use crate::plans::assert_by_index;
use crate::workshop::Workshop;

/// 50,000 alerts that were delivered and 2,000 that wait for a sink that was away, one in a hundred of
/// them about many.
const FILL: &str = r"
    INSERT INTO connector_alert (sink, payload, threads, next_attempt_at, created_at, delivered_at)
    SELECT CASE WHEN n % 2 = 0 THEN 'n8n' ELSE 'telegram' END,
           jsonb_build_object(
               'connector', 'shopee', 'error_class', 'sku_not_found', 'details', jsonb_build_object(
                   'environment', 'live', 'profile_id', 'scp_first', 'thread_id',
                   CASE WHEN n % 100 = 0 THEN 'many:shopee:live:scp_first:sku_not_found'
                        ELSE 'alth_' || n END
               )
           ),
           CASE WHEN n % 100 = 0 THEN ARRAY['alth_' || n + 1, 'alth_' || n + 2] ELSE '{}' END,
           '2026-01-05'::timestamptz - n * interval '1 min',
           '2026-01-05'::timestamptz - n * interval '1 min',
           CASE WHEN n > 2000 THEN '2026-01-05'::timestamptz END
    FROM generate_series(1, 52000) AS n;
    ANALYZE";

async fn filled(connection: &mut PgConnection) -> anyhow::Result<()> {
    connection
        .execute("SET search_path TO tenant_default")
        .await?;
    connection.execute(sqlx::raw_sql(FILL)).await?;
    Ok(())
}

#[tokio::test]
async fn what_waits_and_what_comes_before_it_are_found_by_index() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let mut connection = workshop.database.pool().acquire().await?;
    filled(&mut connection).await?;
    let claim: Value = sqlx::query_scalar(concat!(
        "EXPLAIN (FORMAT JSON) ",
        include_str!("../../src/alerts/lease.sql")
    ))
    .bind("lease_1")
    .bind(noon())
    .bind(noon())
    .bind(20_i64)
    .bind("telegram")
    .fetch_one(&mut *connection)
    .await?;
    let withdraw: Value = sqlx::query_scalar(concat!(
        "EXPLAIN (FORMAT JSON) ",
        include_str!("../../src/alerts/withdraw.sql")
    ))
    .bind(["alth_7", "many:shopee:live:scp_first:sku_not_found"].as_slice())
    .bind(["telegram"].as_slice())
    .fetch_one(&mut *connection)
    .await?;
    for plan in [&claim, &withdraw] {
        assert_by_index(plan, "connector_alert_waiting_idx");
    }
    Ok(())
}
