//! `GET product/get_item_base_info` (shopee.md §5.6): what items are. Each is kept whole.

use hawker_domain::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::{PriceWire, StockWire};
use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Field, List, Verbatim};

/// The most items of one call.
pub const ITEMS_PER_CALL_MAX: usize = 50;

/// Asks what items are.
#[derive(Clone, Debug)]
pub struct GetItems {
    /// The items, at most [`ITEMS_PER_CALL_MAX`].
    pub items: Vec<i64>,
}

impl Call for GetItems {
    const ENDPOINT: Endpoint =
        Endpoint::get("product.get_item_base_info", "/product/get_item_base_info");
    type Reply = ItemsWire;

    fn arguments(&self) -> Arguments {
        Arguments::default().with_joined("item_id_list", &self.items)
    }
}

/// `response` of the reply.
#[derive(Debug, Deserialize)]
pub struct ItemsWire {
    pub item_list: List<Verbatim<ItemWire>>,
}

/// An item.
#[derive(Debug, Deserialize)]
pub struct ItemWire {
    pub item_id: Field<i64>,
    pub item_name: Field<String>,
    pub item_sku: Field<String>,
    pub category_id: Field<i64>,
    pub item_status: Field<String>,
    pub has_model: Field<bool>,
    pub create_time: Field<Timestamp>,
    pub update_time: Field<Timestamp>,
    /// In kilograms.
    pub weight: Field<Decimal>,
    /// Left out where the item has variations.
    #[serde(default)]
    pub price_info: List<PriceWire>,
    pub stock_info_v2: Option<StockWire>,
}
