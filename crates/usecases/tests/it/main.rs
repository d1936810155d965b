//! Behaviour of the use cases on the in-memory store, with fakes of everything outside.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod activation;
mod alerts;
mod authorising;
mod bearers;
mod capturing;
mod catalogue;
mod connection;
mod diagnostics;
mod first_boot;
mod keyed_requests;
mod locations;
mod operators;
mod profiles;
mod push_settings;
mod receiving;
mod refreshing;
mod rotating;
mod secrecy;
mod signatures;
mod tokens;
mod verifying_again;
mod watching;
mod world;
