//! The queue of exceptions over HTTP: one cause, many orders, retried together.

use hawker_shopee_emulator::{NewLine, NewOrder, OrderSn};
use hawker_tests::{Bench, until};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::client::Client;

const UNKNOWN: &str = "POK-PRE-161-NM-JP";

/// So many paid orders of a card that the catalogue does not have.
async fn held(bench: &Bench, orders: usize) -> Vec<OrderSn> {
    let place = || {
        let line = NewLine::new(UNKNOWN, Decimal::new(3_050, 2)).times(2);
        let order = NewOrder::of([line]).paid_at_once();
        bench.emulator.place(order).expect("an order")
    };
    let placed = (0..orders).map(|_| place()).collect();
    bench.until_open("sku_not_found", orders).await;
    bench.settled().await;
    placed
}

/// Retries all of the cause in portions; answers the batch and the results.
async fn retry_all(client: &Client, portion: u32) -> (String, Vec<Value>) {
    let selection = json!({
        "matching": { "class": "sku_not_found", "cause": format!("sku:{UNKNOWN}") },
    });
    let mut results = Vec::new();
    let mut before: Option<Value> = None;
    loop {
        let call = client
            .call("workOnExceptions")
            .with("action", "retry")
            .with("selection", selection.clone())
            .with("limit", portion);
        let call = match &before {
            Some(answer) => call
                .with("after", answer["next"].clone())
                .with("batch", answer["batch"].clone()),
            None => call,
        };
        let answer = call.ok().await;
        results.extend(answer["items"].as_array().cloned().expect("items"));
        if answer["next"].is_null() {
            let batch = answer["batch"].as_str().expect("a batch");
            return (batch.to_owned(), results);
        }
        before = Some(answer);
    }
}

/// Waits until a retry stands so.
async fn until_retry(client: &Client, batch: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let progress = async || client.call("followRetry").with("batch", batch).ok().await;
    until(
        "the retry to be so",
        async || Some(progress().await).filter(&is_so),
        async || format!("{:#}", progress().await),
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn all_orders_that_fail_for_one_cause_are_one_group_and_are_retried_together() {
    let bench = Bench::start().await;
    let client = Client::of_everything(&bench.settings, &bench.origin()).await;
    let placed = held(&bench, 5).await;
    let groups = client.call("groupExceptions").ok().await;
    let group = &groups["items"][0];
    assert_eq!((&group["open"], &group["orders"]), (&json!(5), &json!(5)));
    assert!(group["earliest_ship_by"].is_string(), "{group:#}");
    assert_eq!(group["at_stake"][0]["currency"], "SGD");
    let at_stake = group["at_stake"][0]["amount"].as_str().expect("an amount");
    assert!(at_stake.parse::<Decimal>().expect("exact") >= Decimal::new(30_500, 2));

    // Nothing was put right yet, so that all of them show again.
    let (batch, results) = retry_all(&client, 2).await;
    let due = results.iter().filter(|item| item["result"] == "due");
    assert_eq!(due.count(), placed.len(), "{results:#?}");
    let retried = until_retry(&client, &batch, |of| of["failed"] == 5).await;
    assert_eq!(retried["retried"], 5, "{retried:#}");

    bench.add_card(UNKNOWN, 100).await;
    let (batch, _) = retry_all(&client, 500).await;
    until_retry(&client, &batch, |of| {
        of["waiting"] == 0 && of["failed"] == 0
    })
    .await;
    bench.agrees().await;
    assert!(bench.open_classes().await.is_empty());
    let open = client
        .call("listExceptions")
        .with("status", "open")
        .ok()
        .await;
    assert_eq!(open["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_operator_decides_outlives_the_service_and_stands_in_the_audit_log() {
    let mut bench = Bench::start().await;
    let client = Client::of_everything(&bench.settings, &bench.origin()).await;
    let placed = held(&bench, 1).await;
    let listed = client.call("listExceptions").ok().await;
    assert_eq!(listed["items"][0]["order_sn"], placed[0].as_str());
    let id = listed["items"][0]["id"].as_str().expect("an id").to_owned();
    let call = |operation: &str| client.call(operation).with("id", id.as_str());
    call("assignException").with("assignee", "mei").ok().await;
    call("noteException")
        .with("note", "Asked the supplier.")
        .ok()
        .await;
    call("leaveException")
        .with("note", "A misprint.")
        .ok()
        .await;

    let origin = bench.start_another_service();
    let elsewhere = Client::at(&origin).await;
    let reader = ["exceptions:read", "audit:read"];
    let elsewhere = elsewhere.with_scopes(&bench.settings, &reader).await;
    let shown = elsewhere
        .call("showException")
        .with("id", id.as_str())
        .ok()
        .await;
    assert_eq!(
        (&shown["status"], &shown["assignee"]),
        (&json!("wont_fix"), &json!("mei")),
        "{shown:#}"
    );
    let notes = shown["notes"].as_array().expect("notes");
    let notes: Vec<_> = notes.iter().map(|note| &note["text"]).collect();
    assert_eq!(notes, ["Asked the supplier.", "A misprint."]);
    let log = elsewhere
        .call("listAudit")
        .with("subject", format!("exception:{id}"));
    assert_eq!(log.ok().await["total"], 3);
}
