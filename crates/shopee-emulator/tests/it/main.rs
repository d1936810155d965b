//! The emulator from the outside: over HTTP, as a client meets it.

#![expect(clippy::unwrap_used, reason = "a broken helper is a broken test")]

mod authorisation_pushes;
mod authorising;
mod chaos;
mod client;
mod control;
mod control_platform;
mod details;
mod escrow;
mod faults;
mod gateway;
mod goods;
mod items;
mod life;
mod limits;
mod logistics;
mod order_list;
mod packages;
mod payouts;
mod push_config;
mod pushes;
mod receiver;
mod refresh_trouble;
mod returns;
mod scripts;
mod shops;
mod tokens;
