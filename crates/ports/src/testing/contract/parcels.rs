//! Parcels without a tracking number are asked for when they are due.

use hawker_domain::Timestamp;
use hawker_domain::event::Tracking;
use hawker_domain::ids::ShipmentId;
use hawker_domain::order::snapshot::{LogisticsStatus, Package};
use hawker_domain::order::{OrderSnapshot, OrderStatus};

use super::bench::{Bench, PROFILE, key};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::orders::UntrackedParcel;
use crate::testing::examples::{SKU, after_noon, noon, profile_id, snapshot};

const NUMBER: &str = "250101AAA";
const OTHER_NUMBER: &str = "250101BBB";

async fn with_card(fixture: &dyn StoreFixture) -> Result<Bench, StoreError> {
    let bench = Bench::new(fixture).await?;
    bench.add_variant(SKU).await?;
    Ok(bench)
}

fn package(number: &str) -> Package {
    Package {
        number: number.into(),
        logistics: LogisticsStatus::RequestCreated,
        carrier: None,
    }
}

fn told(number: &str) -> Tracking {
    Tracking {
        package_number: number.into(),
        tracking_number: format!("SG{number}"),
        is_pushed: true,
    }
}

async fn untracked(
    bench: &Bench,
    now: Timestamp,
    at_most: u32,
) -> Result<Vec<UntrackedParcel>, StoreError> {
    let mut uow = bench.begin().await?;
    let untracked = uow.orders().untracked(now, at_most).await?;
    // Only its end lets go of them for certain.
    uow.commit().await?;
    Ok(untracked)
}

/// The numbers of the packages that are due.
async fn due(bench: &Bench, now: Timestamp) -> Result<Vec<String>, StoreError> {
    let due = untracked(bench, now, 10).await?;
    Ok(due
        .into_iter()
        .map(|parcel| parcel.package_number)
        .collect())
}

async fn ask_again(
    bench: &Bench,
    parcels: &[(ShipmentId, Option<Timestamp>)],
) -> Result<(), StoreError> {
    let mut uow = bench.begin().await?;
    uow.orders().ask_again(parcels).await?;
    uow.commit().await
}

/// With all that is needed to ask for it; and nothing is due before that.
pub async fn a_parcel_without_a_tracking_number_is_due_at_once(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = with_card(fixture).await?;
    let ready = snapshot(NUMBER, OrderStatus::ReadyToShip);
    bench.refresh(ready, 0).await?;
    assert_eq!(untracked(&bench, noon(), 10).await?, []);
    let processed = OrderSnapshot {
        updated_at: after_noon(10),
        ..snapshot(NUMBER, OrderStatus::Processed)
    };
    let plan = bench.refresh(processed, 10).await?;
    let expected = UntrackedParcel {
        id: plan.order.shipments[0].id,
        order: key(NUMBER),
        profile: profile_id(PROFILE),
        package_number: format!("OFG{NUMBER}"),
        changed_at: after_noon(10),
    };
    assert_eq!(untracked(&bench, noon(), 10).await?, [expected]);
    let theirs = Bench::of_other_tenant(fixture).await?;
    assert_eq!(untracked(&theirs, noon(), 10).await?, []);
    Ok(())
}

/// Whatever else of the order has none; nor is one that the marketplace has not named.
pub async fn a_parcel_with_a_tracking_number_is_never_due(fixture: &dyn StoreFixture) -> Outcome {
    let bench = with_card(fixture).await?;
    let split = OrderSnapshot {
        packages: vec![package("OFG1"), package("OFG2")],
        ..snapshot(NUMBER, OrderStatus::Processed)
    };
    let unnamed = OrderSnapshot {
        packages: Vec::new(),
        ..snapshot(OTHER_NUMBER, OrderStatus::Processed)
    };
    let tracking = [told("OFG2")];
    bench.refresh_tracked(split, 0, &tracking).await?;
    bench.refresh(unnamed, 1).await?;
    assert_eq!(due(&bench, noon()).await?, ["OFG1"]);
    Ok(())
}

/// Also after its order was written again; and one that is never to be asked for again is not.
pub async fn a_parcel_that_was_asked_for_is_due_again_at_its_time(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = with_card(fixture).await?;
    let split = OrderSnapshot {
        packages: vec![package("OFG1"), package("OFG2"), package("OFG3")],
        ..snapshot(NUMBER, OrderStatus::Processed)
    };
    let plan = bench.refresh(split.clone(), 0).await?;
    let ids: Vec<_> = plan
        .order
        .shipments
        .iter()
        .map(|parcel| parcel.id)
        .collect();
    let asked = [
        (ids[0], Some(after_noon(1_800))),
        (ids[1], None),
        (ids[2], Some(after_noon(60))),
    ];
    ask_again(&bench, &asked).await?;
    let shipped = OrderSnapshot {
        status: OrderStatus::Shipped,
        updated_at: after_noon(10),
        ..split
    };
    bench.refresh(shipped, 10).await?;
    assert_eq!(due(&bench, after_noon(59)).await?, Vec::<String>::new());
    assert_eq!(due(&bench, after_noon(60)).await?, ["OFG3"]);
    assert_eq!(due(&bench, after_noon(1_800)).await?, ["OFG3", "OFG1"]);
    let one = untracked(&bench, after_noon(1_800), 1).await?;
    assert_eq!(one.len(), 1, "no more than asked for");
    Ok(())
}

/// A parcel that is gone by then is nobody's.
pub async fn a_time_for_a_parcel_that_is_gone_changes_nothing(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = with_card(fixture).await?;
    ask_again(&bench, &[]).await?;
    ask_again(&bench, &[(ShipmentId::of(77), Some(noon()))]).await?;
    assert_eq!(untracked(&bench, noon(), 10).await?, []);
    Ok(())
}
