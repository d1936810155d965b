//! A marketplace that fails in every way it can: we come through, and say what a person should know.

use hawker_shopee_emulator::{Endpoint, Fault, NewOrder, Standing, UnknownOrders};
use hawker_tests::{Bench, CARD, REGISTERED_URL, cards, order_push};

/// Spoils the next calls, places an order, and waits until it came through all the same.
async fn survives(fault: Fault, times: u32) -> Bench {
    let bench = Bench::start().await;
    bench
        .emulator
        .fail_next(Endpoint::OrderDetail, fault.clone(), times);
    bench
        .emulator
        .place(NewOrder::of([cards(1)]).paid_at_once())
        .expect("an order");
    bench.emulator.idle().await;
    bench.finished().await;
    let stats = bench.emulator.stats().api;
    assert_eq!(
        stats.faults.get(&Endpoint::OrderDetail),
        Some(&u64::from(times)),
        "{fault:?} was met"
    );
    bench.agrees().await;
    assert!(bench.open_classes().await.is_empty(), "{fault:?}");
    bench
}

#[tokio::test(flavor = "multi_thread")]
async fn throttling_is_waited_out_and_is_nobodys_business() {
    for retry_after in [None, Some(1)] {
        let bench = survives(Fault::RateLimited { retry_after }, 1).await;
        assert!(bench.exceptions(None).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_of_the_platform_is_repeated() {
    let error = Fault::status(
        500,
        r#"{"error":"error_server","message":"Internal error"}"#,
    );
    for fault in [Fault::Inner, error] {
        let bench = survives(fault, 1).await;
        assert!(bench.exceptions(None).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_is_tried_again() {
    for fault in [Fault::Drop, Fault::LostReply] {
        survives(fault, 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_cannot_be_read_is_asked_for_again_and_told_meanwhile() {
    for fault in [Fault::TruncatedJson, Fault::Garbage] {
        let bench = survives(fault.clone(), 1).await;
        let told = bench.exceptions(None).await;
        for exception in &told {
            assert_eq!(exception.error_class, "sdk_transient", "{fault:?}");
            assert_eq!(exception.resolved_by.as_deref(), Some("hawker"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_the_edge_instead_of_an_answer_is_told_and_a_retry_goes_on() {
    let bench = Bench::start().await;
    bench
        .emulator
        .fail_next(Endpoint::OrderDetail, Fault::EdgeForbidden, 1);
    bench
        .emulator
        .place(NewOrder::of([cards(1)]).paid_at_once())
        .unwrap();
    bench.until_open("sdk_transient", 1).await;
    let cause = bench.open_exceptions().await[0].cause.clone();
    assert!(cause.starts_with("refused:"), "{cause}");
    bench.retry_what_waits().await;
    bench.finished().await;
    bench.agrees().await;
    assert!(bench.open_classes().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_lasts_is_an_exception_of_the_shop_until_a_call_succeeds() {
    let bench = Bench::start().await;
    // One attempt is a call and its three repetitions.
    bench
        .emulator
        .fail_next(Endpoint::OrderDetail, Fault::Inner, 4);
    bench
        .emulator
        .place(NewOrder::of([cards(1)]).paid_at_once())
        .unwrap();
    bench.until_open("sdk_transient", 1).await;
    let open = bench.open_exceptions().await;
    assert_eq!(open[0].order_sn, None, "it is about the shop");
    bench.finished().await;
    bench.agrees().await;
    assert!(bench.open_classes().await.is_empty());
    assert_eq!(bench.told_alerts().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_unknown_order_among_many_holds_up_none_of_them() {
    for manner in [UnknownOrders::Omitted, UnknownOrders::RefuseAll] {
        let mut bench = Bench::without_service().await;
        bench.add_card(CARD, 100).await;
        bench.emulator.set_unknown_orders(manner);
        bench.start_another_service();
        let post = async |body: &str| {
            let signed = hawker_tests::signature(REGISTERED_URL, body);
            assert!(bench.post(body.to_owned(), Some(&signed)).await.counts());
        };
        let unknown = "240409NOBODY01";
        post(&order_push(unknown, "READY_TO_SHIP", 1_712_601_591)).await;
        for _ in 0..12 {
            let sn = bench
                .emulator
                .place(NewOrder::of([cards(1)]).paid_at_once())
                .unwrap();
            let order = bench.emulator.order(&sn).unwrap();
            post(&hawker_tests::push_of(&order, 1)).await;
        }
        for order in bench.emulator.orders() {
            bench
                .until_order(order.order_sn.as_str(), |order| {
                    order.summary.order_id.is_some()
                })
                .await;
        }
        bench.until_open("sdk_transient", 1).await;
        let open = bench.open_exceptions().await;
        assert_eq!(open[0].order_sn.as_deref(), Some(unknown), "{manner:?}");
        assert_eq!(open[0].cause, "order-not-found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_cannot_be_renewed_is_told_once_and_an_authorisation_sets_the_orders_going() {
    let bench = Bench::start().await;
    bench.emulator.expire_refresh_token(bench.shop_id());
    bench.let_access_token_end().await;
    for _ in 0..3 {
        bench
            .emulator
            .place(NewOrder::of([cards(1)]).paid_at_once())
            .unwrap();
    }
    bench.until_open("token_expired", 1).await;
    bench.settled().await;
    assert_eq!(bench.told_alerts().await.len(), 1);
    assert_eq!(
        bench
            .count("SELECT count(*) FROM shopee_order_sync WHERE status = 'created'")
            .await,
        0
    );

    bench.authorise().await;
    bench.retry_what_waits().await;
    bench.agrees().await;
    assert!(bench.open_classes().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_withdrew_its_authorisation_is_told_and_goes_on_with_a_new_one() {
    let bench = Bench::start().await;
    let shop_id = bench.shop_id();
    bench
        .emulator
        .set_standing(shop_id, Standing::Unlinked)
        .unwrap();
    bench
        .emulator
        .place(NewOrder::of([cards(1)]).paid_at_once())
        .unwrap();
    bench.until_open("token_expired", 1).await;

    // That the shop is linked again says nothing of the pair: the seller has to authorise.
    bench
        .emulator
        .set_standing(shop_id, Standing::Linked)
        .unwrap();
    bench.retry_what_waits().await;
    bench.settled().await;
    assert_eq!(bench.open_classes().await, ["token_expired"]);

    bench.authorise().await;
    bench.retry_what_waits().await;
    bench.agrees().await;
    assert!(bench.open_classes().await.is_empty());
}
