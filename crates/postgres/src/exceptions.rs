//! Exceptions: one row stands for each cause and subject, which a unique index guarantees. A row stands
//! while it is open, and while an operator left it as it is; a cause that comes back is counted on it.

mod clear;
pub(crate) mod known;
mod raise;

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::exception::RaisedException;
use hawker_ports::StoreError;
use hawker_ports::exceptions::{Clearance, ExceptionRepository, OpenException, ProfileClearance};

use crate::unit_of_work::PgUnitOfWork;

const EXCEPTIONS: &str = "exceptions";

#[async_trait]
impl ExceptionRepository for PgUnitOfWork {
    async fn raise(
        &mut self,
        raised: &[RaisedException],
        now: Timestamp,
    ) -> Result<Vec<OpenException>, StoreError> {
        let done = raise::raise(self.enter()?, raised, now).await;
        self.leave(EXCEPTIONS, done)
    }

    async fn clear(&mut self, clearances: &[Clearance], now: Timestamp) -> Result<u64, StoreError> {
        let done = clear::clear(self.enter()?, clearances, now).await;
        self.leave(EXCEPTIONS, done)
    }

    async fn clear_profiles(
        &mut self,
        clearances: &[ProfileClearance],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let done = clear::clear_profiles(self.enter()?, clearances, now).await;
        self.leave(EXCEPTIONS, done)
    }

    async fn clear_restocked(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let done = clear::clear_restocked(self.enter()?, now).await;
        self.leave(EXCEPTIONS, done)
    }
}
