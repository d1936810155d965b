//! Trouble by chance: with pushes, with calls, and its end.

use std::collections::BTreeMap;
use std::time::Duration;

use hawker_shopee_emulator::signing::hmac_hex;
use hawker_shopee_emulator::{
    CallChaos, CallTrouble, Chaos, Emulator, EmulatorConfig, LivePushStatus, PartnerApp, PushChaos,
    PushJudgement, PushSettings, PushTrouble, ReSigning, Shop,
};
use serde_json::json;

use crate::client::{Caller, TOKEN, emulator};
use crate::goods::{one_card, placed};
use crate::receiver::{Received, Receiver};

const DETAIL: &str = "/api/v2/order/get_order_detail";
const REFRESH: &str = "/api/v2/auth/access_token/get";

/// With a shop clock that stands still, and pushes one by one.
async fn pair() -> (Emulator, Receiver) {
    let receiver = Receiver::start();
    let config = EmulatorConfig {
        pushes: PushSettings {
            concurrency: 1,
            ..PushSettings::default()
        },
        ..EmulatorConfig::default()
    };
    let config = config
        .with_token(TOKEN)
        .pushing_to(&receiver.url)
        .at_speed(0.0);
    (Emulator::start(config).await.unwrap(), receiver)
}

fn pushes(pushes: PushChaos) -> Chaos {
    Chaos {
        seed: 5,
        pushes,
        ..Chaos::default()
    }
}

fn genuine(receiver: &Receiver, push: &Received, key: &str) -> bool {
    let body = push.body.as_bytes();
    let expected = hmac_hex(key, &[receiver.url.as_bytes(), b"|", body]);
    push.authorization.as_ref() == Some(&expected)
}

#[tokio::test]
async fn what_is_lost_can_be_fetched_and_what_vanishes_cannot() {
    let (emulator, receiver) = pair().await;
    emulator.set_chaos(pushes(PushChaos {
        lose: 0.4,
        vanish: 0.4,
        ..PushChaos::default()
    }));
    (0..60).for_each(|_| drop(placed(&emulator)));
    emulator.idle().await;
    let stats = emulator.stats();
    let lost = stats.chaos.of_pushes(PushTrouble::Lost);
    let vanished = stats.chaos.of_pushes(PushTrouble::Vanished);
    assert!(lost > 0 && vanished > 0);
    assert_eq!(receiver.received().len() as u64, 60 - lost - vanished);
    assert_eq!(stats.pushes.in_lost_queue as u64, lost);
}

#[tokio::test]
async fn a_forged_push_has_a_wrong_signature_and_often_a_genuine_id() {
    let (emulator, receiver) = pair().await;
    emulator.set_chaos(pushes(PushChaos {
        forge: 1.0,
        ..PushChaos::default()
    }));
    (0..30).for_each(|_| drop(placed(&emulator)));
    emulator.idle().await;
    let key = PartnerApp::default().push_key;
    let id = |push: &Received| push.json()["msg_id"].as_str().unwrap().to_owned();
    let (good, forged): (Vec<_>, Vec<_>) = receiver
        .received()
        .into_iter()
        .partition(|push| genuine(&receiver, push, &key));
    assert_eq!((good.len(), forged.len()), (30, 30));
    let ids: Vec<_> = good.iter().map(id).collect();
    let colliding = forged.iter().filter(|push| ids.contains(&id(push))).count();
    assert!((1..30).contains(&colliding), "{colliding}");
    for push in &forged {
        assert_ne!(push.data("status"), "UNPAID", "made up");
    }
    let first = forged.iter().filter(|push| {
        let all = receiver.received();
        let place = |wanted: &str| all.iter().position(|push| push.body == wanted);
        let twin = good.iter().find(|good| id(good) == id(push));
        twin.is_some_and(|twin| place(&push.body) < place(&twin.body))
    });
    let first = first.count();
    assert!((1..colliding).contains(&first), "before and after: {first}");
    assert_eq!(emulator.stats().pushes.arisen, 30, "forgeries are not ours");
}

#[tokio::test]
async fn a_refused_forgery_is_not_repeated_and_never_lost() {
    let (emulator, receiver) = pair().await;
    receiver.answer_status(500);
    emulator.set_chaos(pushes(PushChaos {
        forge: 1.0,
        ..PushChaos::default()
    }));
    placed(&emulator);
    emulator.idle().await;
    assert_eq!(receiver.received().len(), 2);
    let stats = emulator.stats().pushes;
    assert_eq!((stats.waiting, stats.failed_attempts), (1, 1));
}

#[tokio::test]
async fn a_push_can_be_signed_by_another_key_of_the_app() {
    let (emulator, receiver) = pair().await;
    let app = PartnerApp::default();
    emulator.set_push_key("the_new_push_key");
    for (way, key) in [
        (ReSigning::PreviousKey, app.push_key.as_str()),
        (ReSigning::PartnerKey, app.partner_key.as_str()),
    ] {
        emulator.set_chaos(pushes(PushChaos {
            re_sign: 1.0,
            re_sign_by: vec![way],
            ..PushChaos::default()
        }));
        placed(&emulator);
        emulator.idle().await;
        let push = receiver.received().pop().unwrap();
        assert!(genuine(&receiver, &push, key), "{way:?}");
    }
    emulator.calm();
    placed(&emulator);
    emulator.idle().await;
    let push = receiver.received().pop().unwrap();
    assert!(genuine(&receiver, &push, "the_new_push_key"));
}

