//! Exceptions.

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::exception::RaisedException;
use hawker_ports::StoreError;
use hawker_ports::exceptions::{Clearance, ExceptionRepository, OpenException, ProfileClearance};

use super::SpoiltUnit;
use crate::planted_faults::PlantedFault;

#[async_trait]
impl ExceptionRepository for SpoiltUnit {
    async fn raise(
        &mut self,
        raised: &[RaisedException],
        now: Timestamp,
    ) -> Result<Vec<OpenException>, StoreError> {
        self.unit.exceptions().raise(raised, now).await
    }

    async fn clear(&mut self, clearances: &[Clearance], now: Timestamp) -> Result<u64, StoreError> {
        if self.has(PlantedFault::NeverClear) {
            return Ok(0);
        }
        self.unit.exceptions().clear(clearances, now).await
    }

    async fn clear_profiles(
        &mut self,
        clearances: &[ProfileClearance],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        if self.has(PlantedFault::NeverClear) {
            return Ok(0);
        }
        self.unit.exceptions().clear_profiles(clearances, now).await
    }

    async fn clear_restocked(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        self.unit.exceptions().clear_restocked(now).await
    }
}
