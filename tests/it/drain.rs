//! SIGTERM in the middle of work: what was acknowledged is kept, and nothing stays leased.

use std::collections::BTreeSet;
use std::time::Duration;

use hawker_shopee_emulator::{Endpoint, Fault, NewOrder};
use hawker_tests::{
    Bench, CARD, Delivery, OnFailure, REGISTERED_URL, Senders, ServiceProcess, assert_agrees,
    cards, entries, post, push_of, signature, until, webhook,
};

const SENDERS: usize = 8;
const ORDERS_PER_SENDER: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_asked_to_stop_loses_nothing_that_it_acknowledged() {
    let bench = Bench::without_service().await;
    bench.emulator.set_push_url(None);
    bench.add_card(CARD, 10_000).await;
    let order = |_| {
        let sn = bench
            .emulator
            .place(NewOrder::of([cards(1)]).paid_at_once())
            .unwrap();
        let order = bench.emulator.order(&sn).unwrap();
        Delivery {
            order_sn: sn.to_string(),
            body: push_of(&order, order.update_time),
        }
    };
    let lists: Vec<Vec<_>> = (0..SENDERS)
        .map(|_| (0..ORDERS_PER_SENDER).map(order).collect())
        .collect();
    let service = ServiceProcess::start(&bench.settings).await.unwrap();
    let senders = Senders::start(
        &bench.http,
        REGISTERED_URL,
        vec![service.origin()],
        lists.clone(),
        OnFailure::End,
    );
    let some = u32::try_from(SENDERS * ORDERS_PER_SENDER / 4).unwrap();
    until(
        "some pushes to be acknowledged",
        async || (senders.seen().acknowledgements >= some).then_some(()),
        async || format!("{:?}", senders.seen().refusals),
    )
    .await;
    let (status, log) = service.terminate().await.unwrap();
    let seen = senders.ended().await;
    assert_eq!(status.code(), Some(0), "{log:#?}");
    let stopped = entries(&log, "service.stopped");
    assert_eq!(stopped.len(), 1, "{log:#?}");
    assert_eq!(stopped[0]["cut_off"], 0);
    assert_eq!(bench.backlog().await.leased, 0);
    // Whoever came too late was told to come again, or found nobody.
    assert!(
        seen.refusals.iter().all(|(status, _)| *status == 503),
        "{:?}",
        seen.refusals
    );

    let stored: Vec<String> = sqlx::query_scalar("SELECT ordersn FROM shopee_raw_event")
        .fetch_all(bench.store.pool())
        .await
        .unwrap();
    let stored: BTreeSet<_> = stored.into_iter().collect();
    let acknowledged: BTreeSet<_> = seen.acknowledged.into_keys().collect();
    let lost: Vec<_> = acknowledged.difference(&stored).collect();
    assert!(lost.is_empty(), "acknowledged and not stored: {lost:?}");

    // The next process finishes the work, and takes in what comes again.
    let next = ServiceProcess::start(&bench.settings).await.unwrap();
    let origins = vec![next.origin()];
    let again = Senders::start(&bench.http, REGISTERED_URL, origins, lists, OnFailure::End);
    assert!(again.ended().await.refusals.is_empty());
    bench.finished().await;
    assert_agrees(&bench).await;
    let (status, _) = next.terminate().await.unwrap();
    assert_eq!(status.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_stops_while_the_marketplace_hangs_gives_its_work_back() {
    let bench = Bench::without_service().await;
    bench.emulator.set_push_url(None);
    bench.add_card(CARD, 10).await;
    let an_hour = Duration::from_hours(1);
    bench
        .emulator
        .fail_next(Endpoint::OrderDetail, Fault::hang(an_hour), 1);
    let sn = bench
        .emulator
        .place(NewOrder::of([cards(1)]).paid_at_once())
        .unwrap();
    let body = push_of(&bench.emulator.order(&sn).unwrap(), 1);
    let service = ServiceProcess::start(&bench.settings).await.unwrap();
    let signature = signature(REGISTERED_URL, &body);
    let url = webhook(&service.origin());
    let answer = post(&bench.http, &url, body, Some(&signature)).await;
    assert!(answer.unwrap().counts());
    until(
        "the marketplace to be asked",
        async || (bench.emulator.stats().api.faults.len() == 1).then_some(()),
        async || service.logged().join("\n"),
    )
    .await;
    let (status, log) = service.terminate().await.unwrap();
    assert_eq!(status.code(), Some(0), "{log:#?}");
    assert_eq!(bench.backlog().await.leased, 0);

    let next = ServiceProcess::start(&bench.settings).await.unwrap();
    bench.finished().await;
    assert_agrees(&bench).await;
    next.terminate().await.unwrap();
}
