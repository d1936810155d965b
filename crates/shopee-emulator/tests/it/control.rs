//! The control API: the same verbs over HTTP.

use hawker_shopee_emulator::CONTROL_REFERENCE;
use serde_json::{Value, json};

use crate::client::{Caller, emulator};
use crate::receiver::Receiver;

fn card() -> Value {
    json!({ "lines": [{ "sku": "POK-OBF-223-NM-EN", "price": 88, "quantity": 2 }] })
}

#[tokio::test]
async fn an_order_can_be_led_through_its_life_over_http() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let order = caller.control("/orders", Some(card())).await.json();
    assert_eq!(order["status"], "UNPAID");
    let sn = order["order_sn"].as_str().unwrap();
    for (verb, status) in [
        ("pay", "READY_TO_SHIP"),
        ("arrange", "PROCESSED"),
        ("pick_up", "SHIPPED"),
        ("deliver", "TO_CONFIRM_RECEIVE"),
        ("complete", "COMPLETED"),
    ] {
        let answer = caller
            .control(&format!("/orders/{sn}/{verb}"), Some(json!({})))
            .await;
        assert_eq!(answer.json()["status"], status, "{verb}");
    }
    let refused = caller
        .control(&format!("/orders/{sn}/pay"), Some(json!({})))
        .await;
    assert_eq!(refused.status, 409);
    assert_eq!(
        caller
            .control("/orders", None)
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(caller.control("/stats", None).await.json()["orders"], 1);
}

#[tokio::test]
async fn wrong_requests_are_told_what_is_wrong() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let sn = caller.control("/orders", Some(card())).await.json()["order_sn"].clone();
    let sn = sn.as_str().unwrap();
    let cases = [
        ("/orders/NONE/pay".to_owned(), json!({}), 404),
        (format!("/orders/{sn}/fly"), json!({}), 404),
        (format!("/orders/{sn}/cancel"), json!({}), 400),
        (format!("/orders/{sn}/pay"), json!({ "colour": "red" }), 400),
        ("/orders".to_owned(), json!({ "lines": [] }), 409),
        ("/nothing".to_owned(), json!({}), 404),
        (
            "/faults".to_owned(),
            json!({ "endpoint": "no/such", "fault": "inner" }),
            400,
        ),
    ];
    for (path, body, status) in cases {
        let answer = caller.control(&path, Some(body)).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
        assert!(!answer.error().is_empty(), "{path}");
    }
}

#[tokio::test]
async fn the_clock_tokens_and_faults_are_set_over_http() {
    let emulator = emulator().await;
    let mut caller = Caller::of(&emulator);
    let before = caller.control("/clock", None).await.json()["shop_time"]
        .as_i64()
        .unwrap();
    let after = caller
        .control("/clock", Some(json!({ "advance_seconds": 300 })))
        .await
        .json();
    assert_eq!(after["shop_time"], before + 300);

    let shop = json!({ "shop_id": caller.shop_id });
    let token = caller.control("/tokens", Some(shop)).await.json()["access_token"].clone();
    token.as_str().unwrap().clone_into(&mut caller.token);
    let info = "/api/v2/shop/get_shop_info";
    assert_eq!(caller.get(info, &[]).await.error(), "");

    let fault = json!({
        "endpoint": "shop/get_shop_info",
        "fault": { "status": { "code": 503, "body": "" } },
    });
    caller.control("/faults", Some(fault)).await;
    assert_eq!(caller.get(info, &[]).await.status, 503);

    caller
        .control("/switches", Some(json!({ "rate_limit": 0 })))
        .await;
    assert_eq!(caller.get(info, &[]).await.status, 429);
    caller
        .control("/switches", Some(json!({ "always_http_200": true })))
        .await;
    assert_eq!(caller.get(info, &[]).await.error(), "error_rate_limit");
    caller
        .control("/switches", Some(json!({ "rate_limit": null })))
        .await;
    assert_eq!(caller.get(info, &[]).await.error(), "");
}

#[tokio::test]
async fn pushes_are_steered_over_http() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let receiver = Receiver::start();
    let settings = json!({ "url": receiver.url, "message_ids": "absent" });
    caller.control("/pushes", Some(settings)).await;
    caller.control("/push", Some(json!({ "code": 12 }))).await;
    caller.control("/idle", None).await;
    let push = receiver.received().pop().unwrap();
    assert_eq!(push.code(), 12);
    let signed = caller
        .control("/sign", Some(json!({ "body": push.body })))
        .await
        .json();
    assert_eq!(signed["authorization"], json!(push.authorization));

    caller
        .control("/pushes", Some(json!({ "url": null })))
        .await;
    caller.control("/push", Some(json!({ "code": 0 }))).await;
    caller.control("/idle", None).await;
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn the_reference_names_every_verb() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let text = caller.control("", None).await.text;
    for verb in [
        "pay",
        "arrange",
        "split",
        "close_return",
        "upload_invoice",
        "truncated_json",
        "/_control/authorise",
        "of_main_account",
        "daily_quota",
        "live_push_status",
        "/_control/chaos",
        "/_control/calm",
        "six_hours_of_silence",
        "/_control/life",
        "/_control/escrows",
    ] {
        assert!(text.contains(verb), "{verb}");
    }
}

#[test]
fn the_readme_shows_the_same_reference() {
    assert!(include_str!("../../README.md").contains(CONTROL_REFERENCE));
}
