//! Behaviour of the use cases on the in-memory store, with fakes of everything outside.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod activation;
mod alerts;
mod authorising;
mod backstop;
mod bearers;
mod capturing;
mod catalogue;
mod completeness;
mod connection;
mod diagnostics;
mod exceptions_queue;
mod first_boot;
mod forgetting;
mod jobs;
mod jobs_told;
mod journal;
mod keyed_requests;
mod locations;
mod operators;
mod profiles;
mod push_settings;
mod receiving;
mod reconciling;
mod recovering;
mod refreshing;
mod refreshing_one;
mod returning;
mod rotating;
mod secrecy;
mod signatures;
mod telling;
mod tokens;
mod tracking;
mod verifying_again;
mod watching;
mod world;
