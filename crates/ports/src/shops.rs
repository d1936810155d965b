//! What a marketplace says of a shop itself.

use async_trait::async_trait;
use hawker_domain::Timestamp;

use crate::marketplace::{MarketplaceError, ShopAccess};

/// A shop, in the marketplace's words where these are an open set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShopDetails {
    /// Its name.
    pub name: String,
    /// Its market, for example `SG`.
    pub region: String,
    /// `NORMAL`, `BANNED`, `FROZEN` or whatever else there may be.
    pub status: String,
    /// When the authorisation was given.
    pub authorised_at: Option<Timestamp>,
    /// When the authorisation ends.
    pub authorisation_ends_at: Option<Timestamp>,
    /// The merchant that it belongs to, if any.
    pub merchant: Option<i64>,
    /// Whether it sells across borders.
    pub is_cross_border: bool,
}

/// A warehouse of a shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warehouse {
    /// What stock calls name it by; opaque.
    pub location_id: String,
    /// Its name for a person.
    pub name: Option<String>,
    /// 1 pickup, 2 return.
    pub kind: Option<i32>,
    /// Its address as the marketplace tells it.
    pub address: serde_json::Map<String, serde_json::Value>,
}

/// The warehouses of a shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warehouses {
    /// The shop has no multi-warehouse: stock calls name no location. Most shops are like that
    /// (shopee.md §5.4); it is no error.
    Single,
    /// These.
    Several(Vec<Warehouse>),
}

/// Tells about shops.
#[async_trait]
pub trait ShopDesk: Send + Sync {
    /// What the marketplace says of the shop; the best probe of health there is.
    async fn shop_info(&self, access: &ShopAccess) -> Result<ShopDetails, MarketplaceError>;

    /// Its warehouses.
    async fn warehouses(&self, access: &ShopAccess) -> Result<Warehouses, MarketplaceError>;
}
