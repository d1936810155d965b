//! Stock: places, levels and the ledger.

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::ids::{LocationId, VariantId};
use hawker_domain::inventory::{LedgerEntry, Stock};

use crate::StoreError;

/// A place where stock lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLocation {
    /// Its id.
    pub id: LocationId,
    /// Its short name, which no other place may have.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Places with smaller numbers are used up first.
    pub priority: i32,
}

/// Stock.
#[async_trait]
pub trait InventoryRepository: Send {
    /// The stock of these variants as it is at this moment; the next one may find it changed.
    async fn look(&mut self, variants: &[VariantId]) -> Result<Stock, StoreError>;

    /// The stock of these variants, locked against everybody else until the unit of work ends.
    async fn lock(&mut self, variants: &[VariantId]) -> Result<Stock, StoreError>;

    /// The place with this code.
    async fn location(&mut self, code: &str) -> Result<Option<LocationId>, StoreError>;

    /// Adds a place unless its code exists; answers the id of the place with that code.
    async fn add_location(
        &mut self,
        location: &NewLocation,
        now: Timestamp,
    ) -> Result<LocationId, StoreError>;

    /// Writes entries to the ledger; the levels follow.
    async fn book(&mut self, entries: &[LedgerEntry]) -> Result<(), StoreError>;
}
