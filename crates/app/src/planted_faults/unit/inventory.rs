//! Stock, with what is written of it.

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::ids::{LedgerEntryId, LocationId, VariantId};
use hawker_domain::inventory::{LedgerEntry, Movement, Stock};
use hawker_ports::StoreError;
use hawker_ports::inventory::{InventoryRepository, NewLocation};

use super::SpoiltUnit;
use crate::planted_faults::PlantedFault;

#[async_trait]
impl InventoryRepository for SpoiltUnit {
    async fn look(&mut self, variants: &[VariantId]) -> Result<Stock, StoreError> {
        self.unit.inventory().look(variants).await
    }

    async fn lock(&mut self, variants: &[VariantId]) -> Result<Stock, StoreError> {
        self.unit.inventory().lock(variants).await
    }

    async fn location(&mut self, code: &str) -> Result<Option<LocationId>, StoreError> {
        self.unit.inventory().location(code).await
    }

    async fn add_location(
        &mut self,
        location: &NewLocation,
        now: Timestamp,
    ) -> Result<LocationId, StoreError> {
        self.unit.inventory().add_location(location, now).await
    }

    async fn book(&mut self, entries: &[LedgerEntry]) -> Result<(), StoreError> {
        let entries = self.spoilt(entries);
        self.unit.inventory().book(&entries).await
    }
}

impl SpoiltUnit {
    fn spoilt(&self, entries: &[LedgerEntry]) -> Vec<LedgerEntry> {
        let mut ledger = entries.to_vec();
        match self.fault {
            PlantedFault::ForgetRelease => {
                ledger.retain(|entry| entry.movement != Movement::Release);
            }
            PlantedFault::DeductTwice => {
                let again = entries
                    .iter()
                    .filter(|entry| entry.movement == Movement::Deduct);
                ledger.extend(again.map(|entry| LedgerEntry {
                    id: LedgerEntryId::fresh(&*self.ids),
                    reserved_delta: 0,
                    ..entry.clone()
                }));
            }
            _ => {}
        }
        ledger
    }
}
