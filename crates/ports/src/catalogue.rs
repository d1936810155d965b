//! The catalogue: what SKUs name, and adding to it.

use async_trait::async_trait;
use hawker_domain::catalogue::{Sku, SkuIndex};
use hawker_domain::ids::{ProductId, VariantId};
use hawker_domain::{Money, Timestamp};

use crate::StoreError;

/// A product with one variant, to be added.
#[derive(Clone, Debug)]
pub struct NewVariant {
    /// The id of the product, used when none with this title exists.
    pub product: ProductId,
    /// The id of the variant.
    pub variant: VariantId,
    /// The SKU, which no other variant may have.
    pub sku: Sku,
    /// The product's title.
    pub title: String,
    /// The price of one piece.
    pub price: Option<Money>,
}

/// Products and SKUs.
#[async_trait]
pub trait CatalogueRepository: Send {
    /// Every variant that carries one of `skus`.
    async fn resolve(&mut self, skus: &[Sku]) -> Result<SkuIndex, StoreError>;

    /// Adds variants; those whose SKU exists already are left as they are. Answers for each, in
    /// the same order, the variant that now carries the SKU and whether it was added.
    async fn add_variants(
        &mut self,
        variants: &[NewVariant],
        now: Timestamp,
    ) -> Result<Vec<(VariantId, bool)>, StoreError>;
}
