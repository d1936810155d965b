//! The queue is found by index, however large the table of events is; so is what every call and every
//! request of the API asks for. Looks at the planner's choice and never at the time.

use std::collections::BTreeMap;

use hawker_domain::order::OrderStatus;
use hawker_ports::testing::examples::{self, noon, snapshot};
use serde_json::Value;
use sqlx::{Connection as _, Executor as _};

use crate::workshop::{PROFILE, Workshop};

/// The queue.
const DUE: &str = "connector_event_due_idx";

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

/// The plan uses the index and reads no table from end to end.
pub fn assert_by_index(plan: &Value, index: &str) {
    let mut found = Vec::new();
    nodes(&plan[0]["Plan"], &mut found);
    assert!(found.iter().any(|(_, _, by)| by == index), "{found:#?}");
    let reads_whole = found.iter().any(|(node, _, _)| node == "Seq Scan");
    assert!(!reads_whole, "{found:#?}");
}

/// Every node of a plan: what it does, on which table, by which index.
pub fn nodes(plan: &Value, found: &mut Vec<(String, String, String)>) {
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

/// Orders come into tables that were empty when the statements were planned, and that nobody has taken
/// statistics of.
#[tokio::test]
async fn a_first_backlog_reads_no_table_from_end_to_end() -> anyhow::Result<()> {
    const ORDERS: i64 = 20;
    let workshop = Workshop::new().await?;
    workshop.add_variant(examples::SKU).await?;
    for number in 0..ORDERS {
        let number = format!("250101AAA{number}");
        workshop.store(&[workshop.push(&number, 0)]).await?;
        let batch = workshop.must_claim(noon()).await?;
        let order = snapshot(&number, OrderStatus::ReadyToShip);
        workshop.work(&batch, order, noon()).await?;
    }
    // What a session has counted is seen by others once it has ended.
    workshop.database.store().close().await;
    let mut others = sqlx::PgConnection::connect(workshop.database.url()).await?;
    loop {
        let counted: Vec<(String, i64, i64)> = sqlx::query_as(
            "SELECT relname::text, n_tup_ins, seq_scan FROM pg_stat_user_tables
             WHERE schemaname = 'tenant_default'
               AND relname IN ('sales_order', 'sales_order_line', 'customer', 'order_timeline',
                               'connector_order', 'connector_event')",
        )
        .fetch_all(&mut others)
        .await?;
        let is_told = |table: &str| {
            let mut counted = counted.iter();
            counted.any(|(name, inserted, _)| name == table && *inserted >= ORDERS)
        };
        if is_told("sales_order") && is_told("connector_event") {
            let whole: Vec<_> = counted.iter().filter(|(_, _, scans)| *scans > 0).collect();
            assert!(whole.is_empty(), "{whole:#?}");
            // What finds repetitions begins with the content: who looks there for an order reads all of it.
            let by_content: i64 = sqlx::query_scalar(
                "SELECT idx_tup_read FROM pg_stat_user_indexes
                 WHERE schemaname = 'tenant_default' AND indexrelname = 'connector_event_content_key'",
            )
            .fetch_one(&mut others)
            .await?;
            assert_eq!(by_content, 0);
            return Ok(());
        }
        tokio::task::yield_now().await;
    }
}

/// As many due events, each of another order, and nobody takes statistics of them.
async fn come_at_once(workshop: &Workshop, backlog: i64) -> anyhow::Result<()> {
    workshop
        .psql("ALTER TABLE tenant_default.connector_event SET (autovacuum_enabled = false)")
        .await?;
    sqlx::query(
        "INSERT INTO tenant_default.connector_event (
             connector, environment, profile_id, source, event_type, order_sn, content_key, trusted,
             body, body_is_json, processed, next_attempt_at, received_at
         )
         SELECT 'shopee', 'sandbox', $1, 'webhook', 3, '2501' || n, n::text, true, '{}', true, false, $2, $2
         FROM generate_series(1, $3) AS n",
    )
    .bind(PROFILE)
    .bind(noon())
    .bind(backlog)
    .execute(workshop.database.pool())
    .await?;
    Ok(())
}

/// Claims once; answers how many entries of each index of the inbox were read for it.
async fn read_for_a_claim(workshop: &Workshop) -> anyhow::Result<BTreeMap<String, i64>> {
    let claimed = workshop.must_claim(noon()).await?.orders.len();
    assert!(claimed > 1, "{claimed}");
    // What a session has counted is seen by others once it has ended.
    workshop.database.store().close().await;
    let mut others = sqlx::PgConnection::connect(workshop.database.url()).await?;
    loop {
        let counted: Vec<(String, i64, i64)> = sqlx::query_as(
            "SELECT indexrelname::text, idx_scan, idx_tup_read FROM pg_stat_user_indexes
             WHERE schemaname = 'tenant_default' AND relname = 'connector_event'",
        )
        .fetch_all(&mut others)
        .await?;
        let is_told = |(index, scans, _): &(String, i64, i64)| index == DUE && *scans > 0;
        if counted.iter().any(is_told) {
            let read = counted.into_iter().map(|(index, _, read)| (index, read));
            return Ok(read.collect());
        }
        tokio::task::yield_now().await;
    }
}

/// The inbox filled up since, and nobody has taken statistics of it: to the planner all events are of few orders.
#[tokio::test]
async fn of_a_backlog_that_came_at_once_a_claim_reads_what_it_takes() -> anyhow::Result<()> {
    const BACKLOG: i64 = 50_000;
    let workshop = Workshop::new().await?;
    come_at_once(&workshop, BACKLOG).await?;
    let read = read_for_a_claim(&workshop).await?;
    assert!(read[DUE] < BACKLOG / 10, "{read:#?}");
    Ok(())
}

