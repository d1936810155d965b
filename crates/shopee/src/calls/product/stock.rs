//! Stock and price of an item or a variation.

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::wire::{Field, List};

/// Stock.
#[derive(Debug, Deserialize)]
pub struct StockWire {
    pub summary_info: Option<StockSummaryWire>,
    /// The seller's own.
    #[serde(default)]
    pub seller_stock: List<LocatedStockWire>,
    /// In the platform's warehouses.
    #[serde(default)]
    pub shopee_stock: List<LocatedStockWire>,
}

/// All of it.
#[derive(Debug, Deserialize)]
pub struct StockSummaryWire {
    pub total_reserved_stock: Field<i64>,
    pub total_available_stock: Field<i64>,
}

/// Stock at a place.
#[derive(Debug, Deserialize)]
pub struct LocatedStockWire {
    /// Blank where the shop has no multi-warehouse.
    pub location_id: Field<String>,
    pub stock: Field<i64>,
    pub if_saleable: Field<bool>,
}

/// A price.
#[derive(Debug, Deserialize)]
pub struct PriceWire {
    pub currency: Field<String>,
    pub original_price: Field<Decimal>,
    /// With promotions.
    pub current_price: Field<Decimal>,
}
