//! What Shopee pays out for completed orders, as the runbook's escrow test looks at it.

use std::time::Duration;

use hawker_shopee_emulator::{Endpoint, Fault, NewLine, NewOrder, OrderSn, ReturnOutcome};
use hawker_tests::{Bench, CARD, cards, until};
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::{Connection as _, PgConnection};

/// The runbook's, to the letter.
const RUNBOOK: &str = "SELECT ordersn, escrow_amount, voucher_from_seller, voucher_from_shopee, seller_transaction_fee, buyer_total_amount, currency FROM shopee_escrow ORDER BY created_at DESC LIMIT 5;";

/// Rather than wait for hours, the operator asks for the payout at once.
const ASK_AGAIN: &str = "UPDATE tenant_default.connector_order SET escrow_due_at = now() WHERE escrow_due_at IS NOT NULL";

type Row = (String, Decimal, Decimal, Decimal, Decimal, Decimal, String);

/// What the runbook's query shows over a plain connection.
async fn payouts(bench: &Bench) -> Vec<Row> {
    let mut psql = PgConnection::connect(bench.database.url())
        .await
        .expect("a connection like psql's");
    sqlx::query_as(RUNBOOK)
        .fetch_all(&mut psql)
        .await
        .expect("the runbook's query runs")
}

/// What it should show of an order.
fn truth(bench: &Bench, sn: &OrderSn) -> Row {
    let escrow = bench.emulator.escrow(sn).expect("a payout");
    (
        sn.to_string(),
        escrow.escrow_amount,
        escrow.voucher_from_seller,
        escrow.voucher_from_shopee,
        escrow.seller_transaction_fee,
        escrow.buyer_total_amount,
        "SGD".to_owned(),
    )
}

async fn until_payouts(bench: &Bench, expected: &[Row]) {
    until(
        "the payouts to be there",
        async || (payouts(bench).await == expected).then_some(()),
        async || {
            format!(
                "{:#?}\ninstead of {expected:#?}\n{:#?}",
                payouts(bench).await,
                bench.open_exceptions().await
            )
        },
    )
    .await;
}

/// Waits until the payout was asked for so often.
async fn until_asked(bench: &Bench, times: u64) {
    let asked = || {
        bench
            .emulator
            .stats()
            .api
            .calls_to(Endpoint::EscrowDetailBatch)
    };
    until(
        "the payout to be asked for",
        async || (asked() >= times).then_some(()),
        async || format!("{:#?}", bench.open_exceptions().await),
    )
    .await;
}

/// An order with vouchers, shipped and completed.
async fn completed(bench: &Bench, line: NewLine) -> OrderSn {
    let shop = &bench.emulator;
    let order = NewOrder::of([line])
        .with_shipping_fee(Decimal::new(199, 2))
        .with_seller_voucher(Decimal::new(257, 2))
        .with_shopee_voucher(Decimal::new(113, 2));
    let sn = shop.place(order.paid_at_once()).expect("an order");
    shop.arrange_shipment(&sn).expect("it is arranged");
    shop.pick_up(&sn).expect("it is picked up");
    shop.complete(&sn).expect("it is completed");
    bench.agrees().await;
    sn
}

#[tokio::test(flavor = "multi_thread")]
async fn the_escrow_test_of_the_runbook_shows_what_is_paid_out() {
    let bench = Bench::start().await;
    let sn = completed(&bench, NewLine::new(CARD, Decimal::new(8_899, 2)).times(2)).await;
    let expected = truth(&bench, &sn);
    assert!(expected.1 > Decimal::ZERO);
    until_payouts(&bench, std::slice::from_ref(&expected)).await;
    // It is looked at again as long as its money is not known to be released.
    let again = "SELECT count(*) FROM tenant_default.connector_order
                 WHERE escrow_due_at > now() + interval '23 hours'";
    assert_eq!(bench.count(again).await, 1);
    assert!(bench.open_classes().await.is_empty());

    let whole: (String, Value, Option<Decimal>, bool) = sqlx::query_as(
        "SELECT id, raw_escrow_payload, service_fee, escrow_release_time IS NULL
         FROM tenant_default.shopee_escrow",
    )
    .fetch_one(bench.store.pool())
    .await
    .unwrap();
    let (id, payload, service_fee, is_release_unknown) = whole;
    assert!(id.starts_with("sesc_"), "{id}");
    assert_eq!(payload["order_sn"], sn.as_str());
    let escrow = bench.emulator.escrow(&sn).unwrap();
    let income = payload["order_income"]["escrow_amount"].to_string();
    assert_eq!(income.parse::<Decimal>().unwrap(), escrow.escrow_amount);
    assert_eq!(service_fee, Some(escrow.service_fee));
    assert!(is_release_unknown, "the payout details do not tell it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payout_that_is_not_ready_comes_later_and_is_nobodys_business() {
    let bench = Bench::start().await;
    bench.emulator.set_escrow_delay(Duration::from_mins(10));
    let sn = completed(&bench, cards(1)).await;
    until_asked(&bench, 1).await;
    // Once the answer is kept, the order waits for an hour; its lease would end much sooner.
    let waits = "SELECT count(*) FROM tenant_default.connector_order WHERE escrow_due_at > now() + interval '30 minutes'";
    until(
        "the order to wait",
        async || (bench.count(waits).await == 1).then_some(()),
        async || format!("{:#?}", bench.open_exceptions().await),
    )
    .await;
    assert!(payouts(&bench).await.is_empty());
    assert!(bench.exceptions(None).await.is_empty());

    bench.emulator.advance(Duration::from_mins(11));
    assert_eq!(bench.execute(ASK_AGAIN).await, 1);
    until_payouts(&bench, &[truth(&bench, &sn)]).await;
    assert!(bench.exceptions(None).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payout_that_cannot_be_fetched_is_told_until_it_can() {
    let bench = Bench::start().await;
    bench
        .emulator
        .fail_next(Endpoint::EscrowDetailBatch, Fault::Garbage, 1);
    let sn = completed(&bench, cards(1)).await;
    bench.until_open("escrow_fetch_failed", 1).await;
    let open = bench.open_exceptions().await;
    assert_eq!(open[0].order_sn.as_deref(), Some(sn.as_str()));
    assert_eq!(bench.told_alerts().await.len(), 1);
    assert!(payouts(&bench).await.is_empty());

    bench.execute(ASK_AGAIN).await;
    until_payouts(&bench, &[truth(&bench, &sn)]).await;
    assert!(bench.open_classes().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_after_completion_changes_what_is_paid_out() {
    let bench = Bench::start().await;
    let sn = completed(&bench, cards(2)).await;
    let before = truth(&bench, &sn);
    until_payouts(&bench, std::slice::from_ref(&before)).await;

    bench
        .emulator
        .open_return(&sn, &[], "broke after a day")
        .unwrap();
    bench
        .emulator
        .close_return(&sn, ReturnOutcome::Refunded)
        .unwrap();
    bench.agrees().await;
    let after = truth(&bench, &sn);
    assert_ne!(before, after);
    until_payouts(&bench, &[after]).await;
    let steps = bench.steps(sn.as_str()).await;
    assert_eq!(steps.iter().filter(|step| *step == "completed").count(), 1);
}
