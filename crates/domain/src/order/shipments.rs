//! The parcels of an order mirror the marketplace's packages from the moment that a courier was
//! asked for. The tracking number comes by another road (push code 4) and stays.

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
    let before = existing.map_or(&[][..], |order| &order.shipments);
    let implied = snapshot.status.implied();
    let is_arranged = implied.is_some_and(|implied| implied.shipment_arranged);
    let mut parcels: Vec<Shipment> = snapshot
        .packages
        .iter()
        .filter_map(|package| {
            let state = state(package, &snapshot.status, is_arranged)?;
            let same = before
                .iter()
                .find(|parcel| parcel.package_number == package.number);
            let unnamed = before
                .iter()
                .find(|parcel| parcel.package_number.is_empty());
            let known = same.or(unnamed);
            Some(Shipment {
                id: same.map_or_else(|| ShipmentId::fresh(ids), |parcel| parcel.id),
                package_number: package.number.clone(),
                state,
                carrier: package
                    .carrier
                    .clone()
                    .or_else(|| snapshot.shipping_carrier.clone()),
                tracking_number: known.and_then(|parcel| parcel.tracking_number.clone()),
                logistics_status: Some(package.logistics.as_str().to_owned())
                    .filter(|text| !text.is_empty()),
            })
        })
        .collect();
    if parcels.is_empty() && is_arranged {
        let unnamed = before
            .iter()
            .find(|parcel| parcel.package_number.is_empty());
        parcels.push(Shipment {
            id: unnamed.map_or_else(|| ShipmentId::fresh(ids), |parcel| parcel.id),
            package_number: String::new(),
            state: state_of_order(&snapshot.status),
            carrier: snapshot.shipping_carrier.clone(),
            tracking_number: unnamed.and_then(|parcel| parcel.tracking_number.clone()),
            logistics_status: None,
        });
    }
    // A tracking number that was told for a package which the snapshot does not show (any more).
    let with_number = before
        .iter()
        .filter(|parcel| parcel.tracking_number.is_some());
    for parcel in with_number {
        let is_shown = parcels.iter().any(|shown| {
            shown.package_number == parcel.package_number || parcel.package_number.is_empty()
        });
        if !is_shown {
            parcels.push(parcel.clone());
        }
    }
    keep_tracking(&mut parcels, tracking, ids);
    parcels
}

/// Writes pushed tracking numbers to the parcels that they name. A push without a package number
/// means the only parcel; one for a parcel that we do not know yet is proof that it exists.
pub(super) fn keep_tracking(
    parcels: &mut Vec<Shipment>,
    tracking: &[Tracking],
    ids: &dyn IdSource,
) {
    for Tracking {
        package_number,
        tracking_number,
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
                if parcel.package_number.is_empty() {
                    parcel.package_number.clone_from(package_number);
                }
                parcel.tracking_number = Some(tracking_number.clone());
            }
            None => parcels.push(Shipment {
                id: ShipmentId::fresh(ids),
                package_number: package_number.clone(),
                state: ShipmentState::Arranged,
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
        // Called off before a courier was asked for: there never was a parcel.
        L::Invalid | L::CodRejected => return None,
        L::NotStart | L::PendingArrange | L::Ready | L::Other(_) if is_arranged => {
            return Some(state_of_order(status));
        }
        L::NotStart | L::PendingArrange | L::Ready | L::Other(_) => return None,
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
