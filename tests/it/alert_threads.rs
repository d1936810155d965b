//! Alerts are told by cause: a burst once with its count, what is over once, what flaps hardly at all,
//! nothing that can wait at night, and by as many processes as there are as if there were one.

use std::collections::BTreeSet;

use hawker_shopee_emulator::{NewLine, NewOrder};
use hawker_tests::{Bench, CARD, Heard, Listener, until};
use serde_json::{Value, json};

/// The bot's token and its chat, as they are given out.
const BOT: &str = "123456789:AAExampleTokenOfTheTests_0123456789";
const CHAT: &str = "-1001234567890";

/// The time that a thread gathers is passed for it.
const GATHERED: &str = "UPDATE tenant_default.connector_alert_thread
                        SET opened_at = opened_at - interval '2 hours', due_at = now()";

/// A service that tells `sink`, with these settings.
async fn telling(sink: &Listener, settings: &[(&str, &str)]) -> Bench {
    let mut bench = Bench::without_service().await;
    bench.add_card(CARD, 10).await;
    let url = sink.origin();
    let told = bench
        .settings
        .clone()
        .with("SHOPEE_ALERT_WEBHOOK_URL", &url);
    let settings = settings.iter();
    bench.settings = settings.fold(told, |told, (name, value)| told.with(name, value));
    bench.start_service().await;
    bench
}

fn place(bench: &Bench, sku: &str) -> String {
    let line = NewLine::new(sku, 5.into());
    let order = NewOrder::of([line]).paid_at_once();
    bench.emulator.place(order).expect("an order").to_string()
}

/// Waits until so much was heard; answers it.
async fn until_heard(bench: &Bench, sink: &Listener, times: usize) -> Vec<Heard> {
    until(
        &format!("{times} alerts to be heard"),
        async || (sink.heard().len() >= times).then(|| sink.heard()),
        async || format!("{:#?}\n{:#?}", sink.heard(), bench.alerts().await),
    )
    .await
}

/// What is said of a cause, in the order in which it was heard.
fn said_of(heard: &[Heard], cause: &str) -> Vec<Value> {
    let heard = heard.iter().map(Heard::json);
    heard
        .filter(|said| said["details"]["cause"] == cause)
        .collect()
}

