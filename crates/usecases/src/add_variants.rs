//! Add variants to the catalogue, with a price and opening stock. Orders that wait for one of the
//! SKUs are released by the store as soon as this is committed.

use std::collections::BTreeMap;
use std::sync::Arc;

use hawker_domain::catalogue::Sku;
use hawker_domain::ids::{LedgerEntryId, LocationId, ProductId, VariantId};
use hawker_domain::inventory::{LedgerCause, LedgerEntry, Movement};
use hawker_domain::{IdSource, Money, TenantSlug};
use hawker_ports::catalogue::NewVariant;
use hawker_ports::inventory::NewLocation;
use hawker_ports::{Clock, Store, StoreError};

/// A variant to be added.
#[derive(Clone, Debug)]
pub struct VariantToAdd {
    /// Its SKU.
    pub sku: Sku,
    /// Its product's title.
    pub title: String,
    /// The price of one piece.
    pub price: Option<Money>,
    /// Opening stock: the code of a place and the pieces that lie there.
    pub stock: Vec<(String, u32)>,
}

/// A place where stock lies, by its code.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Places with smaller numbers are used up first.
    pub priority: i32,
}

/// Adds variants.
pub struct AddVariants {
    /// Where they go.
    pub store: Arc<dyn Store>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Variants that are new.
    pub added: usize,
    /// Variants whose SKU was there already; they and their stock were left as they are.
    pub already_there: usize,
}

/// Why nothing was added.
#[derive(Debug, thiserror::Error)]
pub enum AddVariantsError {
    /// Stock would lie at a place that neither exists nor is to be added.
    #[error("there is no stock location `{0}`")]
    UnknownPlace(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AddVariants {
    /// Adds `variants` with stock at `places`, which are added too where their codes are new, or at
    /// places that exist. `by` and `reason` are the cause in the stock ledger.
    pub async fn run(
        &self,
        tenant: &TenantSlug,
        places: &[Place],
        variants: &[VariantToAdd],
        by: &str,
        reason: &str,
    ) -> Result<Added, AddVariantsError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        let mut locations = BTreeMap::new();
        for Place {
            code,
            name,
            priority,
        } in places
        {
            let location = NewLocation {
                id: LocationId::fresh(&*self.ids),
                code: code.clone(),
                name: name.clone(),
                priority: *priority,
            };
            let id = uow.inventory().add_location(&location, now).await?;
            locations.insert(code, id);
        }
        for (code, _) in variants.iter().flat_map(|variant| &variant.stock) {
            if !locations.contains_key(code) {
                let known = uow.inventory().location(code).await?;
                let id = known.ok_or_else(|| AddVariantsError::UnknownPlace(code.clone()))?;
                locations.insert(code, id);
            }
        }
        let new: Vec<_> = variants
            .iter()
            .map(|variant| NewVariant {
                product: ProductId::fresh(&*self.ids),
                variant: VariantId::fresh(&*self.ids),
                sku: variant.sku.clone(),
                title: variant.title.clone(),
                price: variant.price,
            })
            .collect();
        let kept = uow.catalogue().add_variants(&new, now).await?;
        let mut opening = Vec::new();
        for (variant, (id, _)) in variants
            .iter()
            .zip(&kept)
            .filter(|(_, (_, is_new))| *is_new)
        {
            for (code, pieces) in variant.stock.iter().filter(|(_, pieces)| *pieces > 0) {
                let Some(location) = locations.get(code) else {
                    return Err(AddVariantsError::UnknownPlace(code.clone()));
                };
                opening.push(LedgerEntry {
                    id: LedgerEntryId::fresh(&*self.ids),
                    variant: *id,
                    location: *location,
                    movement: Movement::Receive,
                    on_hand_delta: i64::from(*pieces),
                    reserved_delta: 0,
                    cause: LedgerCause::Stated {
                        by: by.to_owned(),
                        reason: reason.to_owned(),
                    },
                    at: now,
                });
            }
        }
        if !opening.is_empty() {
            uow.inventory().book(&opening).await?;
        }
        uow.commit().await?;
        let added = kept.iter().filter(|(_, is_new)| *is_new).count();
        Ok(Added {
            added,
            already_there: kept.len() - added,
        })
    }
}
