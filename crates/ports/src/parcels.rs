//! What the marketplace says of single parcels: the numbers that couriers gave them.

use async_trait::async_trait;

use crate::marketplace::{MarketplaceError, ShopAccess};

pub use hawker_domain::event::Tracking;

/// The marketplace's word on the parcels of a shop.
#[async_trait]
pub trait ParcelTracker: Send + Sync {
    /// As many parcels as one call takes.
    fn parcels_per_call(&self) -> u32;

    /// The tracking numbers of these packages (at most [`parcels_per_call`]), by Shopee's
    /// `package_number`. A package that has none yet, or that the marketplace does not know (any more),
    /// is not among the answers; so a number is never blank.
    ///
    /// [`parcels_per_call`]: ParcelTracker::parcels_per_call
    async fn tracking_numbers(
        &self,
        access: &ShopAccess,
        packages: &[String],
    ) -> Result<Vec<Tracking>, MarketplaceError>;
}
