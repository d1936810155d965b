//! Facts of a snapshot beside its status: payment, pickup, cash on delivery, who the buyer is.

use super::support::{CARD, World, at, bare, package, raised, standing, steps};
use crate::exception::ErrorClass;
use crate::order::snapshot::LogisticsStatus;
use crate::order::{Address, Cancellation, Fulfilment, Lifecycle, OrderStatus, Payment};

#[test]
fn an_order_is_paid_when_the_buyer_paid_and_not_when_we_learned_of_it() {
    let mut world = World::new();
    let mut paid = bare(OrderStatus::ReadyToShip, 60);
    paid.paid_at = Some(at(30));
    world.apply(&paid);
    assert_eq!(world.order().payment, Payment::Captured { at: at(30) });
}

#[test]
fn a_status_that_cannot_be_reached_unpaid_stands_in_for_a_missing_payment_time() {
    let mut world = World::new();
    world.apply(&bare(OrderStatus::ReadyToShip, 60));
    assert_eq!(world.order().payment, Payment::Captured { at: at(60) });
    // A payment time that shows later is the better fact.
    let mut paid = bare(OrderStatus::Processed, 90);
    paid.paid_at = Some(at(30));
    world.apply(&paid);
    assert_eq!(world.order().payment, Payment::Captured { at: at(30) });
}

#[test]
fn cash_on_delivery_is_captured_when_the_courier_was_paid_which_may_be_after_the_pickup() {
    let mut world = World::new();
    let mut cod = bare(OrderStatus::Shipped, 60);
    cod.cash_on_delivery = true;
    cod.picked_up_at = Some(at(50));
    world.apply(&cod);
    assert_eq!(world.order().payment, Payment::OnDelivery);
    assert_eq!(
        world.order().fulfilment,
        Fulfilment::Fulfilled { at: at(50) }
    );

    cod.status = OrderStatus::Completed;
    cod.updated_at = at(200);
    cod.paid_at = Some(at(180));
    let plan = world.apply(&cod);
    assert_eq!(plan.order.payment, Payment::Captured { at: at(180) });
    assert!(steps(&plan).contains(&"payment_captured"));
}

#[test]
fn a_payment_that_was_captured_is_not_forgotten_when_a_snapshot_leaves_it_out() {
    let mut world = World::new();
    let mut paid = bare(OrderStatus::ReadyToShip, 60);
    paid.paid_at = Some(at(30));
    world.apply(&paid);
    world.apply(&bare(OrderStatus::Cancelled, 90));
    assert_eq!(world.order().payment, Payment::Captured { at: at(30) });
}

#[test]
fn an_order_that_was_cancelled_after_its_pickup_is_a_task_and_its_stock_stays_gone() {
    let mut world = World::new();
    let mut lost = bare(OrderStatus::Cancelled, 90);
    lost.picked_up_at = Some(at(50));
    let plan = world.apply(&lost);
    let task = (ErrorClass::ActionRequired, "goods-coming-back");
    assert_eq!(raised(&plan), [task]);
    assert_eq!(standing(&plan), [task]);
    assert_eq!(
        steps(&plan),
        ["created", "shipment_created", "fulfilled", "canceled"]
    );
    assert_eq!(world.total(CARD), (8, 0));

    let again = world.apply(&lost);
    assert!(raised(&again).is_empty(), "it is raised once");
    assert_eq!(standing(&again), [task]);
}

#[test]
fn a_parcel_that_the_courier_has_tells_that_the_goods_have_left() {
    for logistics in [
        LogisticsStatus::PickupDone,
        LogisticsStatus::DeliveryDone,
        LogisticsStatus::DeliveryFailed,
        LogisticsStatus::Lost,
    ] {
        let mut world = World::new();
        let mut cancelled = bare(OrderStatus::Cancelled, 90);
        cancelled.packages = vec![package("OFG1", logistics)];
        world.apply(&cancelled);
        assert!(world.order().fulfilment.is_fulfilled());
        assert_eq!(world.total(CARD), (8, 0));
    }
}

#[test]
fn a_cancellation_that_the_marketplace_takes_back_reserves_anew() {
    let mut world = World::new();
    world.apply(&bare(OrderStatus::ReadyToShip, 10));
    world.apply(&bare(OrderStatus::Cancelled, 20));
    assert_eq!(world.total(CARD), (10, 0));
    let plan = world.apply(&bare(OrderStatus::ReadyToShip, 30));
    assert_eq!(steps(&plan), ["reopened"]);
    assert_eq!(plan.order.lifecycle, Lifecycle::Open);
    assert_eq!(world.total(CARD), (10, 2));
}

#[test]
fn a_completion_is_dated_once_and_makes_the_payout_due_with_every_newer_snapshot() {
    let mut world = World::new();
    let completed = bare(OrderStatus::Completed, 100);
    assert!(world.apply(&completed).escrow_due);
    let first = world.order().lifecycle.clone();
    assert!(!world.apply(&completed).escrow_due);
    // A return that finishes after the completion changes what is paid out.
    assert!(world.apply(&bare(OrderStatus::Completed, 200)).escrow_due);
    assert_eq!(world.order().lifecycle, first);
}

#[test]
fn who_cancelled_and_why_is_kept() {
    let mut world = World::new();
    let mut cancelled = bare(OrderStatus::Cancelled, 90);
    let cancellation = Cancellation {
        by: Some("buyer".into()),
        reason: Some("Out of Stock".into()),
        buyer_reason: Some("found it cheaper".into()),
    };
    cancelled.cancellation = Some(cancellation.clone());
    world.apply(&cancelled);
    assert_eq!(world.order().cancellation, Some(cancellation));
}

#[test]
fn a_masked_address_and_name_never_replace_readable_ones() {
    let mut world = World::new();
    world.apply(&bare(OrderStatus::ReadyToShip, 10));
    let readable = world.order().clone();
    let mut masked = bare(OrderStatus::Completed, 20);
    masked.buyer_username = Some("k******r".into());
    masked.address = Some(Address {
        name: Some("T******g".into()),
        ..Address::default()
    });
    let plan = world.apply(&masked);
    assert_eq!(plan.order.address, readable.address);
    assert_eq!(plan.order.customer, readable.customer);
    assert!(!steps(&plan).contains(&"address_changed"));
}

#[test]
fn an_address_that_changes_is_a_step() {
    let mut world = World::new();
    world.apply(&bare(OrderStatus::ReadyToShip, 10));
    let mut moved = bare(OrderStatus::ReadyToShip, 20);
    moved.address = Some(Address {
        name: Some("Lim Wei Jie".into()),
        ..Address::default()
    });
    assert_eq!(steps(&world.apply(&moved)), ["address_changed"]);
}

#[test]
fn what_a_later_snapshot_leaves_out_stays_known() {
    let mut world = World::new();
    let mut full = bare(OrderStatus::ReadyToShip, 10);
    full.total = Some(rust_decimal::Decimal::new(2690, 2));
    full.ship_by = Some(at(86_400));
    world.apply(&full);
    let before = world.order().clone();
    let mut sparse = bare(OrderStatus::Processed, 20);
    sparse.buyer_id = None;
    sparse.buyer_username = None;
    sparse.address = None;
    world.apply(&sparse);
    let after = world.order();
    assert_eq!(after.total, before.total);
    assert_eq!(after.ship_by, before.ship_by);
    assert_eq!(after.customer, before.customer);
    assert_eq!(after.address, before.address);
}
