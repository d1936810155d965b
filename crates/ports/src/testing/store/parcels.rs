//! Parcels whose tracking number is not known.

use hawker_domain::Timestamp;
use hawker_domain::ids::ShipmentId;

use super::state::State;
use crate::orders::UntrackedParcel;

impl State {
    pub(super) fn untracked_parcels(&self, now: Timestamp, at_most: u32) -> Vec<UntrackedParcel> {
        let mut due: Vec<_> = self
            .orders
            .values()
            .flat_map(|row| {
                row.order
                    .shipments
                    .iter()
                    .map(|parcel| (&row.order, parcel))
            })
            .filter(|(_, parcel)| parcel.tracking_number.is_none())
            .filter(|(_, parcel)| !parcel.package_number.is_empty())
            .filter_map(|(order, parcel)| {
                let due_at = match self.ask_again_at.get(&parcel.id) {
                    None => Timestamp::MIN_UTC,
                    Some(due_at) => (*due_at)?,
                };
                let untracked = UntrackedParcel {
                    id: parcel.id,
                    order: order.key.clone(),
                    profile: order.profile.clone(),
                    package_number: parcel.package_number.clone(),
                    changed_at: order.marketplace_updated_at,
                };
                (due_at <= now).then_some((due_at, untracked))
            })
            .collect();
        due.sort_by_key(|(due_at, parcel)| (*due_at, parcel.id));
        due.truncate(usize::try_from(at_most).unwrap_or(usize::MAX));
        due.into_iter().map(|(_, parcel)| parcel).collect()
    }

    pub(super) fn ask_again(&mut self, parcels: &[(ShipmentId, Option<Timestamp>)]) {
        self.ask_again_at.extend(parcels.iter().copied());
    }
}
