//! The traits that use cases need of the outside world, their errors, and the read models.
//!
//! An adapter implements a trait of this crate with one technology; a use case knows only the
//! trait. The feature `testing` holds an in-memory store, a frozen clock and the contract suites
//! that both the in-memory and the real adapters must pass.
#![warn(missing_docs)]

pub mod alerts;
pub mod catalogue;
pub mod clock;
pub mod escrow;
pub mod exceptions;
pub mod inbox;
pub mod inventory;
pub mod marketplace;
pub mod metrics;
pub mod orders;
pub mod profiles;
pub mod pushes;
pub mod sealing;
pub mod store;
pub mod tenants;
pub mod views;

#[cfg(feature = "testing")]
pub mod testing;

pub use clock::Clock;
pub use marketplace::{Marketplace, MarketplaceError};
pub use metrics::Metrics;
pub use sealing::{SealError, Sealed, Sealer};
pub use store::{Store, StoreError, UnitOfWork};
