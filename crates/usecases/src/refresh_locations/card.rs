//! What a person may see of a shop's warehouses.

use hawker_domain::Timestamp;
use hawker_ports::locations::ShopLocation;
use hawker_ports::watches::Watch;
use serde::Serialize;

/// A shop's warehouses as they were fetched last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LocationsCard {
    /// Whether the shop has no multi-warehouse.
    pub is_single: bool,
    /// The warehouses, the default first. Of a shop without multi-warehouse the one that it has.
    pub locations: Vec<LocationCard>,
    /// When they were fetched; absent when they never were.
    pub fetched_at: Option<Timestamp>,
    /// What there is to say about them, in words.
    pub note: Option<String>,
}

/// A warehouse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LocationCard {
    /// What stock calls name it by; none for a single warehouse.
    pub location_id: Option<String>,
    /// Its name for a person.
    pub location_name: String,
    /// 1 pickup, 2 return, as the marketplace counts.
    #[serde(rename = "warehouse_type")]
    pub kind: Option<i32>,
    /// Whether it is the one that is meant where none is named.
    pub is_default: bool,
    /// Its address as the marketplace tells it.
    pub address: serde_json::Map<String, serde_json::Value>,
}

impl LocationsCard {
    pub(super) fn of(locations: Vec<ShopLocation>, watch: Option<&Watch>) -> Self {
        let fetched_at = watch.and_then(|watch| watch.locations_fetched_at);
        let is_single = locations.is_empty()
            && fetched_at.is_some()
            && watch.and_then(|watch| watch.is_single_location) == Some(true);
        let note = match (is_single, fetched_at, locations.is_empty()) {
            (true, ..) => Some(
                "The shop has a single warehouse, and its stock names no location. That is how most shops are.",
            ),
            (false, None, _) => Some(
                "The warehouses were not fetched yet. They are once the shop is authorised; Refresh Locations does it at once.",
            ),
            (false, Some(_), true) => Some("No warehouse of the shop is known."),
            (false, Some(_), false) => None,
        };
        let locations = if is_single {
            vec![LocationCard::single()]
        } else {
            locations.into_iter().map(LocationCard::from).collect()
        };
        Self {
            is_single,
            locations,
            fetched_at,
            note: note.map(str::to_owned),
        }
    }
}

impl LocationCard {
    fn single() -> Self {
        Self {
            location_id: None,
            location_name: "Default location".to_owned(),
            kind: None,
            is_default: true,
            address: serde_json::Map::new(),
        }
    }
}

impl From<ShopLocation> for LocationCard {
    fn from(location: ShopLocation) -> Self {
        let ShopLocation {
            warehouse,
            is_default,
            fetched_at: _,
        } = location;
        Self {
            location_name: warehouse
                .name
                .unwrap_or_else(|| warehouse.location_id.clone()),
            location_id: Some(warehouse.location_id),
            kind: warehouse.kind,
            is_default,
            address: warehouse.address,
        }
    }
}
