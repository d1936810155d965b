//! Fetch a shop's warehouses and keep them, so that a person chooses the default from a list.
//!
//! Most shops have no multi-warehouse (shopee.md §5.4). That is no error: such a shop shows one
//! location, which has no id because stock calls name none.

mod card;

use std::sync::Arc;

use hawker_domain::audit::{Actor, AuditEntry};
use hawker_domain::ids::ProfileId;
use hawker_domain::{IdSource, TenantSlug};
use hawker_ports::marketplace::MarketplaceError;
use hawker_ports::shops::{ShopDesk, Warehouses};
use hawker_ports::{Clock, Store, StoreError, UnitOfWork};

use crate::profile::living;
use crate::tokens::{Blocked, CallError, ShopTokens};

pub use card::{LocationCard, LocationsCard};

/// Fetches warehouses.
pub struct RefreshLocations {
    /// Opens the access of the shop.
    pub tokens: Arc<ShopTokens>,
    /// Tells the warehouses.
    pub desk: Arc<dyn ShopDesk>,
    /// Where they are kept.
    pub store: Arc<dyn Store>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
}

/// Why no warehouses were fetched or shown.
#[derive(Debug, thiserror::Error)]
pub enum LocationsError {
    /// There is no such profile (any more).
    #[error("there is no profile `{0}`")]
    NoSuchProfile(ProfileId),
    /// The shop cannot be called for.
    #[error("the warehouses were not fetched: {0}")]
    Blocked(Blocked),
    /// The marketplace refused, or could not be asked.
    #[error("the warehouses were not fetched")]
    Marketplace(#[source] MarketplaceError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<CallError> for LocationsError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Blocked(blocked) => Self::Blocked(blocked),
            CallError::Marketplace { error, .. } => Self::Marketplace(error),
        }
    }
}

impl RefreshLocations {
    /// Fetches the warehouses of the profile's shop. The default location stays as long as it
    /// exists.
    pub async fn run(
        &self,
        tenant: &TenantSlug,
        actor: &Actor,
        profile: &ProfileId,
    ) -> Result<LocationsCard, LocationsError> {
        self.show(tenant, profile).await?;
        let desk = &self.desk;
        let call = self.tokens.call(tenant, profile, |access| async move {
            desk.warehouses(&access).await
        });
        let (is_single, warehouses) = match call.await?? {
            Warehouses::Single => (true, Vec::new()),
            Warehouses::Several(warehouses) => (false, warehouses),
        };
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        if living(&mut *uow, profile).await?.is_none() {
            drop(uow);
            return Err(LocationsError::NoSuchProfile(profile.clone()));
        }
        uow.locations().replace(profile, &warehouses, now).await?;
        uow.watches()
            .note_locations(profile, is_single, now)
            .await?;
        let subject = format!("profile:{profile}");
        let entry = AuditEntry::new(actor, "locations.refreshed", subject, now, &*self.ids)
            .with("is_single", is_single)
            .with("locations", warehouses.len());
        uow.audit().record(&[entry]).await?;
        let card = stored(&mut *uow, profile).await?;
        uow.commit().await?;
        Ok(card)
    }

    /// The warehouses as they were fetched last.
    pub async fn show(
        &self,
        tenant: &TenantSlug,
        profile: &ProfileId,
    ) -> Result<LocationsCard, LocationsError> {
        let mut uow = self.store.begin(tenant).await?; // read only
        let found = living(&mut *uow, profile).await?;
        let card = stored(&mut *uow, profile).await?;
        drop(uow);
        match found {
            Some(_) => Ok(card),
            None => Err(LocationsError::NoSuchProfile(profile.clone())),
        }
    }
}

async fn stored(
    uow: &mut dyn UnitOfWork,
    profile: &ProfileId,
) -> Result<LocationsCard, StoreError> {
    let locations = uow.locations().of_profile(profile).await?;
    let watch = uow.watches().find(profile).await?;
    Ok(LocationsCard::of(locations, watch.as_ref()))
}
