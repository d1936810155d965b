//! Completeness day by day: by which road each order came, and what happens while one is missing.

use std::time::Duration;

use hawker_domain::schedule::JobName;
use hawker_shopee_emulator::{Endpoint, Fault, NewOrder};
use hawker_tests::{Bench, PROFILE, cards, until};
use serde_json::{Value, json};

use crate::client::Client;
use crate::past::{lived, none_arrives, ran, served, standing};

const HOUR: Duration = Duration::from_hours(1);

/// An order whose parcel has no tracking number yet: a push alone tells it.
fn checkout() -> NewOrder {
    NewOrder::of([cards(1)]).tracked_later()
}

/// What all days together come to.
async fn days(client: &Client) -> Value {
    let shown = client.call("showCompleteness").ok().await;
    let days = shown["days"].as_array().expect("days").clone();
    let sum = |of: &str| days.iter().filter_map(|day| day[of].as_i64()).sum::<i64>();
    let counted = [
        "listed",
        "held",
        "missing",
        "unlisted",
        "by_webhook",
        "by_poll",
        "by_reconcile",
        "by_manual",
    ];
    Value::Object(
        counted
            .map(|of| (of.into(), json!(sum(of))))
            .into_iter()
            .collect(),
    )
}

/// What the metrics of a service say is missing.
async fn missing_metric(bench: &Bench, origin: &str) -> Option<String> {
    let metrics = bench.http.get(format!("{origin}/metrics"));
    let metrics = metrics.send().await.expect("metrics");
    let metrics = metrics.text().await.expect("text");
    let mut lines = metrics.lines();
    let line =
        lines.find(|line| line.starts_with("hawker_orders_missing{") && line.contains(PROFILE))?;
    line.rsplit(' ').next().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_order_is_there_and_the_road_is_known_by_which_it_came() {
    let bench = served(standing(HOUR * 40)).await;
    let client = Client::of_everything(&bench.settings, &bench.origin()).await;
    let shop = &bench.emulator;
    let place = |orders: usize| {
        let sns: Vec<_> = (0..orders)
            .map(|stage| lived(&bench, checkout(), stage))
            .collect();
        shop.advance(HOUR * 9);
        sns
    };
    place(2);
    bench.agrees().await;
    shop.set_push_policy(none_arrives(true));
    place(3);
    ran(&bench, JobName::LostPushRecovery, None).await;
    bench.agrees().await;
    shop.set_push_policy(none_arrives(false));
    let asked_for = place(1).remove(0);
    let ask = client.call("refreshOrder").with("sn", asked_for.as_str());
    ask.ok().await;
    bench.agrees().await;
    let before = days(&client).await;
    assert_eq!((&before["held"], &before["listed"]), (&json!(6), &json!(0)));
    place(4);
    ran(&bench, JobName::ReconcileDaily, None).await;
    bench.agrees().await;
    let complete = json!({
        "listed": 10, "held": 10, "missing": 0, "unlisted": 0,
        "by_webhook": 2, "by_poll": 3, "by_reconcile": 4, "by_manual": 1,
    });
    assert_eq!(days(&client).await, complete);
    assert!(bench.open_classes().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_listed_and_cannot_be_fetched_is_missing_until_it_is_there() {
    let mut bench = served(standing(HOUR * 30)).await;
    let shop = &bench.emulator;
    shop.set_push_policy(none_arrives(false));
    let sn = lived(&bench, checkout(), 2);
    shop.fail_next(Endpoint::OrderDetail, Fault::Garbage, 10_000);
    ran(&bench, JobName::ReconcileDaily, None).await;
    bench.until_open("sdk_transient", 1).await;
    let client = Client::of_everything(&bench.settings, &bench.origin()).await;
    let shown = days(&client).await;
    assert_eq!(
        (&shown["listed"], &shown["held"], &shown["missing"]),
        (&json!(1), &json!(0), &json!(1)),
        "{shown:#}"
    );

    // It has been so for longer than fetching takes: whoever looks next says so.
    let stood = "UPDATE tenant_default.connector_day_order
                 SET found_at = found_at - interval '11 minutes'";
    assert_eq!(bench.execute(stood).await, 1);
    let origin = bench.start_another_service();
    bench.until_open("orders_missing", 1).await;
    let open = bench.open_exceptions().await;
    let missing = open.iter().find(|one| one.error_class == "orders_missing");
    let missing = missing.unwrap();
    assert!(missing.message.contains(sn.as_str()), "{missing:#?}");
    assert!(missing.cause.starts_with("day:"), "{missing:#?}");
    until(
        "the metric to say so",
        async || (missing_metric(&bench, &origin).await? == "1").then_some(()),
        async || format!("{:?}", missing_metric(&bench, &origin).await),
    )
    .await;

    bench.emulator.clear_faults();
    bench.retry_what_waits().await;
    bench
        .until_order(sn.as_str(), |order| order.summary.order_id.is_some())
        .await;
    let origin = bench.start_another_service();
    bench.until_open("orders_missing", 0).await;
    until(
        "the metric to say so",
        async || (missing_metric(&bench, &origin).await? == "0").then_some(()),
        async || format!("{:?}", missing_metric(&bench, &origin).await),
    )
    .await;
    assert_eq!(days(&client).await["missing"], 0);
    bench.agrees().await;
    let closed = bench.exceptions(Some("resolved")).await;
    let closed = closed
        .iter()
        .find(|one| one.error_class == "orders_missing");
    assert_eq!(closed.unwrap().resolved_by.as_deref(), Some("hawker"));
}
