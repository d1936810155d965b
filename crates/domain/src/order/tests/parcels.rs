//! Parcels and tracking numbers, which come by two roads and in any order.

use super::support::{World, asked, at, bare, package, steps, tracking};
use crate::order::snapshot::{LogisticsStatus as L, Package};
use crate::order::{Fulfilment, OrderSnapshot, OrderStatus, Shipment, ShipmentState};

fn with_packages(status: OrderStatus, seconds: i64, packages: Vec<Package>) -> OrderSnapshot {
    OrderSnapshot {
        packages,
        ..bare(status, seconds)
    }
}

/// Number, state and tracking number of each parcel.
fn parcels(world: &World) -> Vec<(&str, ShipmentState, Option<&str>)> {
    let parcels = world.order().shipments.iter();
    parcels
        .map(|parcel| {
            let Shipment {
                package_number,
                state,
                tracking_number,
                ..
            } = parcel;
            (package_number.as_str(), *state, tracking_number.as_deref())
        })
        .collect()
}

#[test]
fn a_package_becomes_a_parcel_when_a_courier_was_asked_for() {
    let mut world = World::new();
    let ready = vec![package("OFG1", L::Ready)];
    world.apply(&with_packages(OrderStatus::ReadyToShip, 10, ready.clone()));
    assert_eq!(parcels(&world), []);
    world.apply(&with_packages(OrderStatus::Processed, 20, ready));
    assert_eq!(parcels(&world), [("OFG1", ShipmentState::Arranged, None)]);
    assert_eq!(world.order().fulfilment, Fulfilment::ShipmentCreated);
    assert_eq!(
        world.order().shipments[0].carrier.as_deref(),
        Some("Ninja Van")
    );
}

#[test]
fn every_logistics_status_says_where_the_parcel_is() {
    // Of an order that is arranged; `None` where there is no parcel.
    let expected = |logistics: &L| match logistics {
        L::NotStart | L::PendingArrange | L::Ready | L::RequestCreated | L::PickupRetry => {
            Some(ShipmentState::Arranged)
        }
        L::PickupFailed => Some(ShipmentState::PickupFailed),
        L::PickupDone => Some(ShipmentState::InTransit),
        L::DeliveryDone => Some(ShipmentState::Delivered),
        L::DeliveryFailed => Some(ShipmentState::DeliveryFailed),
        L::Lost => Some(ShipmentState::Lost),
        L::RequestCanceled => Some(ShipmentState::Cancelled),
        L::Invalid | L::CodRejected => None,
        L::Other(_) => Some(ShipmentState::Arranged),
    };
    let unknown = [L::Other("LOGISTICS_NEW".into()), L::Other(String::new())];
    for logistics in L::MODELLED.into_iter().chain(unknown) {
        let mut world = World::new();
        let packages = vec![
            package("OFG1", logistics.clone()),
            package("OFG2", L::RequestCreated),
        ];
        world.apply(&with_packages(OrderStatus::Processed, 10, packages));
        let first = parcels(&world)[0];
        let state = (first.0 == "OFG1").then_some(first.1);
        assert_eq!(state, expected(&logistics), "{logistics:?}");
    }
}

#[test]
fn an_arranged_order_without_a_package_has_a_parcel_without_a_number_until_it_gets_one() {
    let mut world = World::new();
    world.apply(&bare(OrderStatus::Processed, 10));
    assert_eq!(parcels(&world), [("", ShipmentState::Arranged, None)]);
    let unnamed = world.order().shipments[0].id;
    let packages = vec![package("OFG1", L::RequestCreated)];
    let plan = world.apply(&with_packages(OrderStatus::Processed, 20, packages));
    assert_eq!(steps(&plan), ["shipment_updated"]);
    assert_eq!(parcels(&world), [("OFG1", ShipmentState::Arranged, None)]);
    assert_eq!(world.order().shipments[0].id, unnamed);
}