#[tokio::test]
async fn the_same_seed_and_the_same_life_meet_the_same_trouble() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let (emulator, receiver) = pair().await;
        emulator.set_chaos(pushes(PushChaos {
            lose: 0.1,
            vanish: 0.1,
            duplicate: 0.3,
            delay: 0.3,
            shuffle: 0.5,
            forge: 0.2,
            re_sign: 0.2,
            ..PushChaos::default()
        }));
        (0..60).for_each(|_| drop(placed(&emulator)));
        emulator.advance(Duration::from_hours(1));
        emulator.idle().await;
        let arrived: Vec<_> = receiver
            .received()
            .iter()
            .map(|push| (push.data("ordersn"), push.authorization.is_some()))
            .collect();
        runs.push((arrived, emulator.stats().chaos));
    }
    assert_eq!(runs[0], runs[1]);
    assert_eq!(runs[0].1.pushes.len(), 7, "{:?}", runs[0].1);
}

#[tokio::test]
async fn calls_go_wrong_in_every_way_and_are_counted() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let sn = placed(&emulator);
    emulator.set_chaos(Chaos {
        seed: 11,
        calls: CallChaos {
            rate_limited: 0.12,
            server_error: 0.12,
            hang: 0.12,
            hang_for: Duration::from_millis(1),
            edge_html: 0.12,
            truncated: 0.12,
            garbage: 0.12,
            lost_reply: 0.12,
            overloaded_auth: 0.12,
            ..CallChaos::default()
        },
        ..Chaos::default()
    });
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    for _ in 0..120 {
        let answer = caller
            .try_get(DETAIL, &[("order_sn_list", sn.as_str())])
            .await;
        let kind = match answer {
            Err(_) => "no answer",
            Ok(answer) if answer.status == 429 => "429",
            Ok(answer) if answer.text.contains("error_auth") => "error_auth",
            Ok(answer) if answer.status >= 500 || answer.text.contains("error_inner") => "5xx",
            Ok(answer) if answer.text.starts_with("<html>") => "html",
            Ok(answer) if answer.text.ends_with('}') => "right",
            Ok(_) => "broken",
        };
        *seen.entry(kind.to_owned()).or_default() += 1;
    }
    let stats = emulator.stats();
    assert_eq!(stats.chaos.calls.len(), 8, "{:?}", stats.chaos.calls);
    assert_eq!(seen["429"], stats.chaos.of_calls(CallTrouble::RateLimited));
    assert_eq!(
        seen["error_auth"],
        stats.chaos.of_calls(CallTrouble::OverloadedAuth)
    );
    let injected: u64 = stats.chaos.calls.values().sum();
    assert_eq!(injected + seen["right"], 120);
    emulator.calm();
    let answer = caller.get(DETAIL, &[("order_sn_list", sn.as_str())]).await;
    assert_eq!(answer.error(), "");
}

#[tokio::test]
async fn a_refresh_survives_chaos_unless_its_loss_was_asked_for() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let shop_id = Shop::default().shop_id;
    let chaos = |lost_token_reply| Chaos {
        calls: CallChaos {
            truncated: 0.5,
            lost_reply: 0.5,
            lost_token_reply,
            ..CallChaos::default()
        },
        ..Chaos::default()
    };
    emulator.set_chaos(chaos(0.0));
    let pair = emulator.issue_tokens(shop_id).unwrap();
    let refresh = |token: &str| json!({ "refresh_token": token, "partner_id": PartnerApp::DEFAULT_ID, "shop_id": shop_id });
    let mut token = pair.refresh_token;
    for _ in 0..20 {
        let answer = caller.public(REFRESH, Some(refresh(&token))).await;
        assert_eq!(answer.error(), "", "{}", answer.text);
        token = answer.json()["refresh_token"].as_str().unwrap().to_owned();
    }
    emulator.set_chaos(chaos(1.0));
    let lost = caller.try_public(REFRESH, &[], Some(refresh(&token))).await;
    lost.unwrap_err();
    assert_eq!(emulator.refreshes(shop_id).succeeded, 21);
}

#[tokio::test]
async fn an_app_that_takes_too_few_pushes_is_warned_and_then_suspended() {
    let (emulator, receiver) = pair().await;
    emulator.judge_pushes(Some(PushJudgement {
        more_than: 9,
        ..PushJudgement::default()
    }));
    let place = async |count: usize| {
        for _ in 0..count {
            emulator.place(one_card()).unwrap();
        }
        emulator.idle().await;
        emulator.push_console().status
    };
    assert_eq!(place(6).await, LivePushStatus::Normal);
    receiver.answer_status(500);
    assert_eq!(place(3).await, LivePushStatus::Normal, "too few to say");
    assert_eq!(place(1).await, LivePushStatus::Warning, "6 of 10");
    assert_eq!(place(11).await, LivePushStatus::Suspended, "6 of 21");
    let before = emulator.stats().pushes;
    place(4).await;
    let stats = emulator.stats().pushes;
    assert_eq!((stats.suspended, stats.attempts), (4, before.attempts));
    emulator.advance(Duration::from_hours(4));
    emulator.idle().await;
    let stats = emulator.stats().pushes;
    assert_eq!(stats.in_lost_queue, 0, "retries are gone for ever, too");
    receiver.answer_status(200);
    emulator.set_live_push_status(LivePushStatus::Normal);
    assert_eq!(place(3).await, LivePushStatus::Normal, "begins anew");
    assert_eq!(
        emulator.stats().pushes.acknowledged,
        before.acknowledged + 3
    );
}
