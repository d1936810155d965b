//! What a shop sells: items, each with models or without.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::ids::Timestamp;

/// One thing a buyer can put in the cart, as order lines refer to it.
///
/// An item without variations has `model_id` 0 and a blank `model_sku`; its SKU is `item_sku`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listing {
    pub item_id: i64,
    pub model_id: i64,
    pub item_name: String,
    pub model_name: String,
    pub item_sku: String,
    pub model_sku: String,
    #[serde(with = "crate::amount")]
    pub price: Decimal,
    /// Kilograms.
    #[serde(with = "crate::amount")]
    pub weight: Decimal,
    /// Units that the seller put up for sale, sold ones included.
    #[serde(default = "Listing::default_stock")]
    pub stock: u32,
    #[serde(default)]
    pub listed_at: Timestamp,
}

impl Listing {
    /// What is put up for sale where nobody says how much.
    pub const DEFAULT_STOCK: u32 = 1000;

    const fn default_stock() -> u32 {
        Self::DEFAULT_STOCK
    }

    /// The SKU that the seller means: the model's, or the item's when it has no models.
    pub fn sku(&self) -> &str {
        if self.model_sku.is_empty() {
            &self.item_sku
        } else {
            &self.model_sku
        }
    }

    pub const fn has_variations(&self) -> bool {
        self.model_id != 0
    }
}