#[test]
fn a_tracking_number_is_kept_on_the_package_that_it_names() {
    let mut world = World::new();
    let packages = vec![
        package("OFG1", L::RequestCreated),
        package("OFG2", L::RequestCreated),
    ];
    let processed = with_packages(OrderStatus::Processed, 10, packages);
    world.apply(&processed);
    world.tracking = vec![tracking("OFG2", "SG2"), tracking("OFG1", "SG1")];
    world.apply(&processed);
    let mut shipped = processed.clone();
    shipped.status = OrderStatus::Shipped;
    shipped.updated_at = at(20);
    shipped.packages[0].logistics = L::PickupDone;
    shipped.packages[1].logistics = L::PickupDone;
    world.apply(&shipped);
    assert_eq!(
        parcels(&world),
        [
            ("OFG1", ShipmentState::InTransit, Some("SG1")),
            ("OFG2", ShipmentState::InTransit, Some("SG2"))
        ]
    );
}

#[test]
fn a_tracking_number_that_comes_before_its_package_is_proof_that_the_parcel_exists() {
    let mut world = World::new();
    world.tracking = vec![tracking("OFG1", "SG1")];
    let plan = world.apply(&bare(OrderStatus::ReadyToShip, 10));
    assert_eq!(
        parcels(&world),
        [("OFG1", ShipmentState::Arranged, Some("SG1"))]
    );
    assert!(steps(&plan).contains(&"created"));
    let packages = vec![package("OFG1", L::PickupDone)];
    world.apply(&with_packages(OrderStatus::Shipped, 20, packages));
    assert_eq!(
        parcels(&world),
        [("OFG1", ShipmentState::InTransit, Some("SG1"))]
    );
}

#[test]
fn a_tracking_number_without_a_package_number_means_the_only_parcel() {
    let mut world = World::new();
    let packages = vec![package("OFG1", L::RequestCreated)];
    let processed = with_packages(OrderStatus::Processed, 10, packages);
    world.apply(&processed);
    world.tracking = vec![tracking("", "SG1")];
    world.apply(&processed);
    assert_eq!(
        parcels(&world),
        [("OFG1", ShipmentState::Arranged, Some("SG1"))]
    );
}

#[test]
fn a_tracking_number_without_a_package_number_goes_to_the_first_package_that_shows() {
    let mut world = World::new();
    world.tracking = vec![tracking("", "SG1")];
    world.apply(&bare(OrderStatus::ReadyToShip, 10));
    assert_eq!(
        parcels(&world),
        [("", ShipmentState::Arranged, Some("SG1"))]
    );
    let packages = vec![
        package("OFG1", L::RequestCreated),
        package("OFG2", L::RequestCreated),
    ];
    world.apply(&with_packages(OrderStatus::Processed, 20, packages));
    assert_eq!(
        parcels(&world),
        [
            ("OFG1", ShipmentState::Arranged, Some("SG1")),
            ("OFG2", ShipmentState::Arranged, None)
        ]
    );
}

#[test]
fn a_tracking_number_that_could_mean_any_of_several_parcels_is_not_lost() {
    let mut world = World::new();
    let packages = vec![
        package("OFG1", L::RequestCreated),
        package("OFG2", L::RequestCreated),
    ];
    let processed = with_packages(OrderStatus::Processed, 10, packages);
    world.apply(&processed);
    world.tracking = vec![tracking("", "SG1")];
    world.apply(&processed);
    world.apply(&OrderSnapshot {
        updated_at: at(20),
        ..processed
    });
    let unnamed = ("", ShipmentState::Arranged, Some("SG1"));
    assert_eq!(parcels(&world)[2..], [unnamed]);
}

#[test]
fn a_parcel_with_a_tracking_number_follows_an_order_that_shows_no_packages() {
    let mut world = World::new();
    world.tracking = vec![tracking("OFG1", "SG1")];
    world.apply(&bare(OrderStatus::Processed, 10));
    assert_eq!(
        parcels(&world),
        [("OFG1", ShipmentState::Arranged, Some("SG1"))]
    );
    for (seconds, status, state) in [
        (20, OrderStatus::RetryShip, ShipmentState::PickupFailed),
        (30, OrderStatus::Shipped, ShipmentState::InTransit),
        (40, OrderStatus::Completed, ShipmentState::Delivered),
    ] {
        world.apply(&bare(status, seconds));
        assert_eq!(parcels(&world), [("OFG1", state, Some("SG1"))]);
    }
}

