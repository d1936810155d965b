//! Why an order has to wait for a person, in words that say what to do.

use super::snapshot::ListingRef;
use crate::catalogue::{MapSkuError, Sku};
use crate::channel::OrderKey;
use crate::exception::{Cause, ErrorClass};

/// Why an order has to wait for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Lines that no single variant answers to.
    Unmapped(Vec<UnmappedLine>),
    /// There is no place to reserve stock at.
    NoStockLocation,
}

/// A line that cannot be mapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmappedLine {
    /// The listing that sold it.
    pub listing: ListingRef,
    /// The name that the buyer saw.
    pub title: String,
    /// Why; `None` where the listing carries no SKU at all.
    pub error: Option<MapSkuError>,
}

impl Problem {
    /// One cause for each thing that somebody has to put right.
    pub fn causes(&self, key: &OrderKey) -> Vec<Cause> {
        match self {
            Self::Unmapped(lines) => {
                let mut causes: Vec<_> = lines.iter().map(|line| line.cause(key)).collect();
                causes.sort_by(|a, b| a.key.cmp(&b.key));
                causes.dedup_by(|a, b| a.key == b.key);
                causes
            }
            Self::NoStockLocation => vec![Cause {
                class: ErrorClass::MedusaWorkflowFailed,
                key: "no-stock-location".into(),
                message: format!(
                    "Order {} cannot reserve stock: there is no stock location. Add one; the order then goes on by itself.",
                    key.order_sn
                ),
                due_at: None,
            }],
        }
    }

    /// The SKUs that release the order once each of them names one variant.
    pub fn missing_skus(&self) -> Vec<Sku> {
        let Self::Unmapped(lines) = self else {
            return Vec::new();
        };
        let mut skus: Vec<_> = lines
            .iter()
            .filter_map(|line| match &line.error {
                Some(MapSkuError::NotFound { sku } | MapSkuError::Ambiguous { sku, .. }) => {
                    Some(sku.clone())
                }
                None => None,
            })
            .collect();
        skus.sort();
        skus.dedup();
        skus
    }
}

impl UnmappedLine {
    fn cause(&self, key: &OrderKey) -> Cause {
        let sn = &key.order_sn;
        let title = &self.title;
        let ListingRef { item_id, model_id } = self.listing;
        let (class, key, message) = match &self.error {
            Some(MapSkuError::NotFound { sku }) => (
                ErrorClass::SkuNotFound,
                format!("sku:{sku}"),
                format!(
                    "Order {sn} is held: no variant has the SKU {sku} (“{title}”). \
                     Add the SKU to the catalogue or correct it at the listing; the order is then released by itself."
                ),
            ),
            Some(MapSkuError::Ambiguous { sku, count }) => (
                ErrorClass::AmbiguousSku,
                format!("sku:{sku}"),
                format!(
                    "Order {sn} is held: {count} variants have the SKU {sku} (“{title}”). \
                     Leave it on one of them; the order is then released by itself."
                ),
            ),
            None => (
                ErrorClass::SkuNotFound,
                format!("listing:{item_id}:{model_id}"),
                format!(
                    "Order {sn} is held: its listing {item_id} (model {model_id}, “{title}”) has no SKU. \
                     Enter one at the marketplace, then retry the order."
                ),
            ),
        };
        Cause {
            class,
            key,
            message,
            due_at: None,
        }
    }
}
