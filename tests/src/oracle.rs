//! The oracle: for every order of the shop, our state equals the shop's state, and the stock adds
//! up to the piece.

use std::collections::BTreeMap;

use hawker_shopee_emulator::{LogisticsStatus, Order, OrderStatus};
use sqlx::PgPool;

use crate::Bench;

/// Asserts that what we hold is what the shop truly is: every order exactly once, in the right
/// state, with the right lines; nothing pending, nothing leased; stock as the ledger says.
pub async fn assert_agrees(bench: &Bench) {
    let truth = bench.emulator.orders();
    let mut differences = Vec::new();
    let ours: i64 = count(
        bench.store.pool(),
        "SELECT count(*) FROM tenant_default.sales_order",
    )
    .await;
    if ours != i64::try_from(truth.len()).expect("a number of orders") {
        differences.push(format!(
            "the shop has {} orders, we have {ours}",
            truth.len()
        ));
    }
    for order in &truth {
        let number = order.order_sn.to_string();
        match bench.order(&number).await {
            Some(ours) => compare(order, &ours, &mut differences),
            None => differences.push(format!("{number} ({}) is missing", order.status)),
        }
    }
    ledger_adds_up(bench.store.pool(), &mut differences).await;
    stock_is_as_sold(bench, &truth, &mut differences).await;
    let backlog = bench.backlog().await;
    if (backlog.due, backlog.leased, backlog.waiting) != (0, 0, 0) {
        differences.push(format!("work is left: {backlog:?}"));
    }
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

fn compare(truth: &Order, ours: &hawker_ports::views::OrderDetail, differences: &mut Vec<String>) {
    let number = &ours.summary.order_sn;
    let mut differ = |what: &str, expected: String, found: String| {
        if expected != found {
            differences.push(format!("{number}: {what} should be {expected}, is {found}"));
        }
    };
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    differ(
        "marketplace status",
        truth.status.to_string(),
        text(&ours.summary.marketplace_status),
    );
    let has_left = truth.pickup_done_time.is_some();
    let (lifecycle, stock) = match truth.status {
        OrderStatus::Unpaid | OrderStatus::Pending => ("pending", "reserved"),
        OrderStatus::Cancelled if has_left => ("canceled", "deducted"),
        OrderStatus::Cancelled => ("canceled", "released or untouched"),
        OrderStatus::Completed => ("completed", "deducted"),
        _ if has_left => ("open", "deducted"),
        _ => ("open", "reserved"),
    };
    differ("lifecycle", lifecycle.into(), text(&ours.summary.status));
    let payment = match (truth.pay_time, truth.status, truth.cod) {
        (Some(_), ..) => "captured",
        (None, OrderStatus::Cancelled, _) => "voided",
        (None, _, true) => "on_delivery",
        (None, ..) => "awaiting",
    };
    differ(
        "payment",
        payment.into(),
        text(&ours.summary.payment_status),
    );
    // Without a payment, 0 stands for a total that is not known.
    let is_total_known = truth.cod && !truth.buyer_total().is_zero();
    if truth.pay_time.is_some() || is_total_known {
        differ(
            "total",
            truth.buyer_total().normalize().to_string(),
            ours.summary
                .total
                .map_or_else(String::new, |total| total.normalize().to_string()),
        );
    }
    if truth.status != OrderStatus::Cancelled {
        let is_arranged = truth.packages.iter().any(|package| {
            use LogisticsStatus as L;
            matches!(package.logistics_status, L::RequestCreated | L::PickupRetry)
        });
        let fulfilment = match (has_left, is_arranged) {
            (true, _) => "fulfilled",
            (false, true) => "shipment_created",
            (false, false) => "unfulfilled",
        };
        differ(
            "fulfilment",
            fulfilment.into(),
            text(&ours.summary.fulfillment_status),
        );
    }
    for package in &truth.packages {
        let number = package.package_number.as_str();
        let parcel = ours.shipments.iter().find(|ours| ours.package_number == number);
        if let Some(tracking) = &package.tracking_number {
            differ(
                "tracking number",
                tracking.clone(),
                parcel.map_or_else(String::new, |parcel| text(&parcel.tracking_number)),
            );
        }
    }
    differ(
        "lines",
        truth.lines.len().to_string(),
        ours.lines.len().to_string(),
    );
    for line in &ours.lines {
        let is_right = stock.split(" or ").any(|state| state == line.stock);
        differ(
            "stock of a line",
            stock.into(),
            if is_right {
                stock.into()
            } else {
                line.stock.clone()
            },
        );
    }
    if truth.status == OrderStatus::Cancelled {
        // Nothing is to be sent any more, whether or not the marketplace takes the pieces out.
        return;
    }
    let sold = sum(truth
        .lines
        .iter()
        .map(|line| (line.listing.sku().to_owned(), i64::from(line.to_ship()))));
    let kept = sum(ours.lines.iter().map(|line| {
        (
            line.sku.clone().unwrap_or_default(),
            i64::from(line.quantity - line.cancelled_quantity),
        )
    }));
    differ("pieces", format!("{sold:?}"), format!("{kept:?}"));
}

fn sum(pieces: impl Iterator<Item = (String, i64)>) -> BTreeMap<String, i64> {
    pieces.fold(BTreeMap::new(), |mut sums, (sku, pieces)| {
        *sums.entry(sku).or_default() += pieces;
        sums
    })
}

/// Levels are the sums of the ledger, and reservations are what the ledger says of their lines.
async fn ledger_adds_up(pool: &PgPool, differences: &mut Vec<String>) {
    let off = count(
        pool,
        "SELECT count(*) FROM (
             SELECT variant_id, location_id, sum(on_hand_delta) AS on_hand, sum(reserved_delta) AS reserved
             FROM tenant_default.stock_ledger GROUP BY variant_id, location_id
         ) AS ledger
         FULL JOIN tenant_default.stock_level AS level USING (variant_id, location_id)
         WHERE (ledger.on_hand, ledger.reserved) IS DISTINCT FROM (level.on_hand, level.reserved)",
    )
    .await;
    if off != 0 {
        differences.push(format!(
            "{off} stock levels are not the sum of their ledger entries"
        ));
    }
    let off = count(
        pool,
        "SELECT count(*) FROM (
             SELECT cause_id AS order_line_id, location_id, sum(reserved_delta) AS reserved
             FROM tenant_default.stock_ledger WHERE cause_kind = 'order_line' GROUP BY 1, 2
         ) AS ledger
         FULL JOIN (
             SELECT order_line_id, location_id, quantity FROM tenant_default.stock_reservation WHERE state = 'reserved'
         ) AS held USING (order_line_id, location_id)
         WHERE coalesce(ledger.reserved, 0) <> coalesce(held.quantity, 0)",
    )
    .await;
    if off != 0 {
        differences.push(format!("{off} reservations are not what the ledger says"));
    }
}

