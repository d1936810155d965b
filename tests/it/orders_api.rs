//! Orders over HTTP: an order that nobody told us of is asked for.

use hawker_shopee_emulator::{NewOrder, PushPolicy};
use hawker_tests::{Bench, cards, until};
use serde_json::json;

use crate::client::Client;

/// Pushes that are never sent, not even to the queue of lost ones.
fn silence() -> PushPolicy {
    PushPolicy {
        drop: 1.0,
        dropped_are_lost: false,
        ..PushPolicy::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_whose_push_never_came_is_there_once_it_was_asked_for() {
    let bench = Bench::start().await;
    let client = Client::of_everything(&bench.settings, &bench.origin()).await;
    bench.emulator.set_push_policy(silence());
    let order = NewOrder::of([cards(2)]).paid_at_once();
    let sn = bench.emulator.place(order).expect("an order");
    bench.settled().await;
    let show = || client.call("showOrder").with("sn", sn.as_str());
    show().send().await.problem(404, "not-found");

    let asked = client.call("refreshOrder").with("sn", sn.as_str());
    let asked = asked.ok().await;
    let event = asked["event_id"].as_str().expect("an event");
    let looked = async || client.call("showEvent").with("id", event).ok().await;
    until(
        "the order to be fetched",
        async || Some(looked().await).filter(|event| event["processed"] == true),
        async || format!("{:#}", looked().await),
    )
    .await;
    let order = show().ok().await;
    assert_eq!(
        (
            &order["first_source"],
            &order["marketplace_status"],
            &order["total"]
        ),
        (&json!("manual"), &json!("READY_TO_SHIP"), &json!("176.00")),
        "{order:#}"
    );
    bench.agrees().await;
    let listed = client
        .call("listOrders")
        .with("sync_status", "created")
        .ok()
        .await;
    assert_eq!(listed["items"][0]["order_sn"], sn.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_the_marketplace_does_not_know_makes_no_order() {
    let bench = Bench::start().await;
    let client = Client::of_everything(&bench.settings, &bench.origin()).await;
    let sn = "251214NOSUCH01";
    client.call("refreshOrder").with("sn", sn).ok().await;
    bench.settled().await;
    let listed = client.call("listOrders").with("sync_status", "created");
    assert_eq!(listed.ok().await["items"], json!([]));
}
