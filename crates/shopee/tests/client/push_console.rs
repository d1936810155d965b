//! The app's push settings.

use hawker_ports::MarketplaceError;
use hawker_ports::push_console::{PushConsole, PushSettings, PushSettingsChange, PushStatus};
use serde_json::{Value, json};

use super::*;

/// What becomes of a change.
async fn changed(bench: &Bench, change: &PushSettingsChange) -> Result<(), MarketplaceError> {
    bench
        .marketplace
        .change_push_settings(&bench.app(), change)
        .await
}

#[tokio::test]
async fn the_settings_are_read_as_the_app() {
    let bench = Bench::new(|_| {
        let reply = json!({"error": "", "response": {
            "callback_url": "https://ops.example.com/webhook?env=live",
            "live_push_status": "suspended", "suspended_time": 1_577_416_181,
            "blocked_shop_id": [10_010], "push_config_on_list": [1, "3"],
            "push_config_off_list": null,
        }});
        Answer::json(200, &reply)
    });
    let settings = bench.marketplace.push_settings(&bench.app()).await.unwrap();
    assert_eq!(
        settings,
        PushSettings {
            callback_url: Some("https://ops.example.com/webhook?env=live".into()),
            status: PushStatus::Suspended,
            suspended_at: Some(at(1_577_416_181)),
            codes_on: vec![1, 3],
            codes_off: vec![],
            blocked_shops: vec![ShopId(10_010)],
        }
    );
    let request = bench.request();
    assert_eq!(
        request.query("shop_id"),
        "",
        "a shop's signature is refused"
    );
}

#[tokio::test]
async fn a_status_is_known_in_any_case_and_a_new_one_stays_as_it_is() {
    for (word, expected) in [
        (json!("Normal"), PushStatus::Normal),
        (json!("warning"), PushStatus::Warning),
        (json!("onHold"), PushStatus::Other("onHold".into())),
        (json!(null), PushStatus::Other(String::new())),
    ] {
        let reply = json!({"response": {"live_push_status": word}});
        let bench = Bench::new(move |_| Answer::json(200, &reply));
        let settings = bench.marketplace.push_settings(&bench.app()).await.unwrap();
        assert_eq!(settings.status, expected);
    }
}

#[tokio::test]
async fn what_is_not_changed_is_not_sent() {
    for (change, expected) in [
        (
            PushSettingsChange {
                callback_url: Some("https://ops.example.com/webhook".into()),
                switch_on: vec![3, 4],
                ..PushSettingsChange::default()
            },
            json!({
                "callback_url": "https://ops.example.com/webhook",
                "set_push_config_on": [3, 4],
            }),
        ),
        (
            PushSettingsChange {
                switch_off: vec![8],
                blocked_shops: Some(vec![]),
                ..PushSettingsChange::default()
            },
            json!({"set_push_config_off": [8], "blocked_shop_id_list": []}),
        ),
    ] {
        let bench = Bench::new(|_| Answer::json(200, &json!({"response": {"result": "success"}})));
        changed(&bench, &change).await.unwrap();
        let body: Value = serde_json::from_str(&bench.request().body).unwrap();
        assert_eq!(body, expected);
    }
}

#[tokio::test]
async fn a_change_that_was_not_taken_over_is_told_and_a_lost_one_is_in_doubt() {
    let change = PushSettingsChange::default();
    let bench = Bench::new(|_| Answer::json(200, &json!({"response": {"result": "fail"}})));
    assert!(matches!(
        changed(&bench, &change).await.unwrap_err(),
        MarketplaceError::Refused { code, .. } if code == "fail"
    ));
    let bench = Bench::new(|_| Answer::new(502, ""));
    assert!(matches!(
        changed(&bench, &change).await.unwrap_err(),
        MarketplaceError::MaybeApplied { .. }
    ));
    assert_eq!(bench.server.requests().len(), 1);
}