/// What is reserved and what has left is what the shop's orders call for.
async fn stock_is_as_sold(bench: &Bench, truth: &[Order], differences: &mut Vec<String>) {
    let mut expected = BTreeMap::<String, (i64, i64)>::new();
    for order in truth {
        let has_left = order.pickup_done_time.is_some();
        let is_over = order.status == OrderStatus::Cancelled;
        for line in &order.lines {
            let pieces = i64::from(line.to_ship());
            let (left, held) = expected.entry(line.listing.sku().to_owned()).or_default();
            match (has_left, is_over) {
                (true, _) => *left += pieces,
                (false, false) => *held += pieces,
                (false, true) => {}
            }
        }
    }
    for (sku, (left, held)) in expected {
        let found: (i64, i64) = sqlx::query_as(
            "SELECT coalesce(-sum(l.on_hand_delta) FILTER (WHERE l.movement = 'deduct'), 0)::bigint,
                    coalesce(sum(l.reserved_delta), 0)::bigint
             FROM tenant_default.stock_ledger l
             JOIN tenant_default.product_variant v ON v.id = l.variant_id
             WHERE v.sku = $1 AND l.cause_kind = 'order_line'",
        )
        .bind(&sku)
        .fetch_one(bench.store.pool())
        .await
        .expect("the ledger");
        if found != (left, held) {
            differences.push(format!(
                "{sku}: left and held should be {:?}, are {found:?}",
                (left, held)
            ));
        }
    }
}

async fn count(pool: &PgPool, query: &'static str) -> i64 {
    sqlx::query_scalar(query)
        .fetch_one(pool)
        .await
        .expect("a count")
}
