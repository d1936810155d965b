//! Cancellations and returns, in every place of an order's life.

use hawker_shopee_emulator::{CancelAnswer, CancelledBy, NewOrder, OrderSn, ReturnOutcome};
use hawker_tests::{Bench, CARD, cards};

/// A paid order of two cards, as far as the goods' leaving.
async fn shipped(bench: &Bench) -> OrderSn {
    let shop = &bench.emulator;
    let sn = shop
        .place(NewOrder::of([cards(2)]).paid_at_once())
        .expect("an order");
    shop.arrange_shipment(&sn).expect("arranged");
    shop.pick_up(&sn).expect("picked up");
    bench.agrees().await;
    sn
}

/// The causes of the open exceptions that ask for a person.
async fn tasks(bench: &Bench) -> Vec<String> {
    let open = bench.open_exceptions().await.into_iter();
    let tasks = open.filter(|exception| exception.error_class == "action_required");
    tasks.map(|exception| exception.cause).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_never_paid_gives_back_what_was_set_aside() {
    let bench = Bench::start().await;
    let shop = &bench.emulator;
    let sn = shop.place(NewOrder::of([cards(2)])).unwrap();
    bench.agrees().await;
    assert_eq!(bench.stock(CARD).await, (100, 2));
    shop.cancel(&sn, CancelledBy::System, "not paid in time")
        .unwrap();
    bench.agrees().await;
    assert_eq!(bench.stock(CARD).await, (100, 0));
    let order = bench.known_order(sn.as_str()).await;
    assert_eq!(order.summary.payment_status.as_deref(), Some("voided"));
    assert_eq!(bench.steps(sn.as_str()).await, ["created", "canceled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_cancelled_before_it_leaves_gives_back_what_was_set_aside() {
    let bench = Bench::start().await;
    let shop = &bench.emulator;
    let paid = shop.place(NewOrder::of([cards(2)]).paid_at_once()).unwrap();
    let arranged = shop.place(NewOrder::of([cards(3)]).paid_at_once()).unwrap();
    shop.arrange_shipment(&arranged).unwrap();
    bench.agrees().await;
    assert_eq!(bench.stock(CARD).await, (100, 5));
    shop.cancel(&paid, CancelledBy::Seller, "out of stock")
        .unwrap();
    shop.cancel(&arranged, CancelledBy::Buyer, "changed my mind")
        .unwrap();
    bench.agrees().await;
    assert_eq!(bench.stock(CARD).await, (100, 0));
    assert!(tasks(&bench).await.is_empty());
    let told: Vec<(Option<String>, Option<String>)> = sqlx::query_as(
        "SELECT canceled_by, cancel_reason FROM tenant_default.sales_order ORDER BY canceled_by",
    )
    .fetch_all(bench.store.pool())
    .await
    .unwrap();
    assert_eq!(told[0].0.as_deref(), Some("buyer"));
    assert_eq!(
        told[1],
        (Some("seller".into()), Some("out of stock".into()))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_cancelled_after_its_goods_left_asks_for_them_to_be_booked_in() {
    let bench = Bench::start().await;
    let undelivered = shipped(&bench).await;
    let lost = shipped(&bench).await;
    bench.emulator.fail_delivery(&undelivered).unwrap();
    bench.emulator.lose_parcel(&lost).unwrap();
    bench.agrees().await;
    // What has left does not come back by itself.
    assert_eq!(bench.stock(CARD).await, (96, 0));
    assert_eq!(
        tasks(&bench).await,
        ["goods-coming-back", "goods-coming-back"]
    );
    let state = async |sn: &OrderSn| {
        bench.known_order(sn.as_str()).await.shipments[0]
            .state
            .clone()
    };
    assert_eq!(state(&undelivered).await, "delivery_failed");
    assert_eq!(state(&lost).await, "lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_that_is_asked_for_and_granted_cancels_the_order() {
    let bench = Bench::start().await;
    let shop = &bench.emulator;
    let sn = shop.place(NewOrder::of([cards(1)]).paid_at_once()).unwrap();
    bench.agrees().await;
    shop.request_cancel(&sn, "wrong card").unwrap();
    bench.agrees().await;
    assert_eq!(tasks(&bench).await, ["cancellation-request"]);
    assert_eq!(bench.stock(CARD).await, (100, 1));

    shop.answer_cancel(&sn, CancelAnswer::Accept).unwrap();
    bench.agrees().await;
    assert!(tasks(&bench).await.is_empty());
    assert_eq!(bench.stock(CARD).await, (100, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_that_is_refused_leaves_the_order_as_it_was() {
    let bench = Bench::start().await;
    let shop = &bench.emulator;
    let sn = shop.place(NewOrder::of([cards(1)]).paid_at_once()).unwrap();
    shop.arrange_shipment(&sn).unwrap();
    bench.agrees().await;
    shop.request_cancel(&sn, "too slow").unwrap();
    bench.agrees().await;
    assert_eq!(tasks(&bench).await, ["cancellation-request"]);

    shop.answer_cancel(&sn, CancelAnswer::Reject).unwrap();
    bench.agrees().await;
    assert!(tasks(&bench).await.is_empty());
    shop.pick_up(&sn).unwrap();
    shop.complete(&sn).unwrap();
    bench.agrees().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cash_on_delivery_that_screening_refuses_cancels_the_order() {
    let bench = Bench::start().await;
    let shop = &bench.emulator;
    let sn = shop
        .place(NewOrder::of([cards(1)]).cash_on_delivery())
        .unwrap();
    bench.agrees().await;
    shop.reject_cod(&sn).unwrap();
    bench.agrees().await;
    assert_eq!(bench.stock(CARD).await, (100, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_of_everything_ends_the_order_and_asks_for_the_goods() {
    let bench = Bench::start().await;
    let shop = &bench.emulator;
    let sn = shipped(&bench).await;
    shop.deliver(&sn).unwrap();
    shop.open_return(&sn, &[], "not as described").unwrap();
    bench.agrees().await;
    assert_eq!(tasks(&bench).await, ["return-opened"]);

    shop.close_return(&sn, ReturnOutcome::Refunded).unwrap();
    bench.agrees().await;
    assert_eq!(tasks(&bench).await, ["goods-coming-back"]);
    assert_eq!(bench.stock(CARD).await, (98, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_that_is_withdrawn_leaves_nothing_to_do() {
    let bench = Bench::start().await;
    let shop = &bench.emulator;
    let sn = shipped(&bench).await;
    shop.deliver(&sn).unwrap();
    shop.open_return(&sn, &[], "not as described").unwrap();
    bench.agrees().await;
    shop.close_return(&sn, ReturnOutcome::Withdrawn).unwrap();
    bench.agrees().await;
    assert!(tasks(&bench).await.is_empty());
    shop.complete(&sn).unwrap();
    bench.agrees().await;
}
