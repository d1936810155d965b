//! Whatever arrives, in whatever order, as often as it likes: the order ends where the marketplace's
//! last word says, and stock adds up all the way.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;

use super::life::life;
use super::support::{CARD, SAFE, SHELF, SLAB, World, at, tracking};
use crate::ids::{CustomerId, OrderId, OrderLineId, ShipmentId};
use crate::inventory::LedgerCause;
use crate::order::{
    Allocation, Customer, Lifecycle, LineStock, Order, OrderLine, OrderSnapshot, OrderStatus,
    Shipment,
};

/// The order without what depends on the road that led to it: ids, when we learned of its end, and
/// at which place its pieces are held. A line that holds nothing may have been reserved before.
fn told_by_the_marketplace(order: &Order) -> Order {
    let lifecycle = match order.lifecycle {
        Lifecycle::Completed { .. } => Lifecycle::Completed { at: at(0) },
        Lifecycle::Cancelled { .. } => Lifecycle::Cancelled { at: at(0) },
        Lifecycle::Pending => Lifecycle::Pending,
        Lifecycle::Open => Lifecycle::Open,
    };
    let pieces = |held: &[Allocation]| {
        let quantity = held.iter().map(|allocation| allocation.quantity).sum();
        vec![Allocation {
            location: SHELF,
            quantity,
        }]
    };
    let line = |line: &OrderLine| OrderLine {
        id: OrderLineId::of(0),
        stock: match &line.stock {
            LineStock::Untouched | LineStock::Released => LineStock::Untouched,
            LineStock::Reserved(held) => LineStock::Reserved(pieces(held)),
            LineStock::Deducted(taken) => LineStock::Deducted(pieces(taken)),
        },
        ..line.clone()
    };
    let shipment = |shipment: &Shipment| Shipment {
        id: ShipmentId::of(0),
        ..shipment.clone()
    };
    Order {
        id: OrderId::of(0),
        customer: order.customer.clone().map(|customer| Customer {
            id: CustomerId::of(0),
            ..customer
        }),
        lifecycle,
        lines: order.lines.iter().map(line).collect(),
        shipments: order.shipments.iter().map(shipment).collect(),
        ..order.clone()
    }
}

/// For each line and place, the ledger of the order is what the line holds there.
fn assert_that_stock_adds_up(world: &World) {
    let mut booked = BTreeMap::new();
    for entry in &world.ledger {
        let LedgerCause::OrderLine { line, .. } = entry.cause else {
            panic!("an order's movements are for its lines");
        };
        let (on_hand, reserved) = booked.entry((line, entry.location)).or_insert((0, 0));
        *on_hand += entry.on_hand_delta;
        *reserved += entry.reserved_delta;
    }
    booked.retain(|_, sums| *sums != (0, 0));
    let mut held = BTreeMap::new();
    for line in world.order.iter().flat_map(|order| &order.lines) {
        for allocation in line.stock.allocations() {
            assert!(allocation.quantity > 0, "an empty allocation");
            let pieces = i64::from(allocation.quantity);
            let sums = match line.stock {
                LineStock::Deducted(_) => (-pieces, 0),
                _ => (0, pieces),
            };
            let twice = held.insert((line.id, allocation.location), sums);
            assert_eq!(twice, None, "two allocations at one place");
        }
    }
    assert_eq!(booked, held);
    for variant in [CARD, SLAB] {
        for place in [SHELF, SAFE] {
            assert!(world.level(variant, place).1 >= 0, "reserved is negative");
        }
    }
}

/// What arrives: any of the snapshots, the last one among them.
fn deliveries(
    life: Vec<OrderSnapshot>,
) -> impl Strategy<Value = (Vec<OrderSnapshot>, OrderSnapshot)> {
    let last = life[life.len() - 1].clone();
    let any_of_them = prop::collection::vec(any::<Index>(), 0..16);
    (any_of_them, any::<Index>()).prop_map(move |(indices, place)| {
        let mut arriving: Vec<_> = indices
            .iter()
            .map(|index| index.get(&life).clone())
            .collect();
        arriving.insert(place.index(arriving.len() + 1), last.clone());
        (arriving, last.clone())
    })
}

fn on_hand() -> impl Strategy<Value = [i64; 4]> {
    [0..6_i64, 0..6_i64, 0..6_i64, 0..6_i64]
}

