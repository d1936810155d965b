//! Behaviour of the use cases on the in-memory store, with fakes of everything outside.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod alerts;
mod capturing;
mod catalogue;
mod receiving;
mod refreshing;
mod shops;
mod verifying_again;
mod world;
