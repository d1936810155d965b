//! Days, payouts and runs are found by index, however many orders there are. Looks at the planner's
//! choice and never at the time.

use chrono::{NaiveDate, TimeDelta};
use hawker_domain::Timestamp;
use hawker_ports::testing::examples::noon;
use serde_json::Value;
use sqlx::{Executor as _, PgConnection};

use crate::plans::nodes;
use crate::workshop::{PROFILE, Workshop};

/// 20,000 completed orders over 200 days, with a payout of two versions for nearly every one, and
/// 20,000 runs that are over.
const FILL: &str = r"
    INSERT INTO sales_channel (connector, name) VALUES ('shopee', 'Shopee');
    INSERT INTO sales_order (
        connector, environment, order_sn, sales_channel_id, profile_id, shop_id, status, ended_at,
        fulfillment_status, marketplace_status, marketplace_updated_at, placed_at, currency, fulfilled_by
    )
    SELECT 'shopee', 'sandbox', '2501' || n, channel.id, 'scp_first', 7, 'completed',
           '2026-01-05'::timestamptz - n * interval '14 min', 'unfulfilled', 'COMPLETED',
           '2026-01-05'::timestamptz, '2026-01-05'::timestamptz - n * interval '14 min', 'SGD', 'seller'
    FROM generate_series(1, 20000) AS n, sales_channel AS channel;
    INSERT INTO connector_order (
        connector, environment, order_sn, profile_id, order_id, shopee_status, placed_at, currency,
        first_source, first_heard_at, is_listed
    )
    SELECT connector, environment, order_sn, profile_id, id, marketplace_status, placed_at, currency,
           'webhook', placed_at, true
    FROM sales_order;
    INSERT INTO shopee_escrow (
        environment, ordersn, escrow_amount, original_price, seller_discount, shopee_discount,
        voucher_from_seller, voucher_from_shopee, commission_fee, service_fee, seller_transaction_fee,
        actual_shipping_fee, seller_lost_compensation, buyer_total_amount, currency,
        raw_escrow_payload, fetched_at
    )
    SELECT environment, order_sn, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'SGD', '{}', ended_at
    FROM sales_order WHERE order_sn NOT LIKE '%99';
    UPDATE shopee_escrow
    SET version = 2, cause = 'released', escrow_release_time = fetched_at + interval '3 days',
        known_at = fetched_at + interval '4 days';
    INSERT INTO connector_day (
        profile_id, day, connector, environment, begins_at, ends_at, compared, listed, checked_at
    )
    SELECT 'scp_first', day, 'shopee', 'sandbox', day, day + 1,
           tstzmultirange(tstzrange(day, day + 1)), 100, now()
    FROM (SELECT '2026-01-05'::date - n AS day FROM generate_series(1, 200) AS n) AS day;
    INSERT INTO public.schedule_run (id, job, slot, trigger, state, due_at, finished_at)
    SELECT fresh_id('jrun'), 'reconcile-daily', '2026-01-05'::timestamptz - n * interval '1 hour',
           'schedule', 'done', now(), now()
    FROM generate_series(1, 20000) AS n;
    ANALYZE";

async fn filled(connection: &mut PgConnection) -> anyhow::Result<()> {
    connection
        .execute("SET search_path TO tenant_default")
        .await?;
    connection.execute(sqlx::raw_sql(FILL)).await?;
    Ok(())
}

/// The plan uses these indexes and reads none of these tables from end to end.
fn assert_by_index(plan: &Value, indexes: &[&str], tables: &[&str]) {
    let mut found = Vec::new();
    nodes(&plan[0]["Plan"], &mut found);
    for index in indexes {
        assert!(
            found.iter().any(|(_, _, by)| by == index),
            "{index}: {found:#?}"
        );
    }
    let reads_whole = found
        .iter()
        .any(|(node, table, _)| node == "Seq Scan" && tables.contains(&table.as_str()));
    assert!(!reads_whole, "{found:#?}");
}

#[tokio::test]
async fn a_week_of_days_is_found_by_index() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let mut connection = workshop.database.pool().acquire().await?;
    filled(&mut connection).await?;
    let days: Vec<NaiveDate> = (1..=7)
        .map(|ago| (noon() - TimeDelta::days(ago)).date_naive())
        .collect();
    let at = |days: i64| -> Vec<Timestamp> {
        (1..=7)
            .map(|ago| noon() - TimeDelta::days(ago - days))
            .collect()
    };
    let plan: Value = sqlx::query_scalar(concat!(
        "EXPLAIN (FORMAT JSON) ",
        include_str!("../../src/views/completeness.sql")
    ))
    .bind(PROFILE)
    .bind(days)
    .bind(at(0))
    .bind(at(1))
    .bind("webhook")
    .bind("poll")
    .bind("reconcile")
    .bind("manual")
    .fetch_one(&mut *connection)
    .await?;
    let indexes = ["connector_order_placed_idx"];
    assert_by_index(&plan, &indexes, &["connector_order"]);
    Ok(())
}

