//! Postgres behind the ports: the unit of work with its repositories, the read models, the control
//! plane and the migrator.
//!
//! A tenant is a schema with a role of its own. Every statement on behalf of a tenant runs in a
//! transaction whose first round trip sets search path and role for its duration
//! ([`store::PgStore`]); nothing is ever set for a session, so that any pooled connection serves
//! any tenant, also behind a pooler in transaction mode.
//!
//! Rows that belong to several orders are written with one statement for all of them (`UNNEST`): a
//! batch costs a fixed number of round trips, however many orders it has.
#![warn(missing_docs)]

mod alert_threads;
mod alerts;
mod api_tokens;
mod audit;
mod authorisations;
mod calls;
mod catalogue;
mod escrow;
mod exception_desk;
mod exceptions;
mod fault;
mod health;
mod inbox;
mod inventory;
mod locations;
mod orders;
mod profiles;
mod reconciliation;
mod requests;
mod schedules;
mod secrets;
mod sink_turns;
mod tenants;
mod text;
mod tokens;
mod unit_of_work;
mod views;
mod watches;

pub mod migrate;
pub mod store;

#[cfg(feature = "testing")]
pub mod testing;

pub use store::{PgOptions, PgStore};
