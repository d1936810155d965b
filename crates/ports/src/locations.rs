//! The marketplace's warehouses of a shop, as fetched last.

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::ids::ProfileId;

use crate::StoreError;
use crate::shops::Warehouse;

/// A warehouse as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShopLocation {
    /// The warehouse.
    pub warehouse: Warehouse,
    /// Whether it is the one that is meant where none is named.
    pub is_default: bool,
    /// When it was fetched.
    pub fetched_at: Timestamp,
}

/// The warehouses of shops, kept for each profile and location.
#[async_trait]
pub trait ShopLocations: Send {
    /// Replaces what is kept of a profile: what is not among `warehouses` goes. The default stays
    /// the default as long as it exists; when there is none, the first becomes it.
    async fn replace(
        &mut self,
        profile: &ProfileId,
        warehouses: &[Warehouse],
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// What is kept of a profile, the default first.
    async fn of_profile(&mut self, profile: &ProfileId) -> Result<Vec<ShopLocation>, StoreError>;

    /// Makes a location the default; `false` when the profile has no such location.
    async fn choose_default(
        &mut self,
        profile: &ProfileId,
        location_id: &str,
    ) -> Result<bool, StoreError>;
}
