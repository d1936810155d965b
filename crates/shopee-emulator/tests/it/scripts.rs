//! Scripts and the shop's clock: what is due happens at its own time, at any speed.

use std::time::Duration;

use hawker_shopee_emulator::{
    Deed, Emulator, EmulatorConfig, LivePushStatus, OrderStatus, PushSettings, Script, Verb,
};
use serde_json::json;

use crate::client::{Caller, TOKEN, emulator};
use crate::goods::{money, one_card};
use crate::receiver::Receiver;

const DAY: Duration = Duration::from_hours(24);

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

#[tokio::test]
async fn every_scenario_runs_to_its_end_without_a_refusal() {
    for name in Script::NAMES {
        for seed in 0..5 {
            let emulator = emulator().await;
            let script = Script::named(name, seed).unwrap();
            let (length, steps) = (script.length(), script.steps().len());
            let number = emulator.play(&script);
            assert!(emulator.script(number).unwrap().left < steps, "{name}");
            emulator.advance(length);
            let progress = emulator.script(number).unwrap();
            assert_eq!((progress.left, progress.refused.len()), (0, 0), "{name}");
            let order = emulator.order(&progress.orders[0]).unwrap();
            assert_eq!(order.status, OrderStatus::Completed, "{name}");
        }
    }
}

#[tokio::test]
async fn steps_happen_at_their_own_time_in_one_stride_or_in_many() {
    let mut lives = Vec::new();
    for strides in [1, 7, 1000] {
        let emulator = emulator().await;
        let start = emulator.shop_time();
        emulator.set_auto_confirm(Some(DAY * 3));
        let script = Script::new("my own", 1)
            .at(Duration::ZERO, Deed::Place(Box::new(one_card())))
            .at(
                DAY,
                Deed::Act {
                    order: 0,
                    verb: Verb::Pay,
                },
            )
            .at(
                DAY * 2,
                Deed::Act {
                    order: 0,
                    verb: Verb::Deliver(hawker_shopee_emulator::Parcels::All),
                },
            )
            .at(
                DAY * 2,
                Deed::Act {
                    order: 0,
                    verb: Verb::Arrange(hawker_shopee_emulator::Parcels::All),
                },
            )
            .at(
                DAY * 3,
                Deed::Act {
                    order: 0,
                    verb: Verb::PickUp(hawker_shopee_emulator::Parcels::All),
                },
            )
            .at(
                DAY * 4,
                Deed::Act {
                    order: 0,
                    verb: Verb::Deliver(hawker_shopee_emulator::Parcels::All),
                },
            );
        let number = emulator.play(&script);
        for _ in 0..strides {
            emulator.advance(DAY * 10 / strides);
        }
        let progress = emulator.script(number).unwrap();
        assert_eq!(
            progress.refused.len(),
            1,
            "it was not shipped: {progress:?}"
        );
        let order = emulator.order(&progress.orders[0]).unwrap();
        lives.push((
            order.pay_time.unwrap() - start,
            order.pickup_done_time.unwrap() - start,
            order.completed_at.unwrap() - start,
        ));
    }
    assert_eq!(lives, [(86_400, 3 * 86_400, 7 * 86_400); 3]);
}

#[tokio::test]
async fn six_hours_of_silence_leave_some_pushes_to_the_lost_queue_and_some_to_nobody() {
    let mut fates = (0, 0);
    for seed in 0..4 {
        let (emulator, receiver) = pair().await;
        emulator.play(&Script::named("six_hours_of_silence", seed).unwrap());
        emulator.advance(Duration::from_hours(6));
        emulator.idle().await;
        assert!(receiver.received().is_empty());
        let stats = emulator.stats();
        assert_eq!(
            stats.pushes.arisen,
            stats.chaos.pushes.values().sum::<u64>()
        );
        let lost = stats.pushes.in_lost_queue as u64;
        fates = (fates.0 + lost, fates.1 + stats.pushes.arisen - lost);
        emulator.advance(DAY * 2);
        emulator.idle().await;
        assert!(receiver.statuses().contains(&"COMPLETED".to_owned()));
    }
    assert!(fates.0 > 0 && fates.1 > 0, "{fates:?}");
}

