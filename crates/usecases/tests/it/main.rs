//! Behaviour of the use cases on the in-memory store, with fakes of everything outside.

mod alerts;
mod catalogue;
mod receiving;
mod refreshing;
mod world;
