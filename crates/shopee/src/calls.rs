//! The platform's calls (shopee.md §5), one file for each: what it asks, what it replies, and its
//! [`Endpoint`](crate::client::Endpoint). They are made through
//! [`ShopeeApi::typed`](crate::client::ShopeeApi::typed).
//!
//! Replies are trimmed to what is of use. A member that may be missing is a
//! [`Field`]; what is sure to be wanted whole later (orders, payouts, packages,
//! returns) is kept [`Verbatim`](crate::wire::Verbatim), so that nothing that the platform adds is
//! lost.
//!
//! # Another call
//!
//! ```
//! use hawker_shopee::client::{Arguments, Call, Endpoint};
//! use hawker_shopee::wire::{Field, List};
//! use serde::Deserialize;
//!
//! /// `GET shop/get_shop_holiday_mode`: whether the shop is on holiday.
//! #[derive(Clone, Copy, Debug)]
//! struct GetShopHolidayMode;
//!
//! impl Call for GetShopHolidayMode {
//!     const ENDPOINT: Endpoint =
//!         Endpoint::get("shop.get_shop_holiday_mode", "/shop/get_shop_holiday_mode");
//!     type Reply = HolidayModeWire;
//!
//!     fn arguments(&self) -> Arguments {
//!         Arguments::default()
//!     }
//! }
//!
//! /// `response` of the reply.
//! #[derive(Debug, Deserialize)]
//! struct HolidayModeWire {
//!     holiday_mode_on: Field<bool>,
//! }
//! ```

pub mod logistics;
pub mod order;
pub mod payment;
pub mod product;
pub mod public;
pub mod push;
pub mod returns;
pub mod shop;

use crate::wire::Field;

/// The most entries of a page, on every call that has pages (shopee.md §5).
pub const PAGE_SIZE_MAX: u32 = 100;

/// Where a list goes on: the cursor, where there is more and it says where.
fn next_page(more: Field<bool>, cursor: &Field<String>) -> Option<&str> {
    more.unwrap_or(false).then(|| cursor.as_deref()).flatten()
}