#[test]
fn a_cancellation_cancels_the_parcel_that_has_not_left() {
    let mut world = World::new();
    world.tracking = vec![tracking("OFG1", "SG1")];
    world.apply(&bare(OrderStatus::Processed, 10));
    let packages = vec![package("OFG1", L::Invalid)];
    world.apply(&with_packages(OrderStatus::Cancelled, 20, packages));
    assert_eq!(
        parcels(&world),
        [("OFG1", ShipmentState::Cancelled, Some("SG1"))]
    );
    assert_eq!(world.order().fulfilment, Fulfilment::Unfulfilled);
}

#[test]
fn a_tracking_number_of_a_cancelled_order_makes_no_shipment() {
    let mut world = World::new();
    let cancelled = bare(OrderStatus::Cancelled, 10);
    world.apply(&cancelled);
    world.tracking = vec![tracking("OFG1", "SG1")];
    world.apply(&cancelled);
    assert_eq!(
        parcels(&world),
        [("OFG1", ShipmentState::Cancelled, Some("SG1"))]
    );
    assert_eq!(world.order().fulfilment, Fulfilment::Unfulfilled);
}

#[test]
fn a_package_that_is_shown_twice_is_one_parcel() {
    let mut world = World::new();
    let packages = ["", "OFG1", "OFG1", ""].map(|number| package(number, L::RequestCreated));
    let processed = with_packages(OrderStatus::Processed, 10, packages.into());
    world.apply(&processed);
    assert_eq!(parcels(&world).len(), 2);
    assert!(!world.apply(&processed).is_change);
}

#[test]
fn a_status_that_is_not_modelled_takes_no_parcel_away() {
    let mut world = World::new();
    let packages = vec![package("OFG1", L::RequestCreated)];
    world.apply(&with_packages(OrderStatus::Processed, 10, packages));
    let unknown = OrderStatus::from_text("INVOICE_PENDING");
    let packages = vec![package("OFG1", L::Ready)];
    world.apply(&with_packages(unknown.clone(), 20, packages));
    assert_eq!(parcels(&world), [("OFG1", ShipmentState::Arranged, None)]);
    world.apply(&bare(unknown, 30));
    assert_eq!(parcels(&world), [("OFG1", ShipmentState::Arranged, None)]);
}

#[test]
fn a_number_that_we_asked_for_fills_a_gap_and_replaces_none() {
    let mut world = World::new();
    let packages = vec![
        package("OFG1", L::RequestCreated),
        package("OFG2", L::RequestCreated),
    ];
    let processed = with_packages(OrderStatus::Processed, 10, packages);
    world.apply(&processed);
    world.tracking = vec![
        tracking("OFG1", "SG1"),
        asked("OFG1", "OLD"),
        asked("OFG2", "SG2"),
    ];
    world.apply(&processed);
    let arranged = ShipmentState::Arranged;
    let kept = [
        ("OFG1", arranged, Some("SG1")),
        ("OFG2", arranged, Some("SG2")),
    ];
    assert_eq!(parcels(&world), kept);
    world.tracking = vec![asked("OFG1", "OLD"), tracking("OFG2", "SG3")];
    world.apply(&processed);
    let kept = [
        ("OFG1", arranged, Some("SG1")),
        ("OFG2", arranged, Some("SG3")),
    ];
    assert_eq!(parcels(&world), kept);
}

#[test]
fn a_number_that_we_asked_for_makes_no_parcel() {
    let mut world = World::new();
    let packages = vec![package("OFG1", L::RequestCreated)];
    let processed = with_packages(OrderStatus::Processed, 10, packages);
    world.apply(&processed);
    world.tracking = vec![asked("OFG9", "SG9")];
    world.apply(&processed);
    assert_eq!(parcels(&world), [("OFG1", ShipmentState::Arranged, None)]);
}
