//! The oracle: for every order of the shop, our state equals the shop's state, and the stock adds
//! up to the piece. Of a proof it also judges the payouts, the events, the days, the exceptions, the
//! alerts, and what was left behind.
//!
//! It knows the truth from the emulator and from whoever witnessed what went to and fro, and reads what
//! we hold the way an operator does. It never asks the code under test what should be.

mod alerts;
mod check;
mod days;
mod events;
mod exceptions;
mod left_behind;
mod order;
mod payouts;
mod stock;
mod versions;
mod witness;

use hawker_shopee_emulator::Order;

use crate::Bench;

pub use check::Check;
pub use exceptions::is_explained;
pub use witness::Witness;

/// Asserts that what we hold is what the shop truly is: every order exactly once, in the right
/// state, with the right lines and parcels; nothing pending, nothing leased; stock as the ledger
/// says.
pub async fn assert_agrees(bench: &Bench) {
    let truth = bench.emulator.orders();
    let mut differences = Vec::new();
    let orders = orders(bench, &truth).await;
    let pieces = pieces(bench, &truth).await;
    for check in [orders, pieces] {
        differences.extend(check.differences);
    }
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

/// Everything that a proof shows.
pub async fn judge(bench: &Bench, witness: &Witness) -> Vec<Check> {
    let truth = bench.emulator.orders();
    vec![
        orders(bench, &truth).await,
        pieces(bench, &truth).await,
        payouts::check(bench, &truth).await,
        versions::check(bench).await,
        events::check(bench, witness).await,
        events::lost_and_forged(bench, witness).await,
        days::check(bench, &truth).await,
        exceptions::check(bench, &truth).await,
        alerts::check(bench, witness).await,
        left_behind::leases(bench).await,
        left_behind::runs(bench).await,
        Check {
            name: "everything came to rest",
            counted: 1,
            differences: witness.restless.clone(),
        },
    ]
}

async fn orders(bench: &Bench, truth: &[Order]) -> Check {
    let mut check = Check::of("every order exactly once and right", truth.len());
    let ours = bench
        .count("SELECT count(*) FROM tenant_default.sales_order")
        .await;
    if ours != i64::try_from(truth.len()).expect("a number of orders") {
        let truth = truth.len();
        check.differs(format!("the shop has {truth} orders, we have {ours}"));
    }
    for truth in truth {
        let number = truth.order_sn.as_str();
        match bench.order(number).await {
            Some(ours) => check.differences.extend(order::differences(truth, &ours)),
            None => check.differs(format!("{number} ({}) is missing", truth.status)),
        }
    }
    check
}

async fn pieces(bench: &Bench, truth: &[Order]) -> Check {
    let entries = bench
        .count("SELECT count(*) FROM tenant_default.stock_ledger")
        .await;
    let mut check = Check::of(
        "stock to the piece, by the ledger",
        usize::try_from(entries).unwrap_or_default(),
    );
    stock::ledger_adds_up(bench, &mut check.differences).await;
    stock::is_as_sold(bench, truth, &mut check.differences).await;
    check
}
