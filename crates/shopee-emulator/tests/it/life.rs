//! Random lives: every order comes to its end, and the same seed lives the same life.

use std::collections::BTreeSet;
use std::time::Duration;

use hawker_shopee_emulator::{
    Emulator, EmulatorConfig, EscrowRelease, LifePlan, OrderStatus, Region, Shop,
};
use rust_decimal::Decimal;
use serde_json::json;

use crate::client::{Caller, emulator};

fn plan(seed: u64, orders: usize) -> LifePlan {
    LifePlan {
        seed,
        orders,
        stride: Duration::from_mins(30),
        ..LifePlan::default()
    }
}

async fn in_region(region: Region) -> Emulator {
    let config = EmulatorConfig {
        shops: vec![Shop {
            region,
            ..Shop::default()
        }],
        ..EmulatorConfig::default()
    };
    Emulator::start(config.at_speed(0.0)).await.unwrap()
}

#[tokio::test]
async fn every_order_of_a_random_life_comes_to_a_final_state() {
    let mut done = BTreeSet::new();
    for (seed, region) in [(1, Region::Sg), (2, Region::Vn), (3, Region::Br)] {
        let emulator = in_region(region).await;
        emulator.set_escrow_release(EscrowRelease::ByHand);
        let mut life = emulator.life(plan(seed, 150));
        let mut steps = 0;
        while let Some(step) = life.next_step() {
            assert_eq!(step.refused, None, "{step:?}");
            done.insert(step.did);
            steps += 1;
            assert!(steps < 150 * 60, "it never ends");
        }
        assert!(life.is_over());
        assert_eq!((life.orders().len(), life.under_way()), (150, 0));
        for order in emulator.orders() {
            match order.status {
                OrderStatus::Cancelled => {}
                OrderStatus::Completed => {
                    assert!(order.open_return().is_none(), "{}", order.order_sn);
                    assert!(order.payout.released_at.is_some(), "{}", order.order_sn);
                }
                other => panic!("{} is {other}", order.order_sn),
            }
            for line in &order.lines {
                let gone = line.cancelled + line.returned;
                assert!(gone <= line.quantity);
                assert_eq!((line.cancel_requested, line.return_requested), (0, 0));
                let price = line.paid_price.normalize();
                assert!(price.scale() <= region.decimals() && price > Decimal::ZERO);
            }
        }
    }
    let all = [
        "adjust",
        "answer_cancel",
        "arrange",
        "assign_tracking",
        "cancel",
        "close_return",
        "complete",
        "deliver",
        "fail_delivery",
        "fail_pickup",
        "lose",
        "open_return",
        "partial_cancel",
        "pay",
        "pick_up",
        "place",
        "reject_cod",
        "release",
        "release_hold",
        "request_cancel",
        "set_note",
        "split",
        "upload_invoice",
    ];
    assert_eq!(done, BTreeSet::from(all));
}

#[tokio::test]
async fn a_random_life_has_returns_after_completion_and_late_adjustments() {
    let emulator = emulator().await;
    let mut life = emulator.life(plan(4, 150));
    while life.next_step().is_some() {}
    let orders = emulator.orders();
    let again = orders.iter().filter(|order| order.completed_again > 0);
    assert!(again.count() > 3);
    let adjusted = orders
        .iter()
        .filter(|order| !order.payout.adjustments.is_empty());
    assert!(adjusted.count() > 3);
    let split = orders
        .iter()
        .filter(|order| order.split_up && order.packages.len() > 1);
    assert!(split.count() > 3);
}

#[tokio::test]
async fn the_same_seed_lives_the_same_life() {
    let mut lives = Vec::new();
    for _ in 0..2 {
        let config = EmulatorConfig {
            shop_time: Some(1_712_635_200),
            ..EmulatorConfig::default()
        };
        let emulator = Emulator::start(config.at_speed(0.0)).await.unwrap();
        let mut life = emulator.life(plan(5, 40));
        let steps: Vec<_> = std::iter::from_fn(|| life.next_step()).collect();
        lives.push((steps, emulator.orders()));
    }
    assert_eq!(lives[0].0, lives[1].0);
    assert!(
        lives[0].1 == lives[1].1,
        "the same orders in all their parts"
    );
}

#[tokio::test]
async fn somebody_elses_hand_on_an_order_does_not_stop_the_life() {
    let emulator = emulator().await;
    let mut life = emulator.life(plan(6, 60));
    let mut random = 0_usize;
    while life.next_step().is_some() {
        random += 1;
        let orders = emulator.orders();
        let order = &orders[random % orders.len()];
        // Whatever can be completed in between is.
        drop(emulator.complete(&order.order_sn));
    }
    assert!(life.is_over());
}

#[tokio::test]
async fn a_life_can_be_led_over_http() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let too_early = caller.control("/life/steps", Some(json!({}))).await;
    assert_eq!(too_early.status, 409);
    let skus = json!([{ "sku": "ONLY", "price": 9.9 }]);
    let plan = json!({ "seed": 1, "orders": 3, "skus": skus });
    assert_eq!(caller.control("/life", Some(plan)).await.status, 200);
    let first = caller
        .control("/life/steps", Some(json!({ "steps": 1 })))
        .await
        .json();
    assert_eq!(
        (&first["steps"][0]["did"], &first["over"]),
        (&json!("place"), &json!(false))
    );
    let rest = caller
        .control("/life/steps", Some(json!({ "steps": 500 })))
        .await
        .json();
    assert_eq!(rest["over"], true);
    let orders = emulator.orders();
    assert_eq!(orders.len(), 3);
    assert!(
        orders
            .iter()
            .all(|order| order.lines[0].listing.sku() == "ONLY")
    );
}
