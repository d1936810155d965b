//! Everything at once: random lives, pushes that come late, twice and in any order, a marketplace
//! that fails now and then, and two services on one database.

use std::time::Duration;

use hawker_shopee_emulator::{
    CancelAnswer, CancelledBy, DeliveryFailure, EmulatorConfig, Endpoint, Fault, NewLine, NewOrder,
    OrderSn, PackedLine, Parcels, PushPolicy, ReturnOutcome, Verb,
};
use hawker_tests::{Bench, CARD, assert_agrees, cards, until};

const ORDERS: usize = 150;
const OTHER: &str = "POK-MEW-199-NM-EN";

/// The same seed gives the same lives; `HAWKER_TESTS_SEED` gives others.
fn seed() -> u64 {
    let chosen = std::env::var("HAWKER_TESTS_SEED").ok();
    chosen.map_or(20_240_409, |seed| seed.parse().expect("a number"))
}

/// A minute in the shop is a moment here: waits of pushes and their repetitions are short.
const SPEED: f64 = 600.0;

fn checkout(random: &mut fastrand::Rng) -> NewOrder {
    let mut lines = vec![cards(random.u32(1..=3))];
    if random.bool() {
        lines.push(NewLine::new(OTHER, 245.into()).times(random.u32(1..=2)));
    }
    if random.u8(..4) == 0 {
        lines = lines.into_iter().map(|line| line.in_bundle(1)).collect();
    }
    let order = NewOrder::of(lines);
    match random.u8(..4) {
        0 => order.cash_on_delivery(),
        1 => order,
        2 => order.paid_at_once().tracked_later(),
        _ => order.paid_at_once(),
    }
}

/// Something that may happen to an order; many a wish is refused by the shop, and then nothing
/// happens.
fn happening(random: &mut fastrand::Rng) -> Verb {
    let text = |text: &str| text.to_owned();
    let one = || PackedLine {
        line: 0,
        quantity: 1,
    };
    match random.u8(..28) {
        0..4 => Verb::Pay,
        4..9 => Verb::Arrange(Parcels::All),
        9..14 => Verb::PickUp(Parcels::All),
        14..17 => Verb::Deliver(Parcels::All),
        17..20 => Verb::Complete,
        20 => Verb::FailPickup(Parcels::All),
        21 => Verb::AssignTracking,
        22 => Verb::PartialCancel(vec![one()]),
        23 => Verb::RequestCancel {
            reason: text("wrong card"),
        },
        24 => Verb::AnswerCancel(if random.bool() {
            CancelAnswer::Accept
        } else {
            CancelAnswer::Reject
        }),
        25 => Verb::Cancel {
            by: CancelledBy::Buyer,
            reason: text("changed my mind"),
        },
        26 => Verb::OpenReturn {
            units: Vec::new(),
            reason: text("not as described"),
        },
        _ if random.bool() => Verb::CloseReturn(ReturnOutcome::Refunded),
        _ => Verb::FailDelivery(DeliveryFailure::Lost),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn random_lives_under_adversity_end_as_the_shop_says() {
    let seed = seed();
    println!("HAWKER_TESTS_SEED={seed}");
    let mut bench = Bench::of(EmulatorConfig::default().at_speed(SPEED).seeded(seed)).await;
    for sku in [CARD, OTHER] {
        bench.add_card(sku, 10_000).await;
    }
    bench.emulator.set_push_policy(PushPolicy {
        duplicate: 0.3,
        shuffle_window: Duration::from_mins(5),
        delay: Duration::from_secs(30),
        ..PushPolicy::default()
    });
    bench.start_service().await;
    bench.start_another_service();
    let shop = &bench.emulator;
    for fault in [
        Fault::Inner,
        Fault::Drop,
        Fault::LostReply,
        Fault::TruncatedJson,
    ] {
        shop.fail_next(Endpoint::OrderDetail, fault, 1);
    }

    let mut random = fastrand::Rng::with_seed(seed);
    let mut orders: Vec<OrderSn> = Vec::new();
    for number in 1..=ORDERS {
        orders.push(shop.place(checkout(&mut random)).unwrap());
        for _ in 0..12 {
            let sn = random.choice(&orders).unwrap();
            let _refused = shop.act(sn, &happening(&mut random));
        }
        // Every now and then the services catch up, so that they see orders in mid-life.
        if number % 10 == 0 {
            bench.settled().await;
        }
    }
    shop.drained().await;
    bench.finished().await;
    assert_agrees(&bench).await;

    let stats = shop.stats();
    assert!(stats.pushes.duplicated > 0, "{stats:?}");
    assert_eq!(stats.pushes.lost, 0, "{stats:?}");
    until(
        "every exception of the way to be over",
        async || {
            let open = bench.open_classes().await;
            let of_the_way = ["sdk_transient", "retry_exhausted", "unknown"];
            (!open
                .iter()
                .any(|class| of_the_way.contains(&class.as_str())))
            .then_some(())
        },
        async || format!("{:#?}", bench.open_exceptions().await),
    )
    .await;
    let mut kinds: Vec<_> = shop.orders().iter().map(|order| order.status).collect();
    kinds.sort();
    kinds.dedup();
    assert!(kinds.len() >= 6, "the lives differ: {kinds:?}");
}
