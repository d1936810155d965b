//! The traits that use cases need of the outside world, their errors, and the read models.
//!
//! An adapter implements a trait of this crate with one technology; a use case knows only the
//! trait. The feature `testing` holds an in-memory store, a frozen clock and the contract suites
//! that both the in-memory and the real adapters must pass.
#![warn(missing_docs)]

pub mod alerts;
pub mod api_tokens;
pub mod audit;
pub mod authorisation;
pub mod background;
pub mod calls;
pub mod catalogue;
pub mod clock;
pub mod escrow;
pub mod exception_desk;
pub mod exceptions;
pub mod idempotency;
pub mod inbox;
pub mod inventory;
pub mod locations;
pub mod marketplace;
pub mod metrics;
pub mod orders;
pub mod parcels;
pub mod profiles;
pub mod progress;
pub mod push_console;
pub mod pushes;
pub mod reconciliation;
pub mod recovery;
pub mod returns;
pub mod schedules;
pub mod sealing;
pub mod secrets;
pub mod shops;
pub mod store;
pub mod tenants;
pub mod tokens;
pub mod views;
pub mod watches;

#[cfg(feature = "testing")]
pub mod testing;

pub use background::Background;
pub use clock::{Clock, Sleeper};
pub use marketplace::{Marketplace, MarketplaceError};
pub use metrics::Metrics;
pub use progress::Progress;
pub use sealing::{SealError, Sealed, Sealer};
pub use store::{Store, StoreError, UnitOfWork};
