//! `GET product/get_model_list` (shopee.md §5.6): the variations of an item, their prices and stock.

use serde::Deserialize;

use super::{PriceWire, StockWire};
use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Field, List, Verbatim};

/// Asks for the variations of an item.
#[derive(Clone, Copy, Debug)]
pub struct GetModelList {
    /// The item.
    pub item: i64,
}

impl Call for GetModelList {
    const ENDPOINT: Endpoint = Endpoint::get("product.get_model_list", "/product/get_model_list");
    type Reply = ModelsWire;

    fn arguments(&self) -> Arguments {
        Arguments::default().with("item_id", self.item)
    }
}

/// `response` of the reply.
#[derive(Debug, Deserialize)]
pub struct ModelsWire {
    #[serde(default)]
    pub tier_variation: List<TierVariationWire>,
    #[serde(default)]
    pub model: List<Verbatim<ModelWire>>,
}

/// A choice that a buyer has, such as the size.
#[derive(Debug, Deserialize)]
pub struct TierVariationWire {
    pub name: Field<String>,
    #[serde(default)]
    pub option_list: List<OptionWire>,
}

/// One of its options.
#[derive(Debug, Deserialize)]
pub struct OptionWire {
    pub option: Field<String>,
}

/// A variation.
#[derive(Debug, Deserialize)]
pub struct ModelWire {
    pub model_id: Field<i64>,
    pub model_sku: Field<String>,
    /// `MODEL_NORMAL` or `MODEL_UNAVAILABLE`.
    pub model_status: Field<String>,
    /// Which option of each choice it is.
    #[serde(default)]
    pub tier_index: List<Field<i64>>,
    #[serde(default)]
    pub price_info: List<PriceWire>,
    pub stock_info_v2: Option<StockWire>,
}
