//! A return that a buyer opens is in the queue with the deadline that the marketplace sets.

use chrono::{DateTime, TimeDelta, Utc};
use hawker_ports::views::ExceptionSummary;
use hawker_shopee_emulator::{NewOrder, OrderSn, ReturnOutcome};
use hawker_tests::{Bench, cards, until};

/// An order that has arrived, and whose buyer is not content.
async fn returned(bench: &Bench) -> OrderSn {
    let shop = &bench.emulator;
    let order = NewOrder::of([cards(2)]).paid_at_once();
    let sn = shop.place(order).expect("an order");
    shop.arrange_shipment(&sn).expect("arranged");
    shop.pick_up(&sn).expect("picked up");
    shop.deliver(&sn).expect("delivered");
    bench.agrees().await;
    shop.open_return(&sn, &[], "Bent corner").expect("a return");
    bench.until_open("action_required", 1).await;
    sn
}

async fn case(bench: &Bench) -> ExceptionSummary {
    let [open] = bench
        .open_exceptions()
        .await
        .try_into()
        .expect("one open case");
    open
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_is_in_the_queue_with_its_deadline_until_it_is_closed() {
    let mut bench = Bench::start().await;
    let sn = returned(&bench).await;
    let opened = case(&bench).await;
    assert_eq!(opened.cause, "return-opened");
    assert_eq!(opened.due_at, None, "that of the shipment says nothing");

    // The next look is minutes away, and a service that starts looks at once.
    bench.start_another_service();
    let due_at = until(
        "the deadline to be known",
        async || case(&bench).await.due_at,
        async || format!("{:#?}", bench.open_exceptions().await),
    )
    .await;
    let [of_buyer] = &bench.emulator.order(&sn).expect("the order").returns[..] else {
        panic!("one return");
    };
    let opened_at: DateTime<Utc> = DateTime::from_timestamp(of_buyer.opened_at, 0).expect("a time");
    assert_eq!(due_at, opened_at + TimeDelta::days(2));
    let known = case(&bench).await;
    assert_eq!(known.id, opened.id, "it is the same case");
    let local = due_at.with_timezone(&hawker_domain::Zone::Asia__Singapore);
    let until = format!("{} (Asia/Singapore)", local.format("%Y-%m-%d %H:%M"));
    for part in [sn.as_str(), of_buyer.return_sn.as_str(), &until] {
        assert!(known.message.contains(part), "{part}: {}", known.message);
    }

    bench
        .emulator
        .close_return(&sn, ReturnOutcome::Withdrawn)
        .expect("an end");
    bench.until_open("action_required", 0).await;
    let [over] = bench
        .exceptions(Some("resolved"))
        .await
        .try_into()
        .expect("one case");
    assert_eq!((over.id, over.due_at), (opened.id, Some(due_at)));
    assert_eq!(over.resolved_by.as_deref(), Some("hawker"));
    bench.agrees().await;
}
