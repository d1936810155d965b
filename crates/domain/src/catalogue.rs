//! The catalogue as orders see it: SKUs, and the variants that they name.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::VariantId;

/// A stock-keeping unit, for example `POK-OBF-223-NM-EN` (game, set, number, condition, language).
/// Never blank, trimmed at both ends; compared exactly, so `pok-…` is another SKU.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sku(String);

impl Sku {
    /// The longest SKU; Shopee allows 100 characters.
    pub const CHARS_MAX: usize = 200;

    /// Trims `text`; `None` when nothing is left or it is longer than any real SKU.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let fits = !text.is_empty() && text.chars().count() <= Self::CHARS_MAX;
        (fits && !text.chars().any(char::is_control)).then(|| Self(text.to_owned()))
    }

    /// The SKU that an order line is mapped by: the model's, else the item's, because an item
    /// without variations has a blank `model_sku` (shopee.md §5.1).
    pub fn of_line(model_sku: Option<&str>, item_sku: Option<&str>) -> Option<Self> {
        model_sku
            .and_then(Self::parse)
            .or_else(|| item_sku.and_then(Self::parse))
    }

    /// The SKU as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Sku {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Sku {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the catalogue knows of the SKUs of a batch: every variant that carries each of them.
#[derive(Clone, Debug, Default)]
pub struct SkuIndex(BTreeMap<Sku, Vec<VariantId>>);

/// Why a SKU does not name exactly one variant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MapSkuError {
    /// No variant carries it.
    #[error("no variant has the SKU {sku}")]
    NotFound {
        /// The SKU in question.
        sku: Sku,
    },
    /// More than one variant carries it.
    #[error("{count} variants have the SKU {sku}")]
    Ambiguous {
        /// The SKU in question.
        sku: Sku,
        /// How many variants carry it.
        count: usize,
    },
}

impl SkuIndex {
    /// The one variant that `sku` names.
    ///
    /// # Errors
    /// None or several carry it.
    pub fn resolve(&self, sku: &Sku) -> Result<VariantId, MapSkuError> {
        match self.0.get(sku).map(Vec::as_slice) {
            Some([variant]) => Ok(*variant),
            None | Some([]) => Err(MapSkuError::NotFound { sku: sku.clone() }),
            Some(several) => Err(MapSkuError::Ambiguous {
                sku: sku.clone(),
                count: several.len(),
            }),
        }
    }
}

impl FromIterator<(Sku, VariantId)> for SkuIndex {
    fn from_iter<I: IntoIterator<Item = (Sku, VariantId)>>(pairs: I) -> Self {
        let mut index = BTreeMap::<Sku, Vec<VariantId>>::new();
        for (sku, variant) in pairs {
            index.entry(sku).or_default().push(variant);
        }
        Self(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(sku: Option<Sku>) -> Option<String> {
        sku.map(|sku| sku.to_string())
    }

    #[test]
    fn a_line_is_mapped_by_its_model_and_else_by_its_item() {
        assert_eq!(
            text(Sku::of_line(Some(" A-1 "), Some("B"))).as_deref(),
            Some("A-1")
        );
        assert_eq!(
            text(Sku::of_line(Some("  "), Some("B"))).as_deref(),
            Some("B")
        );
        assert_eq!(text(Sku::of_line(None, Some(" "))), None);
    }

    #[test]
    fn a_sku_of_two_variants_names_neither() {
        let sku = Sku::parse("A-1").unwrap();
        let variants = [1_u128, 2].map(|n| VariantId::from(ulid::Ulid(n)));
        let index: SkuIndex = variants.iter().map(|id| (sku.clone(), *id)).collect();
        assert_eq!(
            index.resolve(&sku),
            Err(MapSkuError::Ambiguous { sku, count: 2 })
        );
    }
}