#[tokio::test]
async fn while_the_app_is_suspended_pushes_are_neither_sent_nor_kept() {
    let (emulator, receiver) = pair().await;
    emulator.play(&Script::named("suspended_push", 1).unwrap());
    emulator.advance(Duration::from_mins(10));
    assert_eq!(emulator.push_console().status, LivePushStatus::Warning);
    // What is due is sent after the clock was stepped: not across the suspension.
    for _ in 0..2 {
        emulator.advance(Duration::from_mins(25));
        emulator.idle().await;
    }
    assert_eq!(emulator.push_console().status, LivePushStatus::Suspended);
    let told = receiver.received().len();
    emulator.advance(Duration::from_hours(5));
    emulator.idle().await;
    let stats = emulator.stats().pushes;
    assert_eq!((receiver.received().len(), stats.in_lost_queue), (told, 0));
    assert!(stats.suspended > 0);
    assert_eq!(emulator.push_console().status, LivePushStatus::Normal);
    emulator.advance(DAY * 2);
    emulator.idle().await;
    assert_eq!(
        receiver.statuses(),
        ["UNPAID", "READY_TO_SHIP", "TO_CONFIRM_RECEIVE", "COMPLETED"]
    );
}

#[tokio::test]
async fn a_shuffled_life_is_told_out_of_order() {
    let mut shuffled = 0;
    for seed in 0..4 {
        let (emulator, receiver) = pair().await;
        emulator.play(&Script::named("shuffled_life", seed).unwrap());
        emulator.advance(Duration::from_hours(3));
        emulator.idle().await;
        let times: Vec<_> = receiver
            .received()
            .iter()
            .filter(|push| push.code() == 3)
            .map(|push| push.data("update_time").as_i64().unwrap())
            .collect();
        assert!(times.len() >= 8);
        shuffled += usize::from(!times.is_sorted());
    }
    assert_eq!(shuffled, 4);
}

#[tokio::test]
async fn late_scenarios_change_the_payout_after_its_release() {
    for name in ["late_adjustment", "return_after_completion"] {
        let (emulator, receiver) = pair().await;
        let number = emulator.play(&Script::named(name, 3).unwrap());
        emulator.advance(Duration::from_hours(24 * 5));
        let sn = emulator.script(number).unwrap().orders[0].clone();
        let paid = emulator.escrow(&sn).unwrap();
        assert_eq!(paid.released_at, Some(emulator.shop_time()));
        emulator.advance(Duration::from_hours(24 * 25));
        emulator.idle().await;
        let changed = emulator.escrow(&sn).unwrap();
        assert!(changed.escrow_amount_after_adjustment <= paid.escrow_amount - money(100));
        let again = receiver
            .received()
            .iter()
            .filter(|push| push.code() == 3 && push.data("completed_scenario") == "RRAOC")
            .count();
        assert_eq!(again, usize::from(name == "return_after_completion"));
    }
}

#[tokio::test]
async fn a_clock_that_runs_brings_everything_that_is_due() {
    let (emulator, receiver) = pair().await;
    receiver.answer_status(500);
    emulator.set_auto_confirm(Some(DAY * 3));
    let sn = emulator.place(one_card().paid_at_once()).unwrap();
    emulator.arrange_shipment(&sn).unwrap();
    emulator.pick_up(&sn).unwrap();
    emulator.deliver(&sn).unwrap();
    let delivered_at = emulator.order(&sn).unwrap().update_time;
    emulator.set_speed(60_480.0 * 10.0);
    // All tries of all pushes, the confirmation's own included, come to nothing.
    emulator.drained().await;
    while emulator.order(&sn).unwrap().status != OrderStatus::Completed {
        tokio::task::yield_now().await;
    }
    emulator.drained().await;
    emulator.set_speed(0.0);
    let order = emulator.order(&sn).unwrap();
    let late = order.completed_at.unwrap() - delivered_at - 3 * 86_400;
    assert!((-10..=10).contains(&late), "at its own time: {late}");
    let stats = emulator.stats().pushes;
    assert_eq!(stats.attempts, stats.arisen * 4);
    assert_eq!(stats.lost, stats.arisen);
}

