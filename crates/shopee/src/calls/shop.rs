//! The shop itself.

mod get_profile;
mod get_shop_info;
mod get_warehouse_detail;

pub use get_profile::{GetProfile, ShopProfileWire};
pub use get_shop_info::{AffiliateShopWire, GetShop, ShopWire};
pub use get_warehouse_detail::{GetWarehouseDetail, WarehouseKind, WarehouseWire};