fn kinds(said: &[Value]) -> Vec<&str> {
    let kinds = said.iter().map(|said| said["details"]["kind"].as_str());
    kinds.flatten().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_five_hundred_equal_failures_is_one_message_with_their_number() {
    let sink = Listener::start();
    let bench = telling(&sink, &[("HAWKER_ALERT_GATHER_SECONDS", "3600")]).await;
    for _ in 0..500 {
        place(&bench, "NOT-HERE");
    }
    bench.until_open("sku_not_found", 500).await;
    bench.settled().await;
    let gathered = "SELECT count(*) FROM tenant_default.connector_alert_thread WHERE untold = 500";
    until(
        "all of them to be gathered",
        async || (bench.count(gathered).await == 1).then_some(()),
        async || format!("{:#?}", bench.alerts().await),
    )
    .await;
    assert!(sink.heard().is_empty());
    bench.execute(GATHERED).await;
    until_heard(&bench, &sink, 1).await;
    bench.told_alerts().await;
    let heard = sink.heard();
    assert_eq!(heard.len(), 1, "{heard:#?}");
    let said = heard[0].json();
    let details = &said["details"];
    assert_eq!(
        (&details["open"], &details["kind"]),
        (&json!(500), &json!("opened"))
    );
    assert_eq!(details["orders"].as_array().unwrap().len(), 5);
    assert_eq!(said.get("ordersn"), None, "it is about no single order");
    assert!(
        said["message"].as_str().unwrap().contains("499 more"),
        "{said:#}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_is_told_once() {
    let sink = Listener::start();
    let bench = telling(&sink, &[("HAWKER_ALERT_EVERY_MINUTES", "0")]).await;
    for _ in 0..3 {
        place(&bench, "NOT-HERE");
    }
    bench.until_open("sku_not_found", 3).await;
    until_heard(&bench, &sink, 1).await;
    bench.told_alerts().await;
    bench.add_card("NOT-HERE", 10).await;
    bench.until_open("sku_not_found", 0).await;
    let recovered = async || {
        let heard = sink.heard();
        let said = said_of(&heard, "sku:NOT-HERE");
        said.iter()
            .find(|said| said["details"]["kind"] == "recovered")
            .cloned()
    };
    let said = until("the recovery to be told", recovered, async || {
        format!("{:#?}", sink.heard())
    })
    .await;
    assert!(
        said["message"].as_str().unwrap().starts_with("Over after"),
        "{said:#}"
    );
    // Another cause comes later, and still nothing more is said of the first.
    place(&bench, "NOT-HERE-EITHER");
    bench.until_open("sku_not_found", 1).await;
    let later = async || {
        let heard = sink.heard();
        (said_of(&heard, "sku:NOT-HERE-EITHER").len() == 1).then_some(heard)
    };
    let heard = until("the other cause", later, async || {
        format!("{:#?}", sink.heard())
    })
    .await;
    let said = said_of(&heard, "sku:NOT-HERE");
    assert_eq!(
        kinds(&said)
            .iter()
            .filter(|kind| **kind == "recovered")
            .count(),
        1
    );
    assert_eq!(kinds(&said).last(), Some(&"recovered"), "{said:#?}");
}

/// An exception comes and goes so often, by the hand of an operator who mends and breaks the SKU.
async fn flap(bench: &Bench, times: usize) {
    const MENDED: &str =
        "UPDATE tenant_default.product_variant SET sku = 'FLAPS' WHERE sku = 'PARKED'";
    const BROKEN: &str =
        "UPDATE tenant_default.product_variant SET sku = 'PARKED' WHERE sku = 'FLAPS'";
    for _ in 0..times {
        place(bench, "FLAPS");
        bench.until_open("sku_not_found", 1).await;
        bench.told_alerts().await;
        bench.execute(MENDED).await;
        bench.until_open("sku_not_found", 0).await;
        bench.told_alerts().await;
        bench.execute(BROKEN).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_flaps_is_told_once_and_not_every_time() {
    let sink = Listener::start();
    let calm = [
        ("HAWKER_ALERT_CALM_MINUTES", "60"),
        ("HAWKER_ALERT_EVERY_MINUTES", "0"),
    ];
    let bench = telling(&sink, &calm).await;
    bench.add_card("PARKED", 100).await;
    flap(&bench, 1).await;
    until_heard(&bench, &sink, 1).await;
    flap(&bench, 3).await;
    place(&bench, "ANOTHER");
    let other = async || {
        let heard = sink.heard();
        (!said_of(&heard, "sku:ANOTHER").is_empty()).then_some(heard)
    };
    let heard = until("the other cause", other, async || {
        format!("{:#?}", sink.heard())
    })
    .await;
    let said = said_of(&heard, "sku:FLAPS");
    let kinds = kinds(&said);
    assert!(!kinds.contains(&"recovered"), "{kinds:?}");
    assert_eq!(
        kinds.iter().filter(|kind| **kind == "opened").count(),
        1,
        "{said:#?}"
    );

    // It is over once it has been calm for long enough.
    let calmed = "UPDATE tenant_default.connector_alert_thread
                  SET recovered_at = recovered_at - interval '2 hours', due_at = now()
                  WHERE cause = 'sku:FLAPS'";
    assert_eq!(bench.execute(calmed).await, 1);
    let over = async || {
        let heard = sink.heard();
        let said = said_of(&heard, "sku:FLAPS");
        (said.last()?["details"]["kind"] == "recovered").then_some(())
    };
    until("the recovery", over, async || {
        format!("{:#?}", sink.heard())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_flaps_faster_than_the_limit_is_one_message() {
    let sink = Listener::start();
    let bench = telling(&sink, &[("HAWKER_ALERT_EVERY_MINUTES", "1440")]).await;
    bench.add_card("PARKED", 100).await;
    flap(&bench, 4).await;
    place(&bench, "ANOTHER");
    let heard = until_heard(&bench, &sink, 2).await;
    assert_eq!(
        kinds(&said_of(&heard, "sku:FLAPS")),
        ["opened"],
        "{heard:#?}"
    );
    assert_eq!(heard.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn at_night_only_what_cannot_wait_is_told_and_the_rest_in_the_morning() {
    let sink = Listener::start();
    let now = hawker_app::system().0.now();
    let time = |hours| (now + chrono::TimeDelta::hours(hours)).format("%H:%M");
    let night = format!("{}-{} UTC", time(-2), time(2));
    let mut bench = telling(&sink, &[("HAWKER_ALERT_QUIET_HOURS", &night)]).await;
    let sn = place(&bench, "NOT-HERE");
    bench.until_open("sku_not_found", 1).await;
    let held_back = "SELECT count(*) FROM tenant_default.connector_alert_thread
                     WHERE told = 0 AND due_at > now() + interval '1 hour'";
    until(
        "the message to be held back",
        async || (bench.count(held_back).await == 1).then_some(()),
        async || format!("{:#?}", bench.alerts().await),
    )
    .await;
    // Without a token nothing of the shop goes on, at night either.
    bench.emulator.expire_refresh_token(bench.shop_id());
    bench.let_access_token_end().await;
    place(&bench, CARD);
    bench.until_open("token_expired", 1).await;
    let heard = until_heard(&bench, &sink, 1).await;
    assert_eq!(heard.len(), 1, "{heard:#?}");
    assert_eq!(heard[0].json()["error_class"], "token_expired");

    bench.stop_services().await;
    bench.settings = bench.settings.clone().without("HAWKER_ALERT_QUIET_HOURS");
    bench.execute(GATHERED).await;
    bench.start_another_service();
    let heard = until_heard(&bench, &sink, 2).await;
    assert_eq!(heard[1].json()["ordersn"], sn.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn several_processes_tell_each_cause_once() {
    const CAUSES: usize = 8;
    let sink = Listener::start();
    let mut bench = telling(&sink, &[("HAWKER_ALERT_EVERY_MINUTES", "1440")]).await;
    for _ in 0..3 {
        bench.start_another_service();
    }
    for number in 0..CAUSES {
        place(&bench, &format!("MISSING-{number}"));
        place(&bench, &format!("MISSING-{number}"));
    }
    bench.until_open("sku_not_found", CAUSES * 2).await;
    bench.told_alerts().await;
    until_heard(&bench, &sink, CAUSES).await;
    let waiting = "SELECT count(*) FROM tenant_default.connector_alert WHERE delivered_at IS NULL";
    until(
        "all of them to be delivered",
        async || (bench.count(waiting).await == 0).then_some(()),
        async || format!("{:#?}", bench.alerts().await),
    )
    .await;
    let heard = sink.heard();
    assert_eq!(heard.len(), CAUSES);
    let causes = heard
        .iter()
        .map(|heard| heard.json()["details"]["cause"].to_string());
    assert_eq!(causes.collect::<BTreeSet<_>>().len(), CAUSES);
}

#[tokio::test(flavor = "multi_thread")]
async fn telegram_is_told_beside_the_webhook_and_left_alone_when_it_asks_for_that() {
    let (webhook, telegram) = (Listener::start(), Listener::start());
    let throttled = json!({
        "ok": false, "error_code": 429, "description": "Too Many Requests: retry after 3",
        "parameters": { "retry_after": 3 },
    });
    telegram.answer(429, &throttled.to_string());
    let api = telegram.origin();
    let bot = [
        ("TELEGRAM_BOT_TOKEN", BOT),
        ("TELEGRAM_CHAT_ID", CHAT),
        ("TELEGRAM_API_URL", &api),
    ];
    let bench = telling(&webhook, &bot).await;
    let sn = place(&bench, "NOT-HERE");
    let first = until_heard(&bench, &telegram, 1).await;
    telegram.answer(200, &json!({ "ok": true, "result": {} }).to_string());
    assert_eq!(first[0].target, format!("/bot{BOT}/sendMessage"));
    let said = first[0].json();
    assert_eq!(said["chat_id"].to_string().trim_matches('"'), CHAT);
    assert!(said["text"].as_str().unwrap().contains(&sn), "{said:#}");
    // Another one arises meanwhile: nobody knocks before the time is over.
    place(&bench, "NOT-HERE-EITHER");
    let left = "SELECT count(*) FROM tenant_default.connector_alert WHERE delivered_at IS NULL";
    bench.until_open("sku_not_found", 2).await;
    bench.told_alerts().await;
    until(
        "everything to be delivered",
        async || (bench.count(left).await == 0).then_some(()),
        async || format!("{:#?}", telegram.heard()),
    )
    .await;
    let answers: Vec<_> = telegram
        .heard()
        .iter()
        .map(|heard| heard.answered)
        .collect();
    assert_eq!(answers, [429, 200, 200]);
    assert_eq!(webhook.heard().len(), 2, "the webhook waited for nobody");
    // The bot's token opens the chat to anybody: it is nowhere in what we keep.
    let kept = "SELECT count(*) FROM tenant_default.connector_alert
                WHERE connector_alert::text LIKE '%AAExampleToken%'";
    assert_eq!(bench.count(kept).await, 0);
}
