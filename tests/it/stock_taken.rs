//! Stock that goes by another path while an order is made of it: it is looked at first and locked late
//! (decision 33).

use hawker_shopee_emulator::NewOrder;
use hawker_tests::{Bench, CARD, cards, until};
use sqlx::Executor as _;

const TAKE_SEVENTY: &str = "
    INSERT INTO tenant_default.stock_ledger
           (variant_id, location_id, movement, on_hand_delta, reserved_delta, cause_kind, cause_id, cause_text)
    SELECT variant.id, place.id, 'adjust', -70, 0, 'stated', 'an operator', 'sold at the counter'
    FROM tenant_default.product_variant AS variant, tenant_default.stock_location AS place
    WHERE variant.sku = 'POK-OBF-223-NM-EN' AND place.code = 'main'";

const HOLD: &str = "
    SELECT FROM tenant_default.product_variant WHERE sku = 'POK-OBF-223-NM-EN' FOR NO KEY UPDATE";

const WAITING: &str = "
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
      AND query LIKE '%product_variant%FOR NO KEY UPDATE%'";

#[tokio::test(flavor = "multi_thread")]
async fn pieces_that_go_between_the_look_and_the_lock_are_not_sold_once_more() {
    let bench = Bench::start().await;
    let mut counter = bench.store.pool().acquire().await.expect("a connection");
    counter.execute("BEGIN").await.expect("a transaction");
    sqlx::query(HOLD)
        .execute(&mut *counter)
        .await
        .expect("held");
    let sn = bench
        .emulator
        .place(NewOrder::of([cards(60)]).paid_at_once())
        .unwrap();
    until(
        "the order to wait for the card, of which it has seen a hundred",
        async || (bench.count(WAITING).await > 0).then_some(()),
        async || format!("{:#?}", bench.order(sn.as_str()).await),
    )
    .await;
    sqlx::query(TAKE_SEVENTY)
        .execute(&mut *counter)
        .await
        .expect("sold at the counter");
    counter.execute("COMMIT").await.expect("committed");
    bench.agrees().await;
    assert_eq!(bench.stock(CARD).await, (30, 60));
    assert_eq!(bench.open_classes().await, ["oversold"]);
}
