//! The marketplace's warehouses of a shop; as long as there are any, one is the default.

use std::collections::BTreeMap;

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::ids::ProfileId;

use super::state::refused;
use super::unit_of_work::InMemoryUnitOfWork;
use crate::StoreError;
use crate::locations::{ShopLocation, ShopLocations};
use crate::shops::Warehouse;

#[async_trait]
impl ShopLocations for InMemoryUnitOfWork {
    async fn replace(
        &mut self,
        profile: &ProfileId,
        warehouses: &[Warehouse],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(|state| {
            if !state.profiles.contains_key(profile) {
                return Err(refused("location", "there is no such profile"));
            }
            let kept = state.shop_locations.entry(profile.clone()).or_default();
            let default = default_among(kept, warehouses);
            *kept = warehouses
                .iter()
                .map(|warehouse| {
                    let location = ShopLocation {
                        warehouse: warehouse.clone(),
                        is_default: default.as_ref() == Some(&warehouse.location_id),
                        fetched_at: now,
                    };
                    (warehouse.location_id.clone(), location)
                })
                .collect();
            Ok(())
        })
        .await
    }

    async fn of_profile(&mut self, profile: &ProfileId) -> Result<Vec<ShopLocation>, StoreError> {
        self.read(|state| {
            let kept = state.shop_locations.get(profile);
            let mut locations: Vec<_> = kept
                .into_iter()
                .flat_map(BTreeMap::values)
                .cloned()
                .collect();
            locations.sort_by_key(|location| !location.is_default);
            locations
        })
    }

    async fn choose_default(
        &mut self,
        profile: &ProfileId,
        location_id: &str,
    ) -> Result<bool, StoreError> {
        self.write(|state| {
            let kept = state.shop_locations.get_mut(profile);
            let Some(kept) = kept.filter(|kept| kept.contains_key(location_id)) else {
                return Ok(false);
            };
            for (id, location) in kept {
                location.is_default = id == location_id;
            }
            Ok(true)
        })
        .await
    }
}

/// The default as it was, as long as it exists; else the first.
fn default_among(
    kept: &BTreeMap<String, ShopLocation>,
    warehouses: &[Warehouse],
) -> Option<String> {
    let was_default = |warehouse: &&Warehouse| {
        kept.get(&warehouse.location_id)
            .is_some_and(|kept| kept.is_default)
    };
    let default = warehouses.iter().find(was_default);
    default
        .or(warehouses.first())
        .map(|warehouse| warehouse.location_id.clone())
}