/// To the planner there is nothing, and any index as good as any other: what finds repetitions has connector and
/// environment behind the content, and whoever looks there for an order reads all of it.
#[tokio::test]
async fn of_a_backlog_after_statistics_of_an_empty_inbox_a_claim_reads_what_it_takes()
-> anyhow::Result<()> {
    const BACKLOG: i64 = 5_000;
    let workshop = Workshop::new().await?;
    come_at_once(&workshop, BACKLOG).await?;
    // The pages stay, as they do where somebody is at the last one.
    sqlx::raw_sql(
        "DELETE FROM tenant_default.connector_event;
         ALTER TABLE tenant_default.connector_event SET (vacuum_truncate = false)",
    )
    .execute(workshop.database.pool())
    .await?;
    sqlx::raw_sql(
        "VACUUM (ANALYZE) tenant_default.connector_event, tenant_default.connector_order",
    )
    .execute(workshop.database.pool())
    .await?;
    come_at_once(&workshop, BACKLOG).await?;
    let read = read_for_a_claim(&workshop).await?;
    let all: i64 = read.values().sum();
    assert!(all < BACKLOG, "{read:#?}");
    Ok(())
}

#[tokio::test]
async fn events_that_are_rare_are_found_by_index() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    fill(&workshop).await?;
    let mut connection = workshop.database.pool().acquire().await?;
    connection
        .execute("SET search_path TO tenant_default")
        .await?;
    for (asked, index) in [
        ("source = 'manual'", "connector_event_rare_source_idx"),
        ("event_type = 29", "connector_event_rare_type_idx"),
        (
            "source = 'manual' AND event_type = 29",
            "connector_event_rare_idx",
        ),
    ] {
        let explain = format!(
            "EXPLAIN (FORMAT JSON) SELECT id FROM connector_event WHERE {asked} \
             ORDER BY id DESC LIMIT 51"
        );
        let plan: Value = sqlx::query_scalar(sqlx::AssertSqlSafe(explain))
            .fetch_one(&mut *connection)
            .await?;
        assert_by_index(&plan, index);
    }
    Ok(())
}

/// 20,000 pairs, calls, requests and bearer tokens.
const FILL: &str = r"
    INSERT INTO tenant_default.connector_token (
        connector, environment, profile_id, shop_id, access_token_encrypted,
        refresh_token_encrypted, access_token_expires_at
    )
    SELECT 'shopee', 'sandbox', 'scp_first', n, 'v1:', 'v1:', now() FROM generate_series(1, 20000) AS n;
    INSERT INTO tenant_default.connector_profile (id, connector, environment, display_name, region)
    SELECT 'scp_' || n, 'shopee', 'sandbox', 'Card shop', 'TEST_SG' FROM generate_series(1, 400) AS n;
    INSERT INTO tenant_default.connector_call (profile_id, at, endpoint, result, took_us)
    SELECT 'scp_' || 1 + n % 400, now() + n * interval '1 s', 'order/get_order_detail', 'ok', 1
    FROM generate_series(1, 20000) AS n;
    INSERT INTO tenant_default.api_request (bearer, key, request, begun_at)
    SELECT 'apt_' || n % 10, n, sha256(n::text::bytea), now() FROM generate_series(1, 20000) AS n;
    INSERT INTO public.api_token (id, tenant_slug, name, scopes, digest, hint)
    SELECT tenant_default.fresh_id('apt'), 'default', 'erp', '{}', sha256(n::text::bytea), ''
    FROM generate_series(1, 20000) AS n;
    ANALYZE";

#[tokio::test]
async fn what_every_call_and_every_request_asks_for_is_found_by_index() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let mut connection = workshop.database.pool().acquire().await?;
    connection.execute(sqlx::raw_sql(FILL)).await?;
    connection
        .execute("SET search_path TO tenant_default")
        .await?;

    let pair: Value = sqlx::query_scalar(concat!(
        "EXPLAIN (FORMAT JSON) ",
        include_str!("../../src/tokens/find.sql")
    ))
    .bind("shopee")
    .bind("sandbox")
    .bind(7_i64)
    .fetch_one(&mut *connection)
    .await?;
    let calls: Value = sqlx::query_scalar(concat!(
        "EXPLAIN (FORMAT JSON) ",
        include_str!("../../src/calls/of_profile.sql")
    ))
    .bind("scp_7")
    .bind(50_i64)
    .fetch_one(&mut *connection)
    .await?;
    let request: Value = sqlx::query_scalar(concat!(
        "EXPLAIN (FORMAT JSON) ",
        include_str!("../../src/requests/find.sql")
    ))
    .bind("apt_7")
    .bind("7")
    .fetch_one(&mut *connection)
    .await?;
    let bearer: Value = sqlx::query_scalar(concat!(
        "EXPLAIN (FORMAT JSON) ",
        include_str!("../../src/api_tokens/by_digest.sql")
    ))
    .bind([7_u8; 32].as_slice())
    .fetch_one(&mut *connection)
    .await?;
    for (plan, index) in [
        (pair, "connector_token_shop_key"),
        (calls, "connector_call_profile_idx"),
        (request, "api_request_pkey"),
        (bearer, "api_token_digest_key"),
    ] {
        let mut found = Vec::new();
        nodes(&plan[0]["Plan"], &mut found);
        assert!(found.iter().any(|(_, _, by)| by == index), "{found:#?}");
        let reads_a_whole_table = found.iter().any(|(node, _, _)| node == "Seq Scan");
        assert!(!reads_a_whole_table, "{found:#?}");
    }
    Ok(())
}
