//! Two processes, one of them killed in the middle: no order is lost, none is there twice.

use hawker_shopee_emulator::{CancelledBy, NewOrder, OrderSn};
use hawker_tests::{
    Bench, CARD, Delivery, OnFailure, REGISTERED_URL, Senders, ServiceProcess, assert_agrees,
    cards, push_of, until,
};

const ORDERS: usize = 500;
const PUSHES_PER_ORDER: usize = 20;
const SENDERS: usize = 4;

/// Orders in every stage of their lives.
fn place_orders(bench: &Bench) -> Vec<OrderSn> {
    let shop = &bench.emulator;
    let place = |index: usize| {
        let pieces = u32::try_from(index % 3 + 1).expect("few");
        let sn = shop
            .place(NewOrder::of([cards(pieces)]).tracked_later())
            .expect("an order");
        let stage = index % 6;
        if stage >= 1 {
            shop.pay(&sn).expect("paid");
        }
        if stage == 5 {
            shop.cancel(&sn, CancelledBy::Buyer, "changed my mind")
                .expect("cancelled");
            return sn;
        }
        if stage >= 2 {
            shop.arrange_shipment(&sn).expect("arranged");
        }
        if stage >= 3 {
            shop.pick_up(&sn).expect("picked up");
        }
        if stage >= 4 {
            shop.complete(&sn).expect("completed");
        }
        sn
    };
    (0..ORDERS).map(place).collect()
}

/// Every sender pushes every order several times. The pushes of an order are spread over a part of
/// the run, so that new orders come at every moment of it.
fn deliveries(bench: &Bench, orders: &[OrderSn]) -> Vec<Vec<Delivery>> {
    const SPREAD: usize = 100;
    let list = |sender: usize| {
        let mut random = fastrand::Rng::with_seed(u64::try_from(sender).expect("few"));
        let mut list = Vec::new();
        for (index, sn) in orders.iter().enumerate() {
            let order = bench.emulator.order(sn).expect("the order");
            for round in 0..PUSHES_PER_ORDER / SENDERS {
                let sent_at = order.update_time + i64::try_from(round).expect("few");
                let delivery = Delivery {
                    order_sn: sn.to_string(),
                    body: push_of(&order, sent_at),
                };
                list.push((index + random.usize(..SPREAD), delivery));
            }
        }
        list.sort_by_key(|(place, _)| *place);
        list.into_iter().map(|(_, delivery)| delivery).collect()
    };
    (0..SENDERS).map(list).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_in_the_middle_costs_no_order_and_no_piece() {
    let bench = Bench::without_service().await;
    bench.emulator.set_push_url(None);
    bench.add_card(CARD, 2_000).await;
    let orders = place_orders(&bench);
    let start = async || ServiceProcess::start(&bench.settings).await.unwrap();
    let (staying, killed) = (start().await, start().await);
    let senders = Senders::start(
        &bench.http,
        REGISTERED_URL,
        vec![staying.origin(), killed.origin()],
        deliveries(&bench, &orders),
        OnFailure::TryNext,
    );

    let half = u32::try_from(ORDERS * PUSHES_PER_ORDER / 2).unwrap();
    until(
        "half of the pushes to be acknowledged, and work to be in hand",
        async || {
            let is_half = senders.seen().acknowledgements >= half;
            (is_half && bench.backlog().await.leased > 0).then_some(())
        },
        async || format!("{:?}", senders.seen().refusals),
    )
    .await;
    killed.kill().await.unwrap();
    let restarted = start().await;
    senders.moved(1, restarted.origin());
    let seen = senders.ended().await;
    // What the killed process held in its hands is free again when its leases end. The time until
    // then is passed for it; that others may go on early is only one more thing to be survived.
    bench
        .execute(
            "UPDATE tenant_default.connector_order SET lease_until = now() WHERE lease IS NOT NULL",
        )
        .await;
    bench.finished().await;

    assert!(seen.refusals.is_empty(), "{:?}", seen.refusals);
    assert_eq!(seen.acknowledged.len(), ORDERS);
    assert_eq!(
        seen.acknowledgements,
        u32::try_from(ORDERS * PUSHES_PER_ORDER).unwrap()
    );
    assert_agrees(&bench).await;
    let created = bench
        .count("SELECT count(*) FROM shopee_order_sync WHERE status = 'created'")
        .await;
    assert_eq!(created, i64::try_from(ORDERS).unwrap());
    assert_eq!(
        bench.count("SELECT count(*) FROM shopee_raw_event").await,
        i64::try_from(ORDERS).unwrap(),
        "every repetition is one event"
    );
    for process in [staying, restarted] {
        let (status, _) = process.terminate().await.unwrap();
        assert_eq!(status.code(), Some(0));
    }
}
