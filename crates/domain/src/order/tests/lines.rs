//! The lines of an order: quantities that shrink, lines that vanish or join, bundles.

use rust_decimal::Decimal;

use super::support::{CARD, CARD_SKU, SAFE, SHELF, SLAB, SLAB_SKU, World, bare, line, steps};
use crate::inventory::Movement;
use crate::order::snapshot::{LineKey, ListingRef};
use crate::order::{Allocation, LineStock, OrderStatus, PriceBasis};

fn allocation(location: crate::ids::LocationId, quantity: u32) -> Allocation {
    Allocation { location, quantity }
}

#[test]
fn a_partial_cancellation_shrinks_the_reservation() {
    let mut world = World::new();
    let mut snapshot = bare(OrderStatus::ReadyToShip, 10);
    snapshot.lines[0].quantity = 5;
    world.apply(&snapshot);
    snapshot.lines[0].cancelled_quantity = 2;
    snapshot.updated_at = super::support::at(20);
    let plan = world.apply(&snapshot);
    assert_eq!(steps(&plan), ["lines_changed"]);
    assert_eq!(world.total(CARD), (10, 3));
    snapshot.status = OrderStatus::Shipped;
    snapshot.updated_at = super::support::at(30);
    world.apply(&snapshot);
    assert_eq!(world.total(CARD), (7, 0));
}

#[test]
fn a_partial_cancellation_lets_go_of_the_places_that_were_used_last() {
    let mut world = World::with_stock([((CARD, SHELF), 2), ((CARD, SAFE), 2)]);
    let mut snapshot = bare(OrderStatus::ReadyToShip, 10);
    snapshot.lines[0].quantity = 4;
    world.apply(&snapshot);
    snapshot.lines[0].cancelled_quantity = 3;
    snapshot.updated_at = super::support::at(20);
    world.apply(&snapshot);
    let held = vec![allocation(SHELF, 1)];
    assert_eq!(world.order().lines[0].stock, LineStock::Reserved(held));
    assert_eq!(world.level(CARD, SHELF), (2, 1));
    assert_eq!(world.level(CARD, SAFE), (2, 0));
}

#[test]
fn a_partial_cancellation_that_is_taken_back_reserves_the_rest_again() {
    let mut world = World::new();
    let mut snapshot = bare(OrderStatus::InCancel, 10);
    snapshot.lines[0].cancelled_quantity = 1;
    world.apply(&snapshot);
    assert_eq!(world.total(CARD), (10, 1));
    world.apply(&bare(OrderStatus::ReadyToShip, 20));
    assert_eq!(world.total(CARD), (10, 2));
    let held = vec![allocation(SHELF, 2)];
    assert_eq!(world.order().lines[0].stock, LineStock::Reserved(held));
}

#[test]
fn a_line_that_is_no_longer_shown_was_cancelled_whole() {
    let mut world = World::new();
    let mut snapshot = bare(OrderStatus::ReadyToShip, 10);
    snapshot.lines.push(line("2", SLAB_SKU, 1));
    world.apply(&snapshot);
    let plan = world.apply(&bare(OrderStatus::ReadyToShip, 20));
    assert_eq!(steps(&plan), ["lines_changed"]);
    let gone = &plan.order.lines[1];
    assert_eq!((gone.quantity, gone.cancelled_quantity), (1, 1));
    assert_eq!((world.total(CARD), world.total(SLAB)), ((10, 2), (10, 0)));
    // It does not leave with the others.
    world.apply(&bare(OrderStatus::Shipped, 30));
    assert_eq!((world.total(CARD), world.total(SLAB)), ((8, 0), (10, 0)));
}

#[test]
fn a_line_that_joins_an_order_is_reserved_or_sent_with_it() {
    for (status, card, slab) in [
        (OrderStatus::Processed, (10, 2), (10, 1)),
        (OrderStatus::Shipped, (8, 0), (9, 0)),
    ] {
        let mut world = World::new();
        world.apply(&bare(status.clone(), 10));
        let mut joined = bare(status, 20);
        joined.lines.push(line("2", SLAB_SKU, 1));
        world.apply(&joined);
        assert_eq!((world.total(CARD), world.total(SLAB)), (card, slab));
    }
}

#[test]
fn lines_keep_their_ids_whatever_their_order() {
    let mut world = World::new();
    let mut snapshot = bare(OrderStatus::ReadyToShip, 10);
    snapshot.lines.push(line("2", SLAB_SKU, 1));
    world.apply(&snapshot);
    let before: Vec<_> = world.order().lines.iter().map(|line| line.id).collect();
    snapshot.lines.reverse();
    snapshot.updated_at = super::support::at(20);
    let plan = world.apply(&snapshot);
    let after: Vec<_> = plan.order.lines.iter().map(|line| line.id).collect();
    assert_eq!(after, [before[1], before[0]]);
    assert!(plan.ledger.is_empty());
}

#[test]
fn lines_of_a_bundle_are_told_apart_and_say_that_their_price_is_an_estimate() {
    let mut world = World::new();
    let mut snapshot = bare(OrderStatus::ReadyToShip, 10);
    let listing = ListingRef {
        item_id: 1,
        model_id: 1,
    };
    snapshot.lines = ["1:1:bundle", "1:1:alone"]
        .map(|key| {
            let mut line = line("1", CARD_SKU, 1);
            line.key = LineKey(key.into());
            line.listing = listing;
            line
        })
        .into();
    snapshot.lines[0].unit_price = Decimal::new(149, 1);
    snapshot.lines[0].price_basis = PriceBasis::BundleEstimate;
    let plan = world.apply(&snapshot);
    assert_eq!(world.total(CARD), (10, 2));
    let bases: Vec<_> = plan.order.lines.iter().map(|l| l.price_basis).collect();
    assert_eq!(bases, [PriceBasis::BundleEstimate, PriceBasis::Discounted]);
    assert_eq!(plan.listings.len(), 1, "a listing is sighted once");
}

#[test]
fn more_cancelled_than_ordered_is_all_cancelled() {
    let mut world = World::new();
    let mut snapshot = bare(OrderStatus::ReadyToShip, 10);
    snapshot.lines[0].cancelled_quantity = 5;
    let plan = world.apply(&snapshot);
    assert_eq!(plan.order.lines[0].cancelled_quantity, 2);
    assert_eq!(world.total(CARD), (10, 0));
}

#[test]
fn every_movement_names_the_line_that_it_was_for() {
    let mut world = World::new();
    world.apply(&bare(OrderStatus::ReadyToShip, 10));
    world.apply(&bare(OrderStatus::Shipped, 20));
    let order = world.order();
    let cause = crate::inventory::LedgerCause::OrderLine {
        order: order.id,
        line: order.lines[0].id,
    };
    let movements: Vec<_> = world.ledger.iter().map(|entry| entry.movement).collect();
    assert_eq!(movements, [Movement::Reserve, Movement::Deduct]);
    assert!(world.ledger.iter().all(|entry| entry.cause == cause));
}
