//! Warehouses of a shop that is on the list for several of them. Most shops are not.

use serde::{Deserialize, Serialize};

use super::region::Region;

/// One address of `shop/get_warehouse_detail`. Addresses with the same `location_id` share stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warehouse {
    pub warehouse_id: i64,
    pub warehouse_name: String,
    /// 1 is for pickup, 2 for returns.
    pub warehouse_type: i32,
    pub location_id: String,
    pub address_id: i64,
    pub region: String,
    #[serde(default)]
    pub state: String,
    #[serde(default)]
    pub city: String,
    #[serde(default)]
    pub district: String,
    #[serde(default)]
    pub town: String,
    #[serde(default)]
    pub address: String,
    #[serde(default)]
    pub zipcode: String,
    #[serde(default)]
    pub state_code: String,
    /// 0 is open; 1 to 3 are stages of a holiday.
    #[serde(default)]
    pub holiday_mode_state: i32,
}

impl Warehouse {
    pub const PICKUP: i32 = 1;
    pub const RETURN: i32 = 2;

    /// A pickup warehouse at an invented address in Singapore. The ids follow from the location.
    pub fn new(location_id: &str, name: &str) -> Self {
        let number: i64 = location_id.bytes().map(i64::from).sum();
        Self {
            warehouse_id: number,
            warehouse_name: name.to_owned(),
            warehouse_type: Self::PICKUP,
            location_id: location_id.to_owned(),
            address_id: 118_000_000 + number,
            region: Region::Sg.code().to_owned(),
            state: String::new(),
            city: Region::Sg.city().to_owned(),
            district: "Bedok".to_owned(),
            town: String::new(),
            address: "3 Jetty Road #01-07".to_owned(),
            zipcode: "460124".to_owned(),
            state_code: String::new(),
            holiday_mode_state: 0,
        }
    }

    /// Takes returns instead of handing out parcels.
    #[must_use]
    pub fn returning(mut self) -> Self {
        self.warehouse_type = Self::RETURN;
        self
    }

    #[must_use]
    pub fn in_city(mut self, region: Region, city: &str) -> Self {
        region.code().clone_into(&mut self.region);
        city.clone_into(&mut self.city);
        self
    }
}
