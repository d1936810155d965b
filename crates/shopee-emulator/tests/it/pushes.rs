//! Pushes from the outside: envelope, signature, retries, the lost queue, unreliability.

use std::time::Duration;

use crate::client::{Caller, TOKEN};
use crate::goods::one_card;
use crate::receiver::{Manner, Receiver};
use hawker_shopee_emulator::{
    Emulator, EmulatorConfig, MessageIds, Notice, PartnerApp, PushPolicy, PushSettings,
    PushSigning, Shop,
};
use serde_json::{Value, json};

const LOST: &str = "/api/v2/push/get_lost_push_message";
const CONFIRM: &str = "/api/v2/push/confirm_consumed_lost_push_message";

/// With a shop clock that stands still.
async fn pair() -> (Emulator, Receiver) {
    pair_with(PushSettings {
        concurrency: 1,
        ..PushSettings::default()
    })
    .await
}

async fn pair_with(pushes: PushSettings) -> (Emulator, Receiver) {
    let receiver = Receiver::start();
    let config = EmulatorConfig {
        pushes,
        ..EmulatorConfig::default()
    }
    .with_token(TOKEN)
    .pushing_to(&receiver.url)
    .at_speed(0.0);
    (Emulator::start(config).await.unwrap(), receiver)
}

#[tokio::test]
async fn every_step_of_an_order_is_pushed_in_its_turn() {
    let (emulator, receiver) = pair().await;
    let sn = emulator.place(one_card()).unwrap();
    emulator.pay(&sn).unwrap();
    emulator.arrange_shipment(&sn).unwrap();
    emulator.pick_up(&sn).unwrap();
    emulator.deliver(&sn).unwrap();
    emulator.complete(&sn).unwrap();
    emulator.idle().await;
    assert_eq!(
        receiver.statuses(),
        [
            "UNPAID",
            "READY_TO_SHIP",
            "PROCESSED",
            "SHIPPED",
            "TO_CONFIRM_RECEIVE",
            "COMPLETED"
        ]
    );
    assert_eq!(
        receiver.codes().iter().filter(|code| **code == 4).count(),
        1
    );
    let last = receiver.received().pop().unwrap();
    assert_eq!(last.data("completed_scenario"), "NORMAL");
    assert_eq!(
        last.data("update_time"),
        json!(emulator.order(&sn).unwrap().update_time)
    );
    emulator.shutdown().await;
}

#[tokio::test]
async fn a_push_carries_the_real_envelope_and_signature() {
    let (emulator, receiver) = pair().await;
    let sn = emulator.place(one_card()).unwrap();
    emulator.idle().await;
    let push = receiver.received().pop().unwrap();
    let json = push.json();
    assert_eq!(json["data"]["ordersn"], json!(sn));
    assert_eq!(json["data"]["completed_scenario"], "");
    assert_eq!(json["data"]["items"], json!([]));
    assert_eq!(json["shop_id"], json!(Shop::default().shop_id));
    assert_eq!(json["timestamp"], json!(emulator.shop_time()));
    assert_eq!(json["msg_id"].as_str().unwrap().len(), 32);
    let key = PartnerApp::default().push_key;
    let text = format!("{}|{}", receiver.url, push.body);
    let expected = hawker_shopee_emulator::signing::sign(&key, &text);
    assert_eq!(push.authorization, Some(expected));
    assert_eq!(push.authorization, emulator.sign_push(&push.body));
}

#[tokio::test]
async fn pushes_can_be_signed_in_other_ways() {
    let (emulator, receiver) = pair().await;
    let shop_id = Shop::default().shop_id;
    let notice = Notice::Other {
        shop_id,
        code: 5,
        data: json!({ "actions": [] }),
    };
    emulator.set_message_ids(MessageIds::Absent);
    emulator.push(&notice).unwrap();
    emulator.idle().await;
    emulator.set_push_signing(PushSigning::BodyOnly);
    emulator.push(&notice).unwrap();
    emulator.idle().await;
    emulator.set_push_signing(PushSigning::Unsigned);
    emulator.push(&notice).unwrap();
    emulator.idle().await;
    let pushes = receiver.received();
    assert_eq!(pushes[0].authorization.as_ref().unwrap().len(), 64);
    assert!(
        pushes[1]
            .authorization
            .as_ref()
            .unwrap()
            .starts_with("SHA256 ")
    );
    assert_eq!(pushes[2].authorization, None);
    assert!(pushes[0].json().get("msg_id").is_none());
}

