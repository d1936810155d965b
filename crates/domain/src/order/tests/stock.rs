//! Stock that was promised but is not there.

use super::support::{CARD, CARD_SKU, SAFE, SHELF, World, at, bare, line, raised, standing};
use crate::exception::ErrorClass;
use crate::ids::LedgerEntryId;
use crate::inventory::{LedgerCause, LedgerEntry, Movement};
use crate::order::{Allocation, LineStock, OrderStatus};

fn oversold() -> (ErrorClass, String) {
    (ErrorClass::Oversold, format!("sku:{CARD_SKU}"))
}

fn owned(causes: Vec<(ErrorClass, &str)>) -> Vec<(ErrorClass, String)> {
    causes
        .into_iter()
        .map(|(class, key)| (class, key.to_owned()))
        .collect()
}

fn receive(world: &mut World, pieces: i64) {
    world.stock.book(&LedgerEntry {
        id: LedgerEntryId::of(1),
        variant: CARD,
        location: SAFE,
        movement: Movement::Receive,
        on_hand_delta: pieces,
        reserved_delta: 0,
        cause: LedgerCause::Stated {
            by: "test".into(),
            reason: "delivery".into(),
        },
        at: at(0),
    });
}

#[test]
fn an_oversold_order_stands_and_its_cause_is_raised_once_until_stock_is_there() {
    let mut world = World::with_stock([((CARD, SHELF), 1)]);
    let first = world.apply(&bare(OrderStatus::Unpaid, 10));
    assert_eq!(owned(raised(&first)), [oversold()]);
    assert_eq!(owned(standing(&first)), [oversold()]);
    assert!(first.raised[0].message.contains("needs 1 more"));
    assert_eq!(world.level(CARD, SHELF), (1, 2));

    let second = world.apply(&bare(OrderStatus::ReadyToShip, 20));
    assert_eq!(owned(raised(&second)), []);
    assert_eq!(owned(standing(&second)), [oversold()]);

    receive(&mut world, 1);
    let third = world.apply(&bare(OrderStatus::Processed, 30));
    assert_eq!(owned(standing(&third)), []);
}

#[test]
fn what_is_sent_or_cancelled_is_not_short_any_more() {
    for (status, left) in [
        (OrderStatus::Shipped, (-1, 0)),
        (OrderStatus::Cancelled, (1, 0)),
    ] {
        let mut world = World::with_stock([((CARD, SHELF), 1)]);
        world.apply(&bare(OrderStatus::ReadyToShip, 10));
        let plan = world.apply(&bare(status, 20));
        assert_eq!(owned(standing(&plan)), []);
        assert_eq!(world.total(CARD), left);
    }
}

#[test]
fn an_order_that_is_seen_first_when_it_was_sent_is_short_all_the_same() {
    let mut world = World::with_stock([((CARD, SHELF), 1)]);
    let plan = world.apply(&bare(OrderStatus::Shipped, 10));
    assert_eq!(owned(raised(&plan)), [oversold()]);
    assert_eq!(owned(standing(&plan)), []);
    assert_eq!(world.level(CARD, SHELF), (-1, 0));
}

#[test]
fn a_line_that_was_cancelled_whole_is_short_of_nothing() {
    let mut world = World::with_stock([]);
    let mut snapshot = bare(OrderStatus::ReadyToShip, 10);
    world.apply(&snapshot);
    snapshot.lines[0].cancelled_quantity = 2;
    snapshot.updated_at = at(20);
    // Others have promised more of the card than there is.
    receive(&mut world, -1);
    let plan = world.apply(&snapshot);
    assert_eq!(owned(standing(&plan)), []);
}

#[test]
fn two_lines_of_one_card_share_what_is_there() {
    let mut world = World::with_stock([((CARD, SHELF), 3)]);
    let mut snapshot = bare(OrderStatus::ReadyToShip, 10);
    snapshot.lines.push(line("2", CARD_SKU, 2));
    let plan = world.apply(&snapshot);
    assert_eq!(owned(raised(&plan)), [oversold()]);
    assert_eq!(world.total(CARD), (3, 4));
}

#[test]
fn a_reservation_that_grows_is_one_allocation_for_each_place() {
    let mut world = World::with_stock([((CARD, SHELF), 5)]);
    let mut snapshot = bare(OrderStatus::ReadyToShip, 10);
    snapshot.lines[0].cancelled_quantity = 1;
    world.apply(&snapshot);
    world.apply(&bare(OrderStatus::ReadyToShip, 20));
    let held = vec![Allocation {
        location: SHELF,
        quantity: 2,
    }];
    assert_eq!(world.order().lines[0].stock, LineStock::Reserved(held));
}
