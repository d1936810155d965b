//! Exceptions as a queue of work: a cause and not five hundred orders, and decisions that stand.

use chrono::{DateTime, Utc};
use hawker_shopee_emulator::{CancelAnswer, NewLine, NewOrder, Order, OrderSn};
use hawker_tests::{Bench, Listener, cards, until};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::client::Client;

const UNKNOWN: &str = "POK-PRE-161-NM-JP";

/// Paid orders of so many cards each that the catalogue does not have.
fn place(bench: &Bench, sku: &str, orders: u32) -> Vec<OrderSn> {
    let place = |pieces| {
        let line = NewLine::new(sku, Decimal::new(1_250, 2)).times(pieces);
        let order = NewOrder::of([line]).paid_at_once();
        bench.emulator.place(order).expect("an order")
    };
    (0..orders).map(|number| place(number % 3 + 1)).collect()
}

async fn served() -> (Bench, Client) {
    let bench = Bench::start().await;
    let client = Client::of_everything(&bench.settings, &bench.origin()).await;
    (bench, client)
}

async fn groups(client: &Client) -> Vec<Value> {
    let groups = client.call("groupExceptions").ok().await;
    groups["items"].as_array().expect("groups").clone()
}

/// The one exception of an order.
async fn only_one(client: &Client, status: &str) -> Value {
    let listed = client.call("listExceptions").with("status", status);
    let listed = listed.ok().await;
    let items = listed["items"].as_array().expect("items");
    assert_eq!(items.len(), 1, "{listed:#}");
    items[0].clone()
}

