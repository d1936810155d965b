//! The parcels of an order mirror the marketplace's packages from the moment that a courier was
//! asked for. The tracking number comes by another road (push code 4, or a question about the
//! parcel) and stays.

use super::snapshot::{LogisticsStatus, Package};
use super::{Order, OrderSnapshot, OrderStatus, Shipment, ShipmentState};
use crate::IdSource;
use crate::event::Tracking;
use crate::ids::ShipmentId;

/// The parcels after `snapshot`. An order that is arranged or further but shows no package gets one
/// without a number, which its first real package then takes over.
pub(super) fn merge(
    existing: Option<&Order>,
    snapshot: &OrderSnapshot,
    tracking: &[Tracking],
    ids: &dyn IdSource,
) -> Vec<Shipment> {
    let mut before: Vec<&Shipment> = existing.iter().flat_map(|order| &order.shipments).collect();
    let implied = snapshot.status.implied();
    let is_arranged = implied.is_some_and(|implied| implied.shipment_arranged);
    let mut parcels: Vec<Shipment> = Vec::new();
    for package in &snapshot.packages {
        let is_repeated = parcels
            .iter()
            .any(|parcel| parcel.package_number == package.number);
        if is_repeated {
            continue;
        }
        let numbered = |number: &str| {
            let mut parcels = before.iter();
            parcels.position(|parcel| parcel.package_number == number)
        };
        let same = numbered(&package.number);
        let told = state(package, &snapshot.status, is_arranged);
        // A status that we do not model takes no parcel away.
        let kept = same.filter(|_| implied.is_none());
        let Some(state) = told.or(kept.map(|index| before[index].state)) else {
            continue;
        };
        let known = same.or(numbered("")).map(|index| before.remove(index));
        parcels.push(Shipment {
            id: known.map_or_else(|| ShipmentId::fresh(ids), |parcel| parcel.id),
            package_number: package.number.clone(),
            state,
            carrier: package
                .carrier
                .clone()
                .or_else(|| snapshot.shipping_carrier.clone()),
            tracking_number: known.and_then(|parcel| parcel.tracking_number.clone()),
            logistics_status: Some(package.logistics.as_str().to_owned())
                .filter(|text| !text.is_empty()),
        });
    }
    let unnamed = before
        .iter()
        .find(|parcel| parcel.package_number.is_empty());
    let unnamed = unnamed.map(|parcel| parcel.id);
    parcels.extend(not_shown(&before, snapshot));
    if parcels.is_empty() && is_arranged {
        parcels.push(Shipment {
            id: unnamed.unwrap_or_else(|| ShipmentId::fresh(ids)),
            package_number: String::new(),
            state: state_of_order(&snapshot.status),
            carrier: snapshot.shipping_carrier.clone(),
            tracking_number: None,
            logistics_status: None,
        });
    }
    keep_tracking(&mut parcels, tracking, &snapshot.status, ids);
    parcels
}

/// Parcels that stay although the snapshot does not show them (any more): those whose tracking
/// number was told, and all of them where the status tells nothing.
fn not_shown(before: &[&Shipment], snapshot: &OrderSnapshot) -> Vec<Shipment> {
    let implied = snapshot.status.implied();
    let shows_none = snapshot.packages.is_empty();
    let follows_order = shows_none && implied.is_some_and(|implied| implied.shipment_arranged);
    let is_cancelled = snapshot.status == OrderStatus::Cancelled;
    let stays =
        |parcel: &&&Shipment| parcel.tracking_number.is_some() || (shows_none && implied.is_none());
    let state = |parcel: &Shipment| match parcel.state {
        _ if follows_order => state_of_order(&snapshot.status),
        ShipmentState::Arranged | ShipmentState::PickupFailed if is_cancelled => {
            ShipmentState::Cancelled
        }
        as_before => as_before,
    };
    let staying = before.iter().filter(stays);
    staying
        .map(|parcel| Shipment {
            state: state(parcel),
            ..(*parcel).clone()
        })
        .collect()
}

/// Writes tracking numbers to the parcels that they name. A push without a package number means the
/// only parcel; one for a parcel that we do not know yet is proof that it exists. A number that we
/// asked for is older than whatever a push told meanwhile, so it goes to a parcel without one alone.
pub(super) fn keep_tracking(
    parcels: &mut Vec<Shipment>,
    tracking: &[Tracking],
    status: &OrderStatus,
    ids: &dyn IdSource,
) {
    for Tracking {
        package_number,
        tracking_number,
        is_pushed,
    } in tracking
    {
        let named = parcels
            .iter()
            .position(|parcel| parcel.package_number == *package_number);
        let only = (parcels.len() == 1
            && (package_number.is_empty() || parcels[0].package_number.is_empty()))
        .then_some(0);
        match named.or(only) {
            Some(index) => {
                let parcel = &mut parcels[index];
                if parcel.tracking_number.is_some() && !is_pushed {
                    continue;
                }
                if parcel.package_number.is_empty() {
                    parcel.package_number.clone_from(package_number);
                }
                parcel.tracking_number = Some(tracking_number.clone());
            }
            None if !is_pushed => {}
            None => parcels.push(Shipment {
                id: ShipmentId::fresh(ids),
                package_number: package_number.clone(),
                state: state_of_order(status),
                carrier: None,
                tracking_number: Some(tracking_number.clone()),
                logistics_status: None,
            }),
        }
    }
}

/// Where a package is, or `None` while no courier was asked for it.
fn state(package: &Package, status: &OrderStatus, is_arranged: bool) -> Option<ShipmentState> {
    use LogisticsStatus as L;
    let own = match &package.logistics {
        L::RequestCreated | L::PickupRetry => ShipmentState::Arranged,
        L::PickupFailed => ShipmentState::PickupFailed,
        L::PickupDone => ShipmentState::InTransit,
        L::DeliveryDone => ShipmentState::Delivered,
        L::DeliveryFailed => ShipmentState::DeliveryFailed,
        L::Lost => ShipmentState::Lost,
        L::RequestCanceled => ShipmentState::Cancelled,
        L::NotStart | L::PendingArrange | L::Ready | L::Other(_) if is_arranged => {
            return Some(state_of_order(status));
        }
        // Called off before a courier was asked for, or not yet asked for: there is no parcel.
        L::Invalid | L::CodRejected | L::NotStart | L::PendingArrange | L::Ready | L::Other(_) => {
            return None;
        }
    };
    Some(own)
}

/// Where a parcel must be, as far as the order's status tells.
fn state_of_order(status: &OrderStatus) -> ShipmentState {
    match status {
        OrderStatus::RetryShip => ShipmentState::PickupFailed,
        OrderStatus::Shipped => ShipmentState::InTransit,
        OrderStatus::ToConfirmReceive | OrderStatus::ToReturn | OrderStatus::Completed => {
            ShipmentState::Delivered
        }
        OrderStatus::Cancelled => ShipmentState::Cancelled,
        OrderStatus::Unpaid
        | OrderStatus::ReadyToShip
        | OrderStatus::Processed
        | OrderStatus::InCancel
        | OrderStatus::Other(_) => ShipmentState::Arranged,
    }
}
