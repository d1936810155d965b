//! Whether what we say was paid out is what the platform pays, to the cent and in all its parts.

use std::collections::BTreeMap;

use hawker_shopee_emulator::{Escrow, Order, OrderStatus};
use rust_decimal::Decimal;
use serde_json::Value;

use super::Check;
use crate::Bench;

/// Parts that have the same name in the truth as on the wire, besides all charges.
const PARTS: [&str; 9] = [
    "commission_fee",
    "service_fee",
    "seller_transaction_fee",
    "actual_shipping_fee",
    "buyer_paid_shipping_fee",
    "shopee_shipping_rebate",
    "voucher_from_seller",
    "voucher_from_shopee",
    "seller_return_refund",
];

/// A payout as we keep it.
#[derive(sqlx::FromRow)]
struct Row {
    ordersn: String,
    escrow_amount: Decimal,
    payout: Decimal,
    unexplained: Option<Decimal>,
    currency: String,
    released_at: Option<i64>,
    parts: Value,
    adjustments: Value,
}

/// Every completed order has its payout, and no other order has one.
pub(super) async fn check(bench: &Bench, truth: &[Order]) -> Check {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT ordersn, escrow_amount, payout, unexplained, currency,
                extract(epoch FROM escrow_release_time)::bigint AS released_at, parts, adjustments
         FROM tenant_default.shopee_escrow",
    )
    .fetch_all(bench.store.pool())
    .await
    .expect("the payouts");
    let mut rows: BTreeMap<String, Row> = rows
        .into_iter()
        .map(|row| (row.ordersn.clone(), row))
        .collect();
    let completed = truth
        .iter()
        .filter(|order| order.status == OrderStatus::Completed);
    let mut check = Check::of("payouts as the platform pays, to the cent", 0);
    for order in completed {
        check.counted += 1;
        let number = order.order_sn.as_str();
        let escrow = bench.emulator.escrow(&order.order_sn).expect("a payout");
        match rows.remove(number) {
            Some(row) => compare(&escrow, &row, &mut check),
            None => check.differs(format!("{number} has no payout")),
        }
    }
    for number in rows.keys() {
        check.differs(format!("{number} has a payout and is not completed"));
    }
    check
}

fn compare(truth: &Escrow, ours: &Row, check: &mut Check) {
    let number = ours.ordersn.clone();
    let mut expect = |what: &str, expected: Decimal, found: Option<Decimal>| {
        if found != Some(expected) {
            let found = found.map_or_else(|| "nothing".to_owned(), |found| found.to_string());
            check.differs(format!("{number}: {what} should be {expected}, is {found}"));
        }
    };
    expect(
        "escrow amount",
        truth.escrow_amount,
        Some(ours.escrow_amount),
    );
    expect(
        "payout",
        truth.escrow_amount_after_adjustment,
        Some(ours.payout),
    );
    expect("unexplained", truth.unexplained, ours.unexplained);
    let parts = serde_json::to_value(truth).expect("the truth as JSON");
    let charges = parts["charges"].as_object().into_iter().flatten();
    let own = PARTS.iter().map(|name| (*name, &parts[*name]));
    for (name, expected) in charges
        .map(|(name, value)| (name.as_str(), value))
        .chain(own)
    {
        let expected = decimal(expected).unwrap_or_default();
        let found = decimal(&ours.parts[name]);
        // A part that is nothing may be left out.
        if !expected.is_zero() || found.is_some() {
            expect(name, expected, found);
        }
    }
    let adjustments = ours.adjustments.as_array().map_or(0, Vec::len);
    if adjustments != truth.adjustments.len() {
        let expected = truth.adjustments.len();
        check.differs(format!(
            "{number}: {expected} adjustments, we have {adjustments}"
        ));
    }
    if ours.released_at != truth.released_at {
        let (expected, found) = (truth.released_at, ours.released_at);
        check.differs(format!(
            "{number}: released at {expected:?}, we say {found:?}"
        ));
    }
    if ours.currency != "SGD" {
        check.differs(format!("{number}: it is counted in {}", ours.currency));
    }
}

fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}