fn moment(value: &Value) -> DateTime<Utc> {
    let text = value.as_str().expect("a moment");
    text.parse().expect("a moment")
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_orders_that_wait_for_one_sku_are_one_group_that_it_dissolves() {
    const ORDERS: u32 = 500;
    let (bench, client) = served().await;
    let placed = place(&bench, UNKNOWN, ORDERS);
    bench.settled().await;
    let found = groups(&client).await;
    assert_eq!(found.len(), 1, "{found:#?}");
    let group = &found[0];
    assert_eq!(
        [
            &group["error_class"],
            &group["cause"],
            &group["open"],
            &group["orders"]
        ],
        [
            &json!("sku_not_found"),
            &json!(format!("sku:{UNKNOWN}")),
            &json!(ORDERS),
            &json!(ORDERS)
        ],
    );
    let totals = bench.emulator.orders();
    let at_stake: Decimal = totals.iter().map(Order::buyer_total).sum();
    assert_eq!(
        group["at_stake"],
        json!([{ "currency": "SGD", "amount": format!("{at_stake:.2}") }])
    );
    let mut earliest = None;
    for sn in [placed.first().unwrap(), placed.last().unwrap()] {
        let ship_by = bench.known_order(sn.as_str()).await.summary.ship_by;
        earliest = earliest.min(ship_by).or(ship_by);
    }
    assert_eq!(Some(moment(&group["earliest_ship_by"])), earliest);

    // A retry of all of them in vain shows how each came out.
    let selection = json!({ "matching": { "class": "sku_not_found" } });
    let retry = client.call("workOnExceptions").with("action", "retry");
    let retried = retry.with("selection", selection).with("limit", ORDERS);
    let retried = retried.ok().await;
    assert_eq!(retried["items"].as_array().unwrap().len(), 500);
    assert_eq!(retried["next"], Value::Null);
    let batch = retried["batch"].as_str().unwrap();
    let until_counted = async |of: &str, number: u32| {
        let look = async || client.call("followRetry").with("batch", batch).ok().await;
        until(
            &format!("{number} to be {of}"),
            async || Some(look().await).filter(|stands| stands[of] == number),
            async || format!("{:#}", look().await),
        )
        .await
    };
    let stands = until_counted("failed", ORDERS).await;
    assert_eq!(stands["items"][0]["result"], "failed", "{stands:#}");

    bench.add_card(UNKNOWN, 2_000).await;
    until_counted("resolved", ORDERS).await;
    bench.agrees().await;
    assert!(groups(&client).await.is_empty());
    // What was resolved by itself keeps its history.
    let closed = client.call("listExceptions").with("status", "resolved");
    let closed = closed.with("order_sn", placed[7].as_str()).ok().await;
    let id = closed["items"][0]["id"].as_str().unwrap();
    let shown = client.call("showException").with("id", id).ok().await;
    assert_eq!(shown["resolved_by"], "hawker");
    assert_eq!(shown["retries"][0]["batch"], batch);
    let log = client.call("listAudit").with("subject", "exceptions");
    let log = log.ok().await;
    assert_eq!(log["items"][0]["action"], "exception.retried", "{log:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_operator_will_not_fix_stays_so_whatever_the_next_push_says() {
    let (bench, client) = served().await;
    let sn = place(&bench, UNKNOWN, 1).remove(0);
    bench.settled().await;
    let open = only_one(&client, "open").await;
    let id = open["id"].as_str().unwrap();
    let leave = client.call("leaveException").with("id", id);
    leave.with("note", "A misprint.").ok().await;

    bench.emulator.arrange_shipment(&sn).unwrap();
    bench.settled().await;
    assert!(bench.open_classes().await.is_empty());
    let left = only_one(&client, "wont_fix").await;
    assert_eq!(left["id"], id);
    assert!(
        left["retry_count"].as_i64() > open["retry_count"].as_i64(),
        "{left:#}"
    );
    let order = bench.known_order(sn.as_str()).await;
    assert_eq!(order.summary.hold.as_deref(), Some("mapping"));

    // The cause goes away by itself, and when it comes back, that is news.
    bench.add_card(UNKNOWN, 10).await;
    bench
        .until_order(sn.as_str(), |order| order.summary.order_id.is_some())
        .await;
    bench.settled().await;
    assert_eq!(only_one(&client, "resolved").await["id"], id);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_snoozed_is_out_of_sight_and_nobody_is_told_of_it() {
    let sink = Listener::start();
    let mut bench = Bench::without_service().await;
    bench.settings = bench
        .settings
        .clone()
        .with("SHOPEE_ALERT_WEBHOOK_URL", &sink.origin())
        .with("HAWKER_ALERT_GATHER_SECONDS", "3600");
    bench.start_service().await;
    let client = Client::of_everything(&bench.settings, &bench.origin()).await;
    place(&bench, "SNOOZED", 1);
    bench.settled().await;
    let id = only_one(&client, "open").await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let tomorrow = hawker_app::system().0.now() + chrono::TimeDelta::days(1);
    let snooze = async |until: Value| {
        let call = client.call("snoozeException").with("id", id.as_str());
        call.with("until", until).ok().await
    };
    snooze(json!(tomorrow)).await;
    place(&bench, "IN-SIGHT", 1);
    bench.settled().await;
    let listed = client.call("listExceptions").with("status", "open");
    let listed = listed.ok().await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let all = client.call("listExceptions").with("status", "open");
    let all = all.with("with_snoozed", true).ok().await;
    assert_eq!(all["items"].as_array().unwrap().len(), 2);

    // From here on nobody waits before telling.
    bench.stop_services().await;
    bench.settings = bench
        .settings
        .clone()
        .with("HAWKER_ALERT_GATHER_SECONDS", "0");
    bench
        .execute("UPDATE tenant_default.connector_alert_thread SET due_at = now()")
        .await;
    let origin = bench.start_another_service();
    let until_heard = async |alerts: usize| {
        until(
            "the alerts to be heard",
            async || (sink.heard().len() == alerts).then(|| sink.heard()),
            async || format!("{:#?}", bench.alerts().await),
        )
        .await
    };
    let heard = until_heard(1).await;
    assert_eq!(heard[0].json()["details"]["cause"], "sku:IN-SIGHT");

    let client = Client::of_everything(&bench.settings, &origin).await;
    let wake = client.call("snoozeException").with("id", id.as_str());
    wake.with("until", Value::Null).ok().await;
    let heard = until_heard(2).await;
    assert_eq!(heard[1].json()["details"]["cause"], "sku:SNOOZED");
    let log = client
        .call("listAudit")
        .with("subject", format!("exception:{id}"));
    let log = log.ok().await;
    assert_eq!(log["total"], 2, "{log:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_request_waits_for_its_answer_with_a_deadline_and_then_closes_by_itself() {
    for answer in [CancelAnswer::Accept, CancelAnswer::Reject] {
        let (bench, client) = served().await;
        let shop = &bench.emulator;
        let sn = shop.place(NewOrder::of([cards(1)]).paid_at_once()).unwrap();
        bench.agrees().await;
        shop.request_cancel(&sn, "wrong card").unwrap();
        bench.agrees().await;
        let task = only_one(&client, "open").await;
        assert_eq!(
            [&task["error_class"], &task["cause"], &task["order_sn"]],
            [
                &json!("action_required"),
                &json!("cancellation-request"),
                &json!(sn.as_str())
            ]
        );
        assert!(
            moment(&task["due_at"]) > moment(&task["first_seen_at"]),
            "{task:#}"
        );
        let groups = groups(&client).await;
        assert_eq!(groups[0]["earliest_due_at"], task["due_at"], "{groups:#?}");

        shop.answer_cancel(&sn, answer).unwrap();
        bench.agrees().await;
        let closed = only_one(&client, "resolved").await;
        assert_eq!(
            (&closed["id"], &closed["resolved_by"]),
            (&task["id"], &json!("hawker"))
        );
    }
}
