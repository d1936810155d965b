//! The emulator from the outside: over HTTP, as a client meets it.

#![expect(clippy::unwrap_used, reason = "a broken helper is a broken test")]

mod client;
mod control;
mod details;
mod escrow;
mod faults;
mod gateway;
mod goods;
mod order_list;
mod pushes;
mod receiver;