#[tokio::test]
async fn a_page_of_a_report_is_found_by_index() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let mut connection = workshop.database.pool().acquire().await?;
    filled(&mut connection).await?;
    for (statement, indexes) in [
        (
            concat!(
                "EXPLAIN (FORMAT JSON) SELECT * FROM (",
                include_str!("../../src/views/escrow/released.sql"),
                ") AS report WHERE at >= $7 AND (at, ordersn) > ($7, $8) ORDER BY at, ordersn LIMIT $6"
            ),
            &[
                "shopee_escrow_version_released_idx",
                "shopee_escrow_version_key",
            ][..],
        ),
        (
            concat!(
                "EXPLAIN (FORMAT JSON) SELECT * FROM (",
                include_str!("../../src/views/escrow/placed.sql"),
                ") AS report WHERE at >= $7 AND (at, ordersn) > ($7, $8) ORDER BY at, ordersn LIMIT $6"
            ),
            &["connector_order_placed_idx", "shopee_escrow_version_key"],
        ),
    ] {
        let plan: Value = sqlx::query_scalar(statement)
            .bind("sandbox")
            .bind(noon() - TimeDelta::days(40))
            .bind(noon())
            .bind(noon())
            .bind(None::<String>)
            .bind(101_i64)
            .bind(noon() - TimeDelta::days(30))
            .bind("2501")
            .fetch_one(&mut *connection)
            .await?;
        assert_by_index(
            &plan,
            indexes,
            &["shopee_escrow_version", "connector_order"],
        );
    }
    Ok(())
}

#[tokio::test]
async fn missing_payouts_are_looked_for_among_what_ended_lately() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let mut connection = workshop.database.pool().acquire().await?;
    filled(&mut connection).await?;
    let plan: Value = sqlx::query_scalar(concat!(
        "EXPLAIN (FORMAT JSON) ",
        include_str!("../../src/escrow/make_missing_due.sql")
    ))
    .bind("shopee")
    .bind("sandbox")
    .bind(PROFILE)
    .bind(noon() - TimeDelta::days(1))
    .bind(noon())
    .fetch_one(&mut *connection)
    .await?;
    let indexes = ["sales_order_completed_idx"];
    assert_by_index(
        &plan,
        &indexes,
        &["sales_order", "connector_order", "shopee_escrow"],
    );
    Ok(())
}

#[tokio::test]
async fn a_run_that_waits_is_found_among_many_that_are_over() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let mut connection = workshop.database.pool().acquire().await?;
    filled(&mut connection).await?;
    let plan: Value = sqlx::query_scalar(concat!(
        "EXPLAIN (FORMAT JSON) ",
        include_str!("../../src/schedules/take_longest_waiting.sql")
    ))
    .bind("reconcile-daily")
    .bind(noon())
    .bind("host:1")
    .bind("lease_1")
    .bind(noon())
    .fetch_one(&mut *connection)
    .await?;
    assert_by_index(&plan, &["schedule_run_open_idx"], &["schedule_run"]);
    Ok(())
}

#[tokio::test]
async fn the_last_runs_are_found_by_scope_and_not_among_all_runs() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let mut connection = workshop.database.pool().acquire().await?;
    filled(&mut connection).await?;
    let slots: Value = sqlx::query_scalar(concat!(
        "EXPLAIN (FORMAT JSON) ",
        include_str!("../../src/schedules/latest_slots.sql")
    ))
    .bind("reconcile-daily")
    .fetch_one(&mut *connection)
    .await?;
    assert_by_index(&slots, &["schedule_run_slot_key"], &["schedule_run"]);
    let runs: Value = sqlx::query_scalar(concat!(
        "EXPLAIN (FORMAT JSON) ",
        include_str!("../../src/schedules/latest_runs.sql")
    ))
    .bind("default")
    .fetch_one(&mut *connection)
    .await?;
    assert_by_index(&runs, &["schedule_run_slot_key"], &["schedule_run"]);
    Ok(())
}