#[tokio::test]
async fn the_console_and_the_partner_level_push_too() {
    let (emulator, receiver) = pair().await;
    let (partner_id, shop_id) = (PartnerApp::DEFAULT_ID, Shop::default().shop_id);
    emulator.push(&Notice::Ping { partner_id }).unwrap();
    emulator.push(&Notice::Authorised { shop_id }).unwrap();
    emulator
        .push(&Notice::AuthorisationCancelled { shop_id })
        .unwrap();
    emulator
        .push(&Notice::AuthorisationExpiring {
            shops: vec![shop_id],
            before: 1_700_000_000,
        })
        .unwrap();
    emulator.idle().await;
    assert_eq!(receiver.codes(), [0, 1, 2, 12]);
    let pushes = receiver.received();
    assert!(
        pushes[0]
            .body
            .starts_with(r#"{"code":0,"data":{"verify_info":"#)
    );
    assert_eq!(pushes[1].json()["partner_id"], json!(partner_id));
    assert!(pushes[1].json().get("shop_id").is_none());
    assert_eq!(pushes[3].data("shop_expire_soon"), json!([shop_id]));
}

#[tokio::test]
async fn an_unanswered_push_is_tried_four_times_and_then_lost() {
    let (emulator, receiver) = pair().await;
    receiver.answer_status(500);
    emulator.place(one_card()).unwrap();
    emulator.idle().await;
    for (wait, attempts) in [(300, 2), (1800, 3), (10_800, 4)] {
        emulator.advance(Duration::from_secs(wait - 1));
        emulator.idle().await;
        assert_eq!(receiver.received().len(), attempts - 1, "too early");
        emulator.advance(Duration::from_secs(1));
        emulator.idle().await;
        assert_eq!(receiver.received().len(), attempts);
    }
    let stats = emulator.stats().pushes;
    assert_eq!((stats.lost, stats.in_lost_queue, stats.waiting), (1, 1, 0));

    // The same message each time, with the time of sending.
    let pushes = receiver.received();
    let (first, last) = (pushes[0].json(), pushes[3].json());
    assert_eq!(
        (&first["data"], &first["msg_id"]),
        (&last["data"], &last["msg_id"])
    );
    assert_ne!(first["timestamp"], last["timestamp"]);
}

#[tokio::test]
async fn a_fast_clock_brings_retries_forward() {
    let (emulator, receiver) = pair().await;
    receiver.answer_status(503);
    emulator.place(one_card()).unwrap();
    emulator.idle().await;
    receiver.answer_status(204);
    emulator.set_speed(100_000.0);
    emulator.drained().await;
    assert_eq!(receiver.received().len(), 2);
    assert_eq!(emulator.stats().pushes.acknowledged, 1);
}

#[tokio::test]
async fn only_a_quick_empty_2xx_ends_delivery() {
    let settings = PushSettings {
        answer_within: Duration::from_millis(200),
        retry_after: Vec::new(),
        ..PushSettings::default()
    };
    let (emulator, receiver) = pair_with(settings).await;
    let slow = Duration::from_mins(1);
    for (manner, lost) in [
        (
            Manner {
                status: 200,
                body: "",
                after: Duration::ZERO,
            },
            0,
        ),
        (
            Manner {
                status: 204,
                body: "",
                after: Duration::ZERO,
            },
            0,
        ),
        (
            Manner {
                status: 200,
                body: r#"{"status":"ok"}"#,
                after: Duration::ZERO,
            },
            1,
        ),
        (
            Manner {
                status: 302,
                body: "",
                after: Duration::ZERO,
            },
            2,
        ),
        (
            Manner {
                status: 200,
                body: "",
                after: slow,
            },
            3,
        ),
    ] {
        receiver.answer(manner.clone());
        emulator.place(one_card()).unwrap();
        emulator.idle().await;
        assert_eq!(emulator.stats().pushes.lost, lost, "{manner:?}");
    }
}

#[tokio::test]
async fn lost_pushes_come_back_as_text_until_they_are_confirmed() {
    let settings = PushSettings {
        retry_after: Vec::new(),
        ..PushSettings::default()
    };
    let (emulator, receiver) = pair_with(settings).await;
    receiver.answer_status(500);
    let caller = Caller::of(&emulator);
    for _ in 0..120 {
        emulator.place(one_card()).unwrap();
    }
    emulator.idle().await;
    let page = caller.public(LOST, None).await.response();
    let messages = page["push_message_list"].as_array().unwrap();
    assert_eq!(
        (messages.len(), &page["has_next_page"]),
        (100, &json!(true))
    );
    let envelope: Value = serde_json::from_str(messages[0]["data"].as_str().unwrap()).unwrap();
    assert_eq!(envelope["code"], 3);
    assert!(envelope["data"]["ordersn"].is_string());
    let confirmed = caller
        .public(
            CONFIRM,
            Some(json!({ "last_message_id": page["last_message_id"] })),
        )
        .await;
    assert_eq!(confirmed.error(), "");
    let rest = caller.public(LOST, None).await.response();
    assert_eq!(rest["push_message_list"].as_array().unwrap().len(), 20);
    assert_eq!(rest["has_next_page"], false);
    assert_eq!(
        caller.public(CONFIRM, Some(json!({}))).await.error(),
        "error_param"
    );
}

#[tokio::test]
async fn lost_push_calls_are_signed_for_the_app_alone() {
    let (emulator, _receiver) = pair().await;
    assert_eq!(
        Caller::of(&emulator).get(LOST, &[]).await.error(),
        "error_sign"
    );
}

#[tokio::test]
async fn paused_pushes_wait() {
    let (emulator, receiver) = pair().await;
    emulator.pause_pushes();
    emulator.place(one_card()).unwrap();
    emulator.idle().await;
    assert!(receiver.received().is_empty());
    emulator.resume_pushes();
    emulator.idle().await;
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn without_a_callback_url_nothing_is_sent_or_kept() {
    let (emulator, receiver) = pair().await;
    emulator.set_push_url(None);
    emulator.place(one_card()).unwrap();
    emulator.idle().await;
    assert!(receiver.received().is_empty());
    let stats = emulator.stats().pushes;
    assert_eq!(
        (stats.unsent, stats.waiting, stats.in_lost_queue),
        (1, 0, 0)
    );
}

#[tokio::test]
async fn an_unreliable_network_drops_repeats_and_shuffles_by_its_seed() {
    let policy = PushPolicy {
        drop: 0.2,
        duplicate: 0.3,
        shuffle_window: Duration::from_mins(1),
        ..PushPolicy::default()
    };
    let settings = PushSettings {
        policy,
        concurrency: 1,
        ..PushSettings::default()
    };
    let mut runs = Vec::new();
    for _ in 0..2 {
        let (emulator, receiver) = pair_with(settings.clone()).await;
        let sns: Vec<_> = (0..60)
            .map(|_| emulator.place(one_card()).unwrap())
            .collect();
        emulator.advance(Duration::from_mins(2));
        emulator.idle().await;
        let stats = emulator.stats().pushes;
        assert!(stats.dropped > 0 && stats.duplicated > 0);
        let pushes = receiver.received();
        let arrived: Vec<_> = pushes.iter().map(|push| push.data("ordersn")).collect();
        let sent = sns.len() as u64 - stats.dropped + stats.duplicated;
        assert_eq!(arrived.len() as u64, sent);
        assert!(!arrived.is_sorted_by_key(|sn| sns.iter().position(|known| json!(known) == *sn)));
        runs.push(arrived);
    }
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test]
async fn dropped_pushes_reach_the_lost_queue_when_told_to() {
    let policy = PushPolicy {
        drop: 1.0,
        dropped_are_lost: true,
        ..PushPolicy::default()
    };
    let (emulator, receiver) = pair_with(PushSettings {
        policy,
        ..PushSettings::default()
    })
    .await;
    emulator.place(one_card()).unwrap();
    emulator.idle().await;
    assert!(receiver.received().is_empty());
    assert_eq!(emulator.stats().pushes.in_lost_queue, 1);
}
