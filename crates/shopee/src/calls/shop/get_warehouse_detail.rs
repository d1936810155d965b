//! `GET shop/get_warehouse_detail` (shopee.md §5.4): the warehouses of a shop. Most shops have no
//! multi-warehouse and are refused with `warehouse.error_not_in_whitelist`, which is no error.

use serde::Deserialize;

use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Field, List, Verbatim};

/// What a warehouse is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarehouseKind {
    /// Parcels start there.
    Pickup = 1,
    /// Returns go there.
    Return = 2,
}

/// Asks for the warehouses.
#[derive(Clone, Copy, Debug)]
pub struct GetWarehouseDetail {
    /// Of this kind.
    pub kind: WarehouseKind,
}

impl Call for GetWarehouseDetail {
    const ENDPOINT: Endpoint =
        Endpoint::get("shop.get_warehouse_detail", "/shop/get_warehouse_detail");
    type Reply = List<Verbatim<WarehouseWire>>;

    fn arguments(&self) -> Arguments {
        Arguments::default().with("warehouse_type", self.kind as u8)
    }
}

/// A warehouse. Where it is stands in what is kept beside.
#[derive(Debug, Deserialize)]
pub struct WarehouseWire {
    pub warehouse_id: Field<i64>,
    pub warehouse_name: Field<String>,
    pub warehouse_type: Field<i64>,
    /// What stock calls name it by.
    pub location_id: Field<String>,
}
