//! The oracle: for every order of the shop, our state equals the shop's state, and the stock adds
//! up to the piece.

mod order;
mod stock;

use crate::Bench;

/// Asserts that what we hold is what the shop truly is: every order exactly once, in the right
/// state, with the right lines and parcels; nothing pending, nothing leased; stock as the ledger
/// says.
pub async fn assert_agrees(bench: &Bench) {
    let truth = bench.emulator.orders();
    let mut differences = Vec::new();
    let ours = bench
        .count("SELECT count(*) FROM tenant_default.sales_order")
        .await;
    if ours != i64::try_from(truth.len()).expect("a number of orders") {
        let truth = truth.len();
        differences.push(format!("the shop has {truth} orders, we have {ours}"));
    }
    for truth in &truth {
        let number = truth.order_sn.as_str();
        match bench.order(number).await {
            Some(ours) => differences.extend(order::differences(truth, &ours)),
            None => differences.push(format!("{number} ({}) is missing", truth.status)),
        }
    }
    stock::ledger_adds_up(bench, &mut differences).await;
    stock::is_as_sold(bench, &truth, &mut differences).await;
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