fn world([a, b, c, d]: [i64; 4]) -> World {
    World::with_stock([
        ((CARD, SHELF), a),
        ((CARD, SAFE), b),
        ((SLAB, SHELF), c),
        ((SLAB, SAFE), d),
    ])
}

proptest! {
    #[test]
    fn any_arrival_of_a_life_ends_where_its_last_snapshot_alone_does(
        (arriving, last) in life().prop_flat_map(deliveries),
        on_hand in on_hand(),
    ) {
        let mut expected = world(on_hand);
        expected.apply(&last);

        let mut world = world(on_hand);
        for snapshot in &arriving {
            world.decide(snapshot);
            assert_that_stock_adds_up(&world);
        }
        prop_assert_eq!(
            told_by_the_marketplace(world.order()),
            told_by_the_marketplace(expected.order())
        );
        for variant in [CARD, SLAB] {
            prop_assert_eq!(world.total(variant), expected.total(variant));
        }
    }

    #[test]
    fn the_last_snapshot_again_is_no_change_whatever_tracking_numbers_came_before(
        (arriving, last) in life().prop_flat_map(deliveries),
        on_hand in on_hand(),
        packages in prop::collection::vec(
            prop::option::of(prop::sample::select(&["", "OFG1", "OFG2", "OFG9"][..])),
            17,
        ),
        shows_packages in any::<bool>(),
    ) {
        let as_shown = |snapshot: &OrderSnapshot| {
            let mut snapshot = snapshot.clone();
            snapshot.packages.retain(|_| shows_packages);
            snapshot
        };
        let last = as_shown(&last);
        let mut world = world(on_hand);
        for (snapshot, package) in arriving.iter().zip(packages) {
            world.tracking.extend(package.map(|number| tracking(number, "SG0123")));
            world.decide(&as_shown(snapshot));
        }
        let again = world.apply(&last);
        prop_assert!(!again.is_change && !again.is_new && !again.escrow_due);
        prop_assert!(again.steps.is_empty() && again.ledger.is_empty());
        prop_assert!(again.raised.is_empty());
    }

    #[test]
    fn what_is_raised_stands_until_a_snapshot_ends_it(
        life in life(),
        on_hand in on_hand(),
    ) {
        let mut world = world(on_hand);
        let mut open = Vec::new();
        for snapshot in &life {
            let plan = world.apply(snapshot);
            let is_sent = plan.order.fulfilment.is_fulfilled();
            let standing = plan.standing.into_iter();
            let standing: Vec<_> = standing.map(|cause| (cause.class, cause.key)).collect();
            for cause in plan.raised {
                let cause = (cause.class, cause.key);
                prop_assert!(!open.contains(&cause), "{:?} is raised twice", cause);
                // A first sight of what was sent already is told once and then over.
                prop_assert!(standing.contains(&cause) || is_sent);
                open.push(cause);
            }
            open.retain(|cause| standing.contains(cause));
        }
    }

    #[test]
    fn a_tracking_number_ends_on_its_parcel_whenever_it_comes(
        (arriving, last) in life()
            .prop_filter("the order was sent", |life| {
                life.last().is_some_and(|last| last.picked_up_at.is_some())
            })
            .prop_flat_map(deliveries),
        comes_with in any::<Index>(),
    ) {
        let mut world = world([5; 4]);
        let comes_with = comes_with.index(arriving.len());
        for (index, snapshot) in arriving.iter().enumerate() {
            if index == comes_with {
                world.tracking = vec![tracking("OFG1", "SG0123")];
            }
            world.decide(snapshot);
        }
        let mut shipments = world.order().shipments.iter();
        let parcel = shipments.find(|parcel| parcel.package_number == "OFG1");
        let number = parcel.and_then(|parcel| parcel.tracking_number.as_deref());
        prop_assert_eq!(number, Some("SG0123"));
        prop_assert_eq!(world.order().shipments.len(), last.packages.len());
    }
}

#[test]
fn every_modelled_status_occurs_in_some_life() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = std::collections::BTreeSet::new();
    let strategy = life();
    for _ in 0..500 {
        let tree = strategy.new_tree(&mut runner).unwrap();
        let life = proptest::strategy::ValueTree::current(&tree);
        seen.extend(life.into_iter().map(|snapshot| snapshot.status));
    }
    assert_eq!(seen, OrderStatus::MODELLED.into_iter().collect());
}
