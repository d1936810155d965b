//! Fetch a shop's warehouses and keep them, so that a person chooses the default from a list.
//!
//! Most shops have no multi-warehouse (shopee.md §5.4). That is no error: such a shop shows one
//! location, which has no id because stock calls name none.

mod card;

use std::sync::Arc;

use hawker_domain::audit::{Actor, AuditEntry};
use hawker_domain::ids::ProfileId;
use hawker_domain::{IdSource, ShopId, TenantSlug};
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
    /// It was given another shop while the marketplace was asked. Nothing was kept.
    #[error(
        "profile {0} was given another shop while its warehouses were fetched; none were kept: fetch them again"
    )]
    OtherShop(ProfileId),
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
            Ok((access.shop, desk.warehouses(&access).await?))
        });
        let (shop, warehouses) = call.await??;
        let (is_single, warehouses) = match warehouses {
            Warehouses::Single => (true, Vec::new()),
            Warehouses::Several(warehouses) => (false, warehouses),
        };
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        if let Err(error) = still_of_shop(&mut *uow, profile, shop).await {
            drop(uow);
            return Err(error);
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

/// Whether the profile still stands for the shop, and stays so until the end of the unit of work.
async fn still_of_shop(
    uow: &mut dyn UnitOfWork,
    profile: &ProfileId,
    shop: ShopId,
) -> Result<(), LocationsError> {
    let no_such_profile = || LocationsError::NoSuchProfile(profile.clone());
    let found = living(uow, profile).await?.ok_or_else(no_such_profile)?;
    uow.profiles().lock(found.connector).await?;
    // It may have changed while we waited.
    let found = living(uow, profile).await?.ok_or_else(no_such_profile)?;
    if found.shop != Some(shop) {
        return Err(LocationsError::OtherShop(profile.clone()));
    }
    Ok(())
}

async fn stored(
    uow: &mut dyn UnitOfWork,
    profile: &ProfileId,
) -> Result<LocationsCard, StoreError> {
    let locations = uow.locations().of_profile(profile).await?;
    let watch = uow.watches().find(profile).await?;
    Ok(LocationsCard::of(locations, watch.as_ref()))
}