#[tokio::test]
async fn a_change_of_speed_keeps_the_order_of_what_is_due() {
    let (emulator, receiver) = pair().await;
    let script = Script::new("five orders", 1);
    let script = (1..=5).fold(script, |script, hour| {
        let order = one_card().numbered(format!("24040900000{hour}").as_str());
        script.at(Duration::from_hours(hour), Deed::Place(Box::new(order)))
    });
    let number = emulator.play(&script);
    for speed in [3600.0, 0.0, 36_000.0, 0.5, 1_000_000.0] {
        emulator.set_speed(speed);
        tokio::task::yield_now().await;
    }
    while emulator.script(number).unwrap().left > 0 {
        tokio::task::yield_now().await;
    }
    emulator.drained().await;
    let pushes = receiver.received();
    let told: Vec<_> = pushes.iter().map(|push| push.data("ordersn")).collect();
    assert_eq!(
        told,
        emulator
            .script(number)
            .unwrap()
            .orders
            .iter()
            .map(|sn| json!(sn))
            .collect::<Vec<_>>()
    );
    assert!(told.is_sorted_by_key(|sn| sn.as_str().unwrap().to_owned()));
}

#[tokio::test]
async fn calm_stops_scripts_and_everything_that_they_began() {
    let (emulator, receiver) = pair().await;
    let number = emulator.play(&Script::named("six_hours_of_silence", 1).unwrap());
    emulator.set_live_push_status(LivePushStatus::Warning);
    emulator.calm();
    emulator.advance(DAY);
    let progress = emulator.script(number).unwrap();
    assert_eq!((progress.left, progress.orders.len()), (0, 0));
    assert_eq!(emulator.push_console().status, LivePushStatus::Normal);
    emulator.place(one_card()).unwrap();
    emulator.idle().await;
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn scenarios_and_chaos_can_be_begun_over_http() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let named = json!({ "name": "late_adjustment", "seed": 2 });
    let begun = caller.control("/scenario", Some(named)).await.json();
    assert_eq!(begun, json!({ "number": 1, "seconds": 26 * 86_400 }));
    let seen = caller.control("/scenario/1", None).await.json();
    assert_eq!(
        (&seen["name"], &seen["left"]),
        (&json!("late_adjustment"), &json!(7))
    );
    let unknown = caller
        .control("/scenario", Some(json!({ "name": "boredom" })))
        .await;
    assert_eq!(unknown.status, 404);
    assert!(
        unknown.text.contains("six_hours_of_silence"),
        "{}",
        unknown.text
    );
    assert_eq!(caller.control("/scenario/9", None).await.status, 404);
    let chaos = json!({
        "seed": 3,
        "pushes": { "lose": 1.0, "re_sign_by": ["body_only"] },
        "families": { "shop": { "garbage": 1.0 } },
    });
    assert_eq!(caller.control("/chaos", Some(chaos)).await.status, 200);
    let info = "/api/v2/shop/get_shop_info";
    assert!(
        caller
            .try_get(info, &[])
            .await
            .map_or(true, |answer| answer.text.contains("garbage"))
    );
    let stats = caller.control("/stats", None).await.json();
    assert_eq!(stats["chaos"]["calls"]["garbage"], 1);
    assert_eq!(caller.control("/calm", Some(json!({}))).await.status, 200);
    assert_eq!(caller.get(info, &[]).await.error(), "");
}
