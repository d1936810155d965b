//! Snapshots that come late change nothing; the same one again changes nothing either.

use super::support::{CARD, CARD_SKU, World, bare, line, raised, standing, steps, tracking};
use crate::exception::ErrorClass;
use crate::order::{Decision, Fulfilment, OrderStatus};

#[test]
fn a_snapshot_older_than_the_one_applied_changes_nothing() {
    let mut world = World::new();
    world.apply(&bare(OrderStatus::Shipped, 20));
    let before = world.order().clone();
    let decision = world.decide(&bare(OrderStatus::Cancelled, 19));
    assert!(matches!(decision, Decision::Stale), "{decision:?}");
    assert_eq!(*world.order(), before);
    assert_eq!(world.total(CARD), (8, 0));
}

#[test]
fn a_stale_snapshot_needs_no_mapping_either() {
    let mut world = World::new();
    world.apply(&bare(OrderStatus::Shipped, 20));
    let mut stale = bare(OrderStatus::ReadyToShip, 10);
    stale.lines.push(line("2", "MISSING", 1));
    assert!(matches!(world.decide(&stale), Decision::Stale));
}

#[test]
fn a_tracking_number_is_kept_beside_a_stale_snapshot() {
    let mut world = World::new();
    world.apply(&bare(OrderStatus::Shipped, 20));
    world.tracking = vec![tracking("", "SG1")];
    let plan = world.apply(&bare(OrderStatus::ReadyToShip, 10));
    assert_eq!(steps(&plan), ["shipment_updated"]);
    assert!(plan.is_change && plan.ledger.is_empty() && !plan.escrow_due);
    assert_eq!(plan.order.marketplace_status, OrderStatus::Shipped);
    let number = plan.order.shipments[0].tracking_number.as_deref();
    assert_eq!(number, Some("SG1"));
    // Told once more, there is nothing to keep.
    world.tracking = vec![tracking("", "SG1")];
    let again = world.decide(&bare(OrderStatus::ReadyToShip, 10));
    assert!(matches!(again, Decision::Stale), "{again:?}");
}

#[test]
fn a_tracking_number_beside_a_stale_snapshot_proves_a_shipment_like_any_other() {
    let mut world = World::new();
    let ready = bare(OrderStatus::ReadyToShip, 20);
    world.apply(&ready);
    world.tracking = vec![tracking("OFG1", "SG1")];
    let plan = world.apply(&bare(OrderStatus::Unpaid, 10));
    assert_eq!(plan.order.fulfilment, Fulfilment::ShipmentCreated);
    assert_eq!(steps(&plan), ["shipment_created"]);
    assert!(!world.apply(&ready).is_change);
}

#[test]
fn what_stands_open_stays_open_beside_a_stale_snapshot() {
    let mut world = World::with_stock([]);
    let plan = world.apply(&bare(OrderStatus::InCancel, 20));
    let open = standing(&plan);
    let oversold = format!("sku:{CARD_SKU}");
    assert_eq!(
        open,
        [
            (ErrorClass::ActionRequired, "cancellation-request"),
            (ErrorClass::Oversold, &oversold)
        ]
    );
    world.tracking = vec![tracking("OFG1", "SG1")];
    let stale = world.apply(&bare(OrderStatus::ReadyToShip, 10));
    assert_eq!(standing(&stale), open);
    assert!(raised(&stale).is_empty());
}

#[test]
fn a_different_snapshot_of_the_same_second_is_applied() {
    let mut world = World::new();
    world.apply(&bare(OrderStatus::ReadyToShip, 10));
    let plan = world.apply(&bare(OrderStatus::Processed, 10));
    assert!(plan.is_change);
    assert_eq!(plan.order.marketplace_status, OrderStatus::Processed);
}
