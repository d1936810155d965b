//! The rules of the trade: orders and their status matrix, SKU mapping, stock, payouts,
//! exceptions, connector profiles, money and ids.
//!
//! Everything here is a value or a pure function. There is no async, no clock, no randomness and
//! no I/O in this crate: time and fresh ids come in as arguments ([`Timestamp`], [`IdSource`]).
#![warn(missing_docs)]

pub mod alert;
pub mod api_access;
pub mod audit;
pub mod catalogue;
pub mod channel;
pub mod completeness;
pub mod escrow;
pub mod event;
pub mod exception;
pub mod ids;
pub mod inventory;
pub mod money;
pub mod order;
pub mod profile;
pub mod retry;
pub mod schedule;
pub mod tenant;
pub mod token;

pub use channel::{ConnectorName, Environment};
pub use chrono_tz::Tz as Zone;
pub use ids::{IdSource, OrderSn, ShopId};
pub use money::{Currency, Money};
pub use tenant::TenantSlug;

/// A moment in UTC. A shop's zone is applied only where a person or a schedule meets it.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
