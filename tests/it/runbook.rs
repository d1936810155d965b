//! The statements that operators know by heart, to the letter, over a plain connection.

use hawker_shopee_emulator::{NewLine, NewOrder};
use hawker_tests::{Bench, cards, until};
use sqlx::{Connection as _, PgConnection};

const INBOUND_EVENTS: &str = "SELECT id, event_type, ordersn, signature_ok, processed FROM shopee_raw_event ORDER BY created_at DESC LIMIT 5;";
const INBOUND_ORDERS: &str = "SELECT ordersn, shopee_status, status, medusa_order_id FROM shopee_order_sync ORDER BY created_at DESC LIMIT 5;";
const OPEN_EXCEPTIONS: &str =
    "SELECT id, error_class, error_message FROM connector_exception WHERE status = 'open';";
const ESCROW: &str = "SELECT ordersn, escrow_amount, voucher_from_seller, voucher_from_shopee, seller_transaction_fee, buyer_total_amount, currency FROM shopee_escrow ORDER BY created_at DESC LIMIT 5;";

async fn psql(bench: &Bench) -> PgConnection {
    PgConnection::connect(bench.database.url())
        .await
        .expect("a connection like psql's")
}

type Event = (String, i32, Option<String>, Option<bool>, bool);
type Order = (String, Option<String>, String, Option<String>);
type Exception = (String, String, String);

#[tokio::test(flavor = "multi_thread")]
async fn the_inbound_flow_is_observed_as_the_runbook_says() {
    let bench = Bench::start().await;
    let sn = bench
        .emulator
        .place(NewOrder::of([cards(1)]).paid_at_once())
        .unwrap();
    bench.agrees().await;
    let mut psql = psql(&bench).await;

    let events: Vec<Event> = sqlx::query_as(INBOUND_EVENTS)
        .fetch_all(&mut psql)
        .await
        .unwrap();
    assert_eq!(events.len(), 1);
    let (id, code, ordersn, signature_ok, processed) = &events[0];
    assert!(id.starts_with("srev_"), "{id}");
    assert_eq!((*code, ordersn.as_deref()), (3, Some(sn.as_str())));
    assert_eq!((*signature_ok, *processed), (Some(true), true));

    let orders: Vec<Order> = sqlx::query_as(INBOUND_ORDERS)
        .fetch_all(&mut psql)
        .await
        .unwrap();
    assert_eq!(orders.len(), 1);
    let (ordersn, shopee_status, status, order_id) = &orders[0];
    assert_eq!(ordersn, sn.as_str());
    assert_eq!(shopee_status.as_deref(), Some("READY_TO_SHIP"));
    assert_eq!(status, "created");
    assert!(order_id.is_some());

    let open: Vec<Exception> = sqlx::query_as(OPEN_EXCEPTIONS)
        .fetch_all(&mut psql)
        .await
        .unwrap();
    assert!(open.is_empty(), "{open:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_escrow_test_runs_and_finds_nothing_before_any_payout_is_known() {
    let bench = Bench::start().await;
    let payouts = sqlx::query(ESCROW)
        .fetch_all(&mut psql(&bench).await)
        .await
        .unwrap();
    assert!(payouts.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_negative_sku_test_goes_as_the_runbook_says() {
    let bench = Bench::start().await;
    let unknown = NewLine::new("RENAMED-AWAY", 1.into());
    bench
        .emulator
        .place(NewOrder::of([unknown]).paid_at_once())
        .unwrap();
    bench.settled().await;
    let mut psql = psql(&bench).await;
    let open: Vec<Exception> = sqlx::query_as(OPEN_EXCEPTIONS)
        .fetch_all(&mut psql)
        .await
        .unwrap();
    assert_eq!(open.len(), 1);
    assert!(open[0].0.starts_with("cex_"));
    assert_eq!(open[0].1, "sku_not_found");
    let events: Vec<Event> = sqlx::query_as(INBOUND_EVENTS)
        .fetch_all(&mut psql)
        .await
        .unwrap();
    assert!(!events[0].4, "the event waits for the operator");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_retry_update_makes_an_event_processed_again() {
    let bench = Bench::start().await;
    let sn = bench
        .emulator
        .place(NewOrder::of([cards(1)]).paid_at_once())
        .unwrap();
    bench.agrees().await;
    let mut psql = psql(&bench).await;
    let events: Vec<Event> = sqlx::query_as(INBOUND_EVENTS)
        .fetch_all(&mut psql)
        .await
        .unwrap();
    let id = events[0].0.clone();
    let asked_before = bench.emulator.stats().api.details_of(&sn);

    let retry = format!("UPDATE shopee_raw_event SET processed=false WHERE id='{id}'");
    let changed = sqlx::query(sqlx::AssertSqlSafe(retry))
        .execute(&mut psql)
        .await
        .unwrap();
    assert_eq!(changed.rows_affected(), 1);
    let is_done_again = async || {
        let event = bench.event(&id).await;
        let asked = bench.emulator.stats().api.details_of(&sn);
        (event.summary.processed && asked > asked_before).then_some(event)
    };
    let event = until(
        "the event to be processed again",
        is_done_again,
        async || format!("{:#?}", bench.event(&id).await),
    )
    .await;
    assert_eq!(event.summary.outcome.as_deref(), Some("unchanged"));
    bench.agrees().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_brings_what_was_missed_while_nobody_pushed() {
    let bench = Bench::start().await;
    let shop = &bench.emulator;
    let sn = shop.place(NewOrder::of([cards(1)]).paid_at_once()).unwrap();
    bench.agrees().await;
    shop.set_push_url(None);
    shop.arrange_shipment(&sn).unwrap();
    shop.pick_up(&sn).unwrap();
    let retried = bench
        .execute("UPDATE shopee_raw_event SET processed=false")
        .await;
    assert_eq!(retried, 1);
    bench
        .until_order(sn.as_str(), |order| {
            order.summary.fulfillment_status.as_deref() == Some("fulfilled")
        })
        .await;
}
