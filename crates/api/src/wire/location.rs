//! A shop's warehouses as they go out.

use chrono::{DateTime, Utc};
use hawker_usecases::refresh_locations::{LocationCard, LocationsCard};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A shop's warehouses as they were fetched last.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Locations)]
pub(crate) struct LocationsWire {
    /// Whether the shop has no multi-warehouse: its stock names no location.
    is_single: bool,
    /// The warehouses, the default first. Of a shop without multi-warehouse the one that it has.
    locations: Vec<LocationWire>,
    /// When they were fetched; `null` when they never were.
    #[schema(required)]
    fetched_at: Option<DateTime<Utc>>,
    /// What there is to say about them, in words.
    #[schema(required)]
    note: Option<String>,
}

/// A warehouse.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Location)]
struct LocationWire {
    /// What stock calls name it by; `null` for a single warehouse.
    #[schema(required)]
    location_id: Option<String>,
    /// Its name.
    location_name: String,
    /// 1 pickup, 2 return, as the marketplace counts.
    #[schema(required)]
    warehouse_type: Option<i32>,
    /// Whether it is the one that is meant where none is named.
    is_default: bool,
    /// Its address as the marketplace tells it.
    #[schema(value_type = Object)]
    address: Map<String, Value>,
}

impl From<LocationsCard> for LocationsWire {
    fn from(card: LocationsCard) -> Self {
        let LocationsCard {
            is_single,
            locations,
            fetched_at,
            note,
        } = card;
        Self {
            is_single,
            locations: locations.into_iter().map(Into::into).collect(),
            fetched_at,
            note,
        }
    }
}

impl From<LocationCard> for LocationWire {
    fn from(card: LocationCard) -> Self {
        let LocationCard {
            location_id,
            location_name,
            kind,
            is_default,
            address,
        } = card;
        Self {
            location_id,
            location_name,
            warehouse_type: kind,
            is_default,
            address,
        }
    }
}
