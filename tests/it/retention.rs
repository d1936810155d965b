//! Old events are forgotten while the service goes on, and the shop stays as it is.

use hawker_domain::schedule::JobName;
use hawker_shopee_emulator::{NewLine, NewOrder};
use hawker_tests::{Bench, Ended, cards, order_push, push_of, run, until};
use serde_json::Value;

use crate::past::{count, ran};

const EVENTS: &str = "SELECT count(*) FROM tenant_default.connector_event";

/// Everything in the inbox happened a hundred days ago.
async fn age(bench: &Bench) {
    let old = "UPDATE tenant_default.connector_event
               SET received_at = received_at - interval '100 days',
                   processed_at = processed_at - interval '100 days'";
    bench.execute(old).await;
}

async fn forget(bench: &Bench) -> Ended {
    let ended = run(
        &bench.settings,
        &["jobs", "run", "inbox-retention", "--json"],
    )
    .await;
    assert_eq!(ended.code, 0, "{ended:#?}");
    ended
}

/// What a run has counted.
fn counted(run: &Value) -> [i64; 3] {
    ["processed", "unverified", "kept"].map(|of| run["counts"][of].as_i64().expect("a number"))
}

#[tokio::test(flavor = "multi_thread")]
async fn old_events_are_forgotten_and_the_shop_stays_as_it_is() {
    let bench = Bench::start().await;
    let sn = bench
        .emulator
        .place(NewOrder::of([cards(1)]).paid_at_once());
    let sn = sn.expect("an order");
    let unmapped = NewOrder::of([NewLine::new("NOT-HERE", 5.into())]).paid_at_once();
    let held = bench.emulator.place(unmapped).expect("an order");
    bench.settled().await;
    for number in ["FORGED000001", "FORGED000002", "FORGED000003"] {
        let forged = order_push(number, "COMPLETED", 1_712_601_591);
        assert!(bench.post(forged, Some("00")).await.counts());
    }
    let before = bench.count(EVENTS).await;
    assert_eq!(counted(&forget(&bench).await.json()), [0, 0, 0]);
    age(&bench).await;

    let done = forget(&bench).await.json();
    assert_eq!(done["state"], "done", "{done:#}");
    let [processed, unverified, kept] = counted(&done);
    // The held order's push is work to be done; the last forgery is what its exception shows.
    assert_eq!((unverified, kept), (2, 2), "{done:#}");
    assert_eq!(processed, before - 4, "{done:#}");
    assert_eq!(bench.count(EVENTS).await, 2);
    assert_eq!(counted(&forget(&bench).await.json()), [0, 0, 2]);
    let order = bench.known_order(sn.as_str()).await;
    assert_eq!(order.summary.first_source.as_deref(), Some("webhook"));

    // The same push once more is a new one, and changes nothing.
    let steps = bench.steps(sn.as_str()).await;
    let again = bench.emulator.order(&sn).expect("the order");
    let again = push_of(&again, bench.emulator.shop_time());
    assert!(bench.post_signed(&again).await.counts());
    bench.settled().await;
    assert_eq!(bench.count(EVENTS).await, 3);
    let newest = bench.newest_event().await.summary;
    assert_eq!(newest.outcome.as_deref(), Some("unchanged"));
    assert_eq!(bench.steps(sn.as_str()).await, steps);
    // And what waited goes on.
    bench.add_card("NOT-HERE", 10).await;
    let is_released = |order: &hawker_ports::views::OrderDetail| order.summary.order_id.is_some();
    bench.until_order(held.as_str(), is_released).await;
    bench.agrees().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inbox_is_gone_through_while_pushes_arrive() {
    let bench = Bench::start().await;
    let old = "INSERT INTO tenant_default.connector_event (
                   connector, environment, profile_id, source, event_type, order_sn, content_key, trusted,
                   body, body_is_json, processed, processed_at, outcome, next_attempt_at, received_at
               )
               SELECT 'shopee', 'sandbox', 'prof_sandbox', 'webhook', 3, '2408' || n, n::text, true, '{}', true,
                      true, at, 'applied', at, at
               FROM (
                   SELECT n, now() - interval '200 days' + n * interval '1 minute' AS at
                   FROM generate_series(1, 5500) AS n
               ) AS told";
    bench.execute(old).await;
    let orders = (0..20).map(|_| {
        let order = NewOrder::of([cards(1)]).paid_at_once();
        bench.emulator.place(order).expect("an order")
    });
    let orders: Vec<_> = orders.collect();
    let run = ran(&bench, JobName::InboxRetention, None).await;
    assert_eq!(run.state, "done", "{run:#?}");
    assert_eq!(count(&run, "processed"), 5_500, "{run:#?}");
    bench.settled().await;
    bench.agrees().await;
    assert!(bench.count(EVENTS).await >= 20);
    for sn in &orders {
        assert!(bench.order(sn.as_str()).await.is_some(), "{sn}");
    }
    assert!(bench.open_classes().await.is_empty());

    let told = "hawker_job_done_total{job=\"inbox-retention\",what=\"processed\"} 5500";
    let metrics = async || {
        let metrics = bench.http.get(format!("{}/metrics", bench.origin())).send();
        metrics
            .await
            .expect("metrics")
            .text()
            .await
            .expect("a text")
    };
    until(
        "the metrics to tell what was forgotten",
        async || metrics().await.contains(told).then_some(()),
        metrics,
    )
    .await;
}
