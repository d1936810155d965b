//! Products and SKUs.

use std::collections::BTreeSet;

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::catalogue::{Sku, SkuIndex};
use hawker_domain::ids::VariantId;

use super::state::{State, refused};
use super::unit_of_work::InMemoryUnitOfWork;
use crate::StoreError;
use crate::catalogue::{CatalogueRepository, NewVariant};

#[async_trait]
impl CatalogueRepository for InMemoryUnitOfWork {
    async fn resolve(&mut self, skus: &[Sku]) -> Result<SkuIndex, StoreError> {
        self.read(|state| {
            let asked_for = state.variants.iter().filter(|(_, sku)| skus.contains(sku));
            asked_for.map(|(id, sku)| (sku.clone(), *id)).collect()
        })
    }

    async fn add_variants(
        &mut self,
        variants: &[NewVariant],
        now: Timestamp,
    ) -> Result<Vec<(VariantId, bool)>, StoreError> {
        self.write(|state| {
            variants
                .iter()
                .map(|variant| state.add_variant(variant, now))
                .collect()
        })
        .await
    }
}

impl State {
    pub(super) fn has_sku(&self, sku: &Sku) -> bool {
        self.variants.values().any(|known| known == sku)
    }

    fn add_variant(
        &mut self,
        variant: &NewVariant,
        now: Timestamp,
    ) -> Result<(VariantId, bool), StoreError> {
        if let Some((id, _)) = self.variants.iter().find(|(_, sku)| **sku == variant.sku) {
            return Ok((*id, false));
        }
        let sku = variant.sku.clone();
        if self.variants.insert(variant.variant, sku).is_some() {
            return Err(refused("variant", "the id is taken"));
        }
        self.release_orders_held_for(&variant.sku, now);
        Ok((variant.variant, true))
    }

    /// Whatever waited for the SKU is tried again, with its attempts forgotten.
    fn release_orders_held_for(&mut self, sku: &Sku, now: Timestamp) {
        let is_waiting = |skus: &BTreeSet<Sku>| skus.contains(sku);
        let waiting: Vec<_> = self
            .syncs
            .values()
            .filter(|sync| sync.held_for.as_ref().is_some_and(is_waiting))
            .map(|sync| sync.key.clone())
            .collect();
        for key in waiting {
            self.make_due(&key, now);
        }
    }
}
