//! `GET order/get_shipment_list` (shopee.md §5.1): the packages whose shipment is still to be
//! arranged.

use serde::Deserialize;

use crate::calls::{PAGE_SIZE_MAX, next_page};
use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Field, List};

/// Asks for a page of packages to ship.
#[derive(Clone, Debug)]
pub struct GetShipmentList {
    /// Entries of a page.
    pub page_size: u32,
    /// Where the page starts; blank for the first.
    pub cursor: String,
}

/// The first page.
impl Default for GetShipmentList {
    fn default() -> Self {
        Self {
            page_size: PAGE_SIZE_MAX,
            cursor: String::new(),
        }
    }
}

impl Call for GetShipmentList {
    const ENDPOINT: Endpoint = Endpoint::get("order.get_shipment_list", "/order/get_shipment_list");
    type Reply = ShipmentsWire;

    fn arguments(&self) -> Arguments {
        Arguments::default()
            .with("page_size", self.page_size)
            .with("cursor", &self.cursor)
    }
}

/// `response` of the reply.
#[derive(Debug, Deserialize)]
pub struct ShipmentsWire {
    pub order_list: List<ShipmentWire>,
    pub more: Field<bool>,
    pub next_cursor: Field<String>,
}

impl ShipmentsWire {
    /// The cursor of the next page, where there is one.
    pub fn next(&self) -> Option<&str> {
        next_page(self.more, &self.next_cursor)
    }
}

/// A package to ship.
#[derive(Debug, Deserialize)]
pub struct ShipmentWire {
    pub order_sn: Field<String>,
    pub package_number: Field<String>,
}
