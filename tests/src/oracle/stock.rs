//! Whether the stock adds up.

use std::collections::BTreeMap;

use hawker_shopee_emulator::{Order, OrderStatus};

use crate::Bench;

/// Levels are the sums of the ledger, and reservations are what the ledger says of their lines.
pub(super) async fn ledger_adds_up(bench: &Bench, differences: &mut Vec<String>) {
    let levels = bench
        .count(
            "SELECT count(*) FROM (
                 SELECT variant_id, location_id, sum(on_hand_delta) AS on_hand,
                        sum(reserved_delta) AS reserved
                 FROM tenant_default.stock_ledger GROUP BY variant_id, location_id
             ) AS ledger
             FULL JOIN tenant_default.stock_level AS level USING (variant_id, location_id)
             WHERE (ledger.on_hand, ledger.reserved) IS DISTINCT FROM (level.on_hand, level.reserved)",
        )
        .await;
    if levels != 0 {
        differences.push(format!(
            "{levels} stock levels are not the sum of their ledger entries"
        ));
    }
    let reservations = bench
        .count(
            "SELECT count(*) FROM (
                 SELECT cause_id AS order_line_id, location_id, sum(reserved_delta) AS reserved
                 FROM tenant_default.stock_ledger WHERE cause_kind = 'order_line' GROUP BY 1, 2
             ) AS ledger
             FULL JOIN (
                 SELECT order_line_id, location_id, quantity
                 FROM tenant_default.stock_reservation WHERE state = 'reserved'
             ) AS held USING (order_line_id, location_id)
             WHERE coalesce(ledger.reserved, 0) <> coalesce(held.quantity, 0)",
        )
        .await;
    if reservations != 0 {
        differences.push(format!(
            "{reservations} reservations are not what the ledger says"
        ));
    }
}

/// What is reserved and what has left is what the shop's orders call for.
pub(super) async fn is_as_sold(bench: &Bench, truth: &[Order], differences: &mut Vec<String>) {
    let mut expected = BTreeMap::<&str, (i64, i64)>::new();
    for order in truth {
        let has_left = order.pickup_done_time.is_some();
        let is_over = order.status == OrderStatus::Cancelled;
        for line in &order.lines {
            let pieces = i64::from(line.to_ship());
            let (left, held) = expected.entry(line.listing.sku()).or_default();
            match (has_left, is_over) {
                (true, _) => *left += pieces,
                (false, false) => *held += pieces,
                (false, true) => {}
            }
        }
    }
    for (sku, expected) in expected {
        let found: (i64, i64) = sqlx::query_as(
            "SELECT coalesce(-sum(l.on_hand_delta) FILTER (WHERE l.movement = 'deduct'), 0)::bigint,
                    coalesce(sum(l.reserved_delta), 0)::bigint
             FROM tenant_default.stock_ledger l
             JOIN tenant_default.product_variant v ON v.id = l.variant_id
             WHERE v.sku = $1 AND l.cause_kind = 'order_line'",
        )
        .bind(sku)
        .fetch_one(bench.store.pool())
        .await
        .expect("the ledger");
        if found != expected {
            differences.push(format!(
                "{sku}: left and held should be {expected:?}, are {found:?}"
            ));
        }
    }
}
