//! Alerts: what the receiver gets, when it was away, and when there is none.

use std::collections::BTreeSet;

use hawker_shopee_emulator::{NewLine, NewOrder, Shop};
use hawker_tests::{Bench, CARD, Gate, Listener, ServiceProcess, until};

/// A shop whose service tells `sink`.
async fn telling(sink: &str) -> Bench {
    let mut bench = Bench::without_service().await;
    bench.add_card(CARD, 10).await;
    bench.settings = bench
        .settings
        .clone()
        .with("SHOPEE_ALERT_WEBHOOK_URL", sink);
    bench.start_service().await;
    bench
}

fn place_unmapped(bench: &Bench, sku: &str) -> String {
    let line = NewLine::new(sku, 5.into());
    let order = NewOrder::of([line]).paid_at_once();
    bench.emulator.place(order).expect("an order").to_string()
}

async fn delivered(bench: &Bench, alerts: i64) {
    const DELIVERED: &str =
        "SELECT count(*) FROM tenant_default.connector_alert WHERE delivered_at IS NOT NULL";
    until(
        "the alerts to be delivered",
        async || (bench.count(DELIVERED).await == alerts).then_some(()),
        async || format!("{:#?}", bench.alerts().await),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_receiver_gets_the_documented_payload_and_nothing_else() {
    let sink = Listener::start();
    let bench = telling(&format!("{}/webhook/shopee-alert", sink.origin())).await;
    let sn = place_unmapped(&bench, "NOT-HERE");
    delivered(&bench, 1).await;

    let heard = sink.heard();
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0].target, "/webhook/shopee-alert");
    let content_type = heard[0].header("content-type").unwrap();
    assert!(content_type.starts_with("application/json"));
    assert!(
        heard[0]
            .header("x-hawker-alert-id")
            .unwrap()
            .starts_with("alrt_")
    );
    let payload = heard[0].json();
    let keys: BTreeSet<_> = payload.as_object().unwrap().keys().cloned().collect();
    let documented = [
        "connector",
        "details",
        "error_class",
        "exception_id",
        "message",
        "occurred_at",
        "ordersn",
        "raw_event_id",
        "shop_id",
    ];
    assert_eq!(keys, documented.map(str::to_owned).into());
    assert_eq!(payload["connector"], "shopee");
    assert_eq!(payload["error_class"], "sku_not_found");
    assert_eq!(payload["ordersn"], sn.as_str());
    assert_eq!(payload["shop_id"], Shop::default().shop_id);
    assert_eq!(payload["details"]["environment"], "sandbox");
    assert_eq!(payload["details"]["profile_id"], "prof_sandbox");
    let open = bench.open_exceptions().await;
    assert_eq!(payload["exception_id"], open[0].id.as_str());
    assert_eq!(payload["message"], open[0].message.as_str());
    let event = payload["raw_event_id"].as_str().unwrap();
    assert_eq!(bench.event(event).await.summary.order_sn, Some(sn));
    let occurred_at = payload["occurred_at"].as_str().unwrap();
    assert!(
        occurred_at.ends_with('Z') && occurred_at.contains('T'),
        "{occurred_at}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_away_gets_its_alert_later_and_once() {
    let sink = Listener::start();
    let gate = Gate::before(&sink.origin()).await;
    let bench = telling(gate.url()).await;
    place_unmapped(&bench, "NOT-HERE");
    until(
        "a first try in vain",
        async || {
            let tried = "SELECT count(*) FROM tenant_default.connector_alert
                         WHERE attempts > 0 AND last_error IS NOT NULL AND delivered_at IS NULL";
            (bench.count(tried).await == 1).then_some(())
        },
        async || format!("{:#?}", bench.alerts().await),
    )
    .await;
    // Orders do not wait for whoever is told of them.
    bench.settled().await;

    gate.open();
    delivered(&bench, 1).await;
    assert_eq!(sink.heard().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_refuses_gets_the_same_alert_again_until_it_takes_it() {
    let sink = Listener::start();
    sink.answer(503, "not now");
    let bench = telling(&sink.origin()).await;
    place_unmapped(&bench, "NOT-HERE");
    until(
        "a refusal",
        async || (!sink.heard().is_empty()).then_some(()),
        async || format!("{:#?}", bench.alerts().await),
    )
    .await;
    sink.answer(200, r#"{"ok":true}"#);
    delivered(&bench, 1).await;
    let heard = sink.heard();
    let ids: BTreeSet<_> = heard
        .iter()
        .map(|heard| heard.header("x-hawker-alert-id").unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 1, "a repetition can be told");
    assert_eq!(
        heard.iter().filter(|heard| heard.answered == 200).count(),
        1
    );
    // One more cause, one more alert: the first one is not told again.
    place_unmapped(&bench, "NOT-HERE-EITHER");
    delivered(&bench, 2).await;
    let taken = sink.heard();
    assert_eq!(
        taken.iter().filter(|heard| heard.answered == 200).count(),
        2
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_receiver_alerts_are_in_the_log() {
    let mut bench = Bench::without_service().await;
    bench.add_card(CARD, 10).await;
    let service = ServiceProcess::start(&bench.settings).await.unwrap();
    bench.push_to(&service.origin()).await;
    let sn = place_unmapped(&bench, "NOT-HERE");
    let alerts = until(
        "the alert in the log",
        async || Some(service.entries("alert")).filter(|alerts| !alerts.is_empty()),
        async || service.logged().join("\n"),
    )
    .await;
    assert_eq!(alerts.len(), 1);
    assert_eq!(alerts[0]["level"], "WARN");
    assert_eq!(alerts[0]["error_class"], "sku_not_found");
    assert_eq!(alerts[0]["order_sn"], sn.as_str());
    assert!(alerts[0]["message"].as_str().unwrap().contains("NOT-HERE"));
}
