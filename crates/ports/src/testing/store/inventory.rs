//! Stock: places, levels and the ledger.

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::ids::{LocationId, VariantId};
use hawker_domain::inventory::{LedgerEntry, Stock};

use super::state::{State, refused};
use super::unit_of_work::InMemoryUnitOfWork;
use crate::StoreError;
use crate::inventory::{InventoryRepository, NewLocation};

#[async_trait]
impl InventoryRepository for InMemoryUnitOfWork {
    async fn look(&mut self, variants: &[VariantId]) -> Result<Stock, StoreError> {
        self.lock(variants).await
    }

    async fn lock(&mut self, variants: &[VariantId]) -> Result<Stock, StoreError> {
        self.write(|state| {
            let mut places: Vec<_> = state.locations.iter().collect();
            places.sort_by(|a, b| (a.priority, &a.code).cmp(&(b.priority, &b.code)));
            let levels = state.levels().into_iter();
            Ok(Stock::new(
                places.into_iter().map(|place| place.id).collect(),
                levels.filter(|((variant, _), _)| variants.contains(variant)),
            ))
        })
        .await
    }

    async fn location(&mut self, code: &str) -> Result<Option<LocationId>, StoreError> {
        self.read(|state| {
            let mut places = state.locations.iter();
            places
                .find(|place| place.code == code)
                .map(|place| place.id)
        })
    }

    async fn add_location(
        &mut self,
        location: &NewLocation,
        _: Timestamp,
    ) -> Result<LocationId, StoreError> {
        self.write(|state| {
            let same = |known: &&NewLocation| known.code == location.code;
            if let Some(known) = state.locations.iter().find(same) {
                return Ok(known.id);
            }
            state.locations.push(location.clone());
            Ok(location.id)
        })
        .await
    }

    async fn book(&mut self, entries: &[LedgerEntry]) -> Result<(), StoreError> {
        self.write(|state| {
            entries
                .iter()
                .try_for_each(|entry| state.book(entry.clone()))
        })
        .await
    }
}

impl State {
    /// Appends to the ledger; the levels are its sums.
    pub(super) fn book(&mut self, entry: LedgerEntry) -> Result<(), StoreError> {
        if !self.variants.contains_key(&entry.variant) {
            return Err(refused("stock ledger", "there is no such variant"));
        }
        if !self
            .locations
            .iter()
            .any(|place| place.id == entry.location)
        {
            return Err(refused("stock ledger", "there is no such location"));
        }
        if self.ledger.iter().any(|known| known.id == entry.id) {
            return Err(refused("stock ledger", "the id is taken"));
        }
        self.ledger.push(entry);
        Ok(())
    }
}
