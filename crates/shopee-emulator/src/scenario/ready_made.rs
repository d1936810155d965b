//! The scenarios that everybody needs.

use std::time::Duration;

use rust_decimal::Decimal;

use super::{Deed, Script};
use crate::chaos::PushChaos;
use crate::demo::CATALOGUE;
use crate::world::{LivePushStatus, NewLine, NewOrder, PackedLine, Parcels, ReturnOutcome, Verb};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Some pushes reach the lost queue, the others reach nobody; for six hours, in which an order is
/// placed, paid and shipped.
pub(super) fn silence(script: Script) -> Script {
    let silence = PushChaos {
        lose: 0.5,
        vanish: 1.0,
        ..PushChaos::default()
    };
    let order = order(&mut dice(&script));
    script
        .at(Duration::ZERO, Deed::Pushes(Some(silence)))
        .at(HOUR, order)
        .at(HOUR * 2, act(Verb::Pay))
        .at(HOUR * 3, act(Verb::Arrange(Parcels::All)))
        .at(HOUR * 5, act(Verb::PickUp(Parcels::All)))
        .at(HOUR * 6, Deed::Pushes(None))
        .at(DAY, act(Verb::Deliver(Parcels::All)))
        .at(DAY * 2, act(Verb::Complete))
}

/// The platform warns, then stops the pushes until somebody has them switched on again. What
/// happens in between is told by nobody.
pub(super) fn suspension(script: Script) -> Script {
    let order = order(&mut dice(&script));
    script
        .at(Duration::ZERO, order)
        .at(Duration::from_mins(10), Deed::Rate(LivePushStatus::Warning))
        .at(Duration::from_mins(20), act(Verb::Pay))
        .at(HOUR, Deed::Rate(LivePushStatus::Suspended))
        .at(HOUR * 2, act(Verb::Arrange(Parcels::All)))
        .at(HOUR * 5, act(Verb::PickUp(Parcels::All)))
        .at(HOUR * 6, Deed::Rate(LivePushStatus::Normal))
        .at(DAY, act(Verb::Deliver(Parcels::All)))
        .at(DAY * 2, act(Verb::Complete))
}

/// A whole life within minutes, told in an order that has nothing to do with it, and most of it
/// twice.
pub(super) fn shuffled_life(script: Script) -> Script {
    let mut random = dice(&script);
    let mut script = script.at(
        Duration::ZERO,
        Deed::Pushes(Some(PushChaos {
            duplicate: 0.6,
            shuffle: 1.0,
            shuffle_window: HOUR,
            ..PushChaos::default()
        })),
    );
    let order = order(&mut random);
    let mut time = Duration::from_secs(1);
    script = script.at(time, order);
    for verb in [
        Verb::Pay,
        Verb::Arrange(Parcels::All),
        Verb::FailPickup(Parcels::All),
        Verb::Arrange(Parcels::All),
        Verb::PickUp(Parcels::All),
        Verb::Deliver(Parcels::All),
        Verb::Complete,
    ] {
        time += Duration::from_secs(random.u64(1..=180));
        script = script.at(time, act(verb));
    }
    script.at(HOUR, Deed::Pushes(None))
}

/// The money is paid out, and weeks later part of it is taken back.
pub(super) fn late_adjustment(script: Script) -> Script {
    let mut random = dice(&script);
    let taken = Decimal::from(random.i64(1..=5));
    let order = order(&mut random);
    completed(script, order)
        .at(DAY * 5, Deed::ReleaseEscrow(0))
        .at(
            DAY * 26,
            Deed::AdjustEscrow {
                order: 0,
                amount: -taken,
                reason: "Shipping fee adjustment".to_owned(),
            },
        )
}

/// The buyer returns one unit after completion and payout, and the order completes again.
pub(super) fn late_return(script: Script) -> Script {
    let order = order(&mut dice(&script));
    let unit = PackedLine {
        line: 0,
        quantity: 1,
    };
    completed(script, order)
        .at(DAY * 5, Deed::ReleaseEscrow(0))
        .at(
            DAY * 6,
            act(Verb::OpenReturn {
                units: vec![unit],
                reason: "Item is damaged".to_owned(),
            }),
        )
        .at(DAY * 10, act(Verb::CloseReturn(ReturnOutcome::Refunded)))
}

fn completed(script: Script, order: Deed) -> Script {
    script
        .at(Duration::ZERO, order)
        .at(Duration::from_mins(1), act(Verb::Pay))
        .at(HOUR, act(Verb::Arrange(Parcels::All)))
        .at(HOUR * 5, act(Verb::PickUp(Parcels::All)))
        .at(DAY, act(Verb::Deliver(Parcels::All)))
        .at(DAY * 2, act(Verb::Complete))
}

fn dice(script: &Script) -> fastrand::Rng {
    fastrand::Rng::with_seed(script.seed)
}

const fn act(verb: Verb) -> Deed {
    Deed::Act { order: 0, verb }
}

/// Two or three of a card of the demo's catalogue, at a price that every currency can say.
fn order(random: &mut fastrand::Rng) -> Deed {
    let cards: Vec<_> = CATALOGUE.iter().filter(|card| !card.graded).collect();
    let card = cards[random.usize(..cards.len())];
    let price = Decimal::from(card.cents / 100 + 20);
    let line = NewLine::new(card.sku, price).titled(card.title);
    let order = NewOrder::of([line.times(random.u32(2..=3))]);
    Deed::Place(Box::new(order.with_shipping_fee(Decimal::TWO)))
}
