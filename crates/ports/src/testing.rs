//! What tests of every layer share: a store in memory, fakes of everything that reaches outside,
//! examples to fill them with, and the contract that every store must keep.
//!
//! # The contract of a store
//!
//! [`contract`] holds one function for each behaviour that use cases rely on. An adapter proves
//! that it keeps them by implementing [`StoreFixture`](contract::StoreFixture) over a fresh, empty
//! store and expanding the macro in one of its test targets:
//!
//! ```ignore
//! use hawker_ports::testing::contract::StoreFixture;
//!
//! struct PgFixture { /* a fresh database */ }
//! impl StoreFixture for PgFixture { /* … */ }
//!
//! hawker_ports::store_contract!(PgFixture::new().await);
//! ```
//!
//! The macro expands to one `#[tokio::test]` for each behaviour, so that all stores list the same
//! tests; the crate that expands it needs `tokio` with `macros` and `rt` among its own
//! dependencies. The fixture expression is evaluated in every test, inside an `async` function.
//!
//! Nothing in here is meant for production.

pub mod contract;
pub mod examples;

mod alerts;
mod authorisation;
mod background;
mod calls;
mod clock;
mod ids;
mod marketplace;
mod metrics;
mod parcels;
mod push_console;
mod pushes;
mod recovery;
mod returns;
mod scripts;
mod sealing;
mod shops;
mod store;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use alerts::RecordingSink;
pub use authorisation::{AuthCall, FakeAuthoriser};
pub use background::NoBackground;
pub use calls::{FixedBudget, FixedSkew, RecordingCalls};
pub use clock::FrozenClock;
pub use ids::SequentialIds;
pub use marketplace::{DetailCall, FakeMarketplace};
pub use metrics::{Counted, RecordingMetrics};
pub use parcels::{FakeParcelTracker, ParcelCall};
pub use push_console::{ConsoleCall, FakePushConsole};
pub use pushes::FakePushes;
pub use recovery::{
    FakeLostPushes, FakeOrderLister, FakeReleaseLister, LostPushCall, OrderListCall,
    ReleaseListCall,
};
pub use returns::{FakeReturnLister, ReturnListCall};
pub use sealing::{PlainMint, PlainSealer, RotatingSealer};
pub use shops::{Asked, DeskCall, FakeShopDesk};
pub use store::InMemoryStore;

/// The value behind a mutex, also after a test thread has panicked while it held it: the panic is
/// what the test reports, not the mutex.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
