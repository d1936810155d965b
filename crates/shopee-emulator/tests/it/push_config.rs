//! The push page of the console, over the API.

use std::time::Duration;

use hawker_shopee_emulator::{
    Emulator, EmulatorConfig, LivePushStatus, Notice, PushSettings, Shop,
};
use serde_json::{Value, json};

use crate::client::{Answer, Caller, TOKEN, emulator};
use crate::goods::placed;
use crate::receiver::{Manner, Receiver};

const READ: &str = "/api/v2/push/get_app_push_config";
const SET: &str = "/api/v2/push/set_app_push_config";

async fn set(caller: &Caller, settings: Value) -> Answer {
    caller.public(SET, Some(settings)).await
}

async fn read(caller: &Caller) -> Value {
    caller.public(READ, None).await.response()
}

#[tokio::test]
async fn a_new_callback_url_answers_a_test_push_first() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    assert_eq!(read(&caller).await["callback_url"], "");
    let receiver = Receiver::start();
    let answer = set(&caller, json!({ "callback_url": receiver.url })).await;
    assert_eq!(answer.response(), json!({ "result": "success" }));
    let push = receiver.received().pop().unwrap();
    assert_eq!(push.code(), 0);
    assert_eq!(push.authorization, emulator.sign_push(&push.body));
    assert_eq!(read(&caller).await["callback_url"], json!(receiver.url));
    placed(&emulator);
    emulator.idle().await;
    assert_eq!(receiver.codes(), [0, 3]);
}

#[tokio::test]
async fn a_url_that_refuses_is_refused_and_nothing_changes() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let receiver = Receiver::start();
    let settings = json!({ "callback_url": receiver.url, "set_push_config_off": [5] });
    receiver.answer_status(500);
    let refused = set(&caller, settings.clone()).await;
    assert_eq!(refused.error(), "error_param");
    assert!(
        refused.message().contains("is not 2xx code"),
        "{}",
        refused.text
    );
    for url in ["ftp://ops.example.com", "no address", "https://"] {
        let refused = set(&caller, json!({ "callback_url": url })).await;
        assert!(
            refused.message().contains("this callback_url is invalid"),
            "{url}"
        );
    }
    let now = read(&caller).await;
    assert_eq!(
        (&now["callback_url"], &now["push_config_off_list"]),
        (&json!(""), &json!([]))
    );

    receiver.answer_status(204);
    assert_eq!(set(&caller, settings).await.error(), "");
    assert_eq!(read(&caller).await["push_config_off_list"], json!([5]));
}

#[tokio::test]
async fn a_url_that_does_not_answer_in_time_is_refused() {
    let pushes = PushSettings {
        answer_within: Duration::from_millis(50),
        ..PushSettings::default()
    };
    let config = EmulatorConfig {
        pushes,
        ..EmulatorConfig::default()
    };
    let emulator = Emulator::start(config.with_token(TOKEN)).await.unwrap();
    let caller = Caller::of(&emulator);
    let receiver = Receiver::start();
    receiver.answer(Manner {
        status: 200,
        body: "",
        after: Duration::from_hours(1),
    });
    let refused = set(&caller, json!({ "callback_url": receiver.url })).await;
    assert_eq!(refused.error(), "error_param");
    assert!(
        refused.message().contains("in 3 seconds"),
        "{}",
        refused.text
    );
    assert_eq!(read(&caller).await["callback_url"], "");
}

#[tokio::test]
async fn codes_are_switched_and_shops_blocked() {
    let receiver = Receiver::start();
    let config = EmulatorConfig::default().with_token(TOKEN).at_speed(0.0);
    let emulator = Emulator::start(config.pushing_to(&receiver.url))
        .await
        .unwrap();
    let caller = Caller::of(&emulator);
    assert_eq!(
        set(&caller, json!({ "set_push_config_off": [3, 5] }))
            .await
            .error(),
        ""
    );
    assert_eq!(read(&caller).await["push_config_off_list"], json!([3, 5]));
    placed(&emulator);
    set(&caller, json!({ "set_push_config_on": [3] })).await;
    set(&caller, json!({ "blocked_shop_id_list": [caller.shop_id] })).await;
    placed(&emulator);
    set(&caller, json!({ "blocked_shop_id_list": [] })).await;
    placed(&emulator);
    emulator.idle().await;
    assert_eq!(receiver.codes(), [3], "the last order alone");
    assert_eq!(emulator.stats().pushes.switched_off, 2);
    let console = emulator.push_console();
    assert_eq!(console.off.into_iter().collect::<Vec<_>>(), [5]);
    assert!(console.on.contains(&3) && console.blocked_shops.is_empty());
}

#[tokio::test]
async fn settings_that_cannot_be_are_refused() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let cases = [
        (
            json!({ "set_push_config_on": [3] }),
            "callback_url is empty",
        ),
        (
            json!({ "set_push_config_off": [29] }),
            "push config should be in 1..13",
        ),
        (
            json!({ "blocked_shop_id_list": (0..501).collect::<Vec<_>>() }),
            "no more than 500 shops",
        ),
        (json!({ "callback_url": 7 }), "expected in the body"),
    ];
    for (settings, text) in cases {
        let refused = set(&caller, settings).await;
        assert_eq!(refused.error(), "error_param");
        assert!(refused.message().contains(text), "{}", refused.text);
    }
}

#[tokio::test]
async fn what_arises_while_suspended_is_gone_for_ever() {
    let receiver = Receiver::start();
    let config = EmulatorConfig::default().with_token(TOKEN).at_speed(0.0);
    let emulator = Emulator::start(config.pushing_to(&receiver.url))
        .await
        .unwrap();
    let caller = Caller::of(&emulator);
    emulator.set_live_push_status(LivePushStatus::Warning);
    assert_eq!(read(&caller).await["live_push_status"], "Warning");
    receiver.answer_status(500);
    placed(&emulator);
    emulator.idle().await;
    receiver.answer_status(200);
    assert_eq!(emulator.stats().pushes.waiting, 1, "for its first retry");

    emulator.set_live_push_status(LivePushStatus::Suspended);
    let settings = read(&caller).await;
    assert_eq!(settings["live_push_status"], "Suspended");
    assert!(settings["suspended_time"].as_i64().unwrap() > 0);
    placed(&emulator);
    emulator
        .push(&Notice::Authorised {
            shop_id: Shop::default().shop_id,
        })
        .unwrap();
    emulator.advance(Duration::from_mins(5));
    emulator.drained().await;
    assert_eq!(emulator.stats().pushes.suspended, 3, "the retry included");

    emulator.set_live_push_status(LivePushStatus::Normal);
    assert!(read(&caller).await.get("suspended_time").is_none());
    emulator.idle().await;
    assert_eq!(receiver.received().len(), 1, "the attempt before");
    assert_eq!(emulator.stats().pushes.in_lost_queue, 0);
    placed(&emulator);
    emulator.idle().await;
    assert_eq!(receiver.received().len(), 2);
}
