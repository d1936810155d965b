//! Learn the tracking numbers of parcels that no push told.
//!
//! A parcel's number comes by a push of its own, and an order's details do not hold it. If that push is
//! lost for good, the parcel has none, so parcels without a number are asked for: the sooner their order
//! changed, the more often. What the marketplace says becomes an event as the push of it would be, and
//! takes the same path; a number that a push brings meanwhile stands. A number that does not exist yet
//! is nobody's business. A shop that cannot be asked is left for a later look.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hawker_domain::event::NewEvent;
use hawker_domain::ids::{ProfileId, ShipmentId};
use hawker_domain::order::tracking::{ASK_AGAIN_SOONEST, ask_again_at};
use hawker_domain::schedule::Counts;
use hawker_domain::{IdSource, TenantSlug, Timestamp};
use hawker_ports::inbox::StoredAs;
use hawker_ports::marketplace::ShopAccess;
use hawker_ports::orders::UntrackedParcel;
use hawker_ports::parcels::{ParcelTracker, Tracking};
use hawker_ports::{Clock, Store, StoreError, UnitOfWork};

use crate::conflicts::repeated;
use crate::listing::{ListingError, many};
use crate::profile::living;
use crate::tokens::{CallError, ShopTokens};

/// Parcels that are looked at in one go: some calls' worth.
const PARCELS_PER_LOOK: u32 = 200;

/// Learns tracking numbers.
pub struct LearnTrackingNumbers {
    /// Where parcels are.
    pub store: Arc<dyn Store>,
    /// Knows their numbers.
    pub tracker: Arc<dyn ParcelTracker>,
    /// Opens what its calls need.
    pub tokens: Arc<ShopTokens>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
}

/// Parcels that are to be asked for, by the profiles that they are asked for through.
type Parcels = BTreeMap<ProfileId, Vec<UntrackedParcel>>;

impl LearnTrackingNumbers {
    /// Looks at parcels of a tenant that are to be asked for by now; answers how many there were. Each
    /// has its next time before anybody is asked, so that no two processes ask for the same one.
    pub async fn run(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        let (looked_at, parcels) = repeated(|| self.claim(tenant)).await?;
        for (profile, parcels) in &parcels {
            let learnt = self.learn(tenant, profile, parcels).await?;
            if learnt > 0 {
                tracing::info!(event = "tracking_numbers.learnt", profile_id = %profile, count = learnt);
            }
        }
        Ok(looked_at)
    }

    /// Sets the next times of all that are due. Those of profiles that are not in force are not asked
    /// for, and neither are those whose time is over.
    async fn claim(&self, tenant: &TenantSlug) -> Result<(u64, Parcels), StoreError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        let due = uow.orders().untracked(now, PARCELS_PER_LOOK).await?;
        let again: Vec<_> = due
            .iter()
            .map(|parcel| (parcel.id, ask_again_at(parcel.changed_at, now)))
            .collect();
        uow.orders().ask_again(&again).await?;
        let in_force = in_force(&mut *uow, &due).await?;
        uow.commit().await?;
        let looked_at = many(&due);
        let mut parcels = Parcels::new();
        for (parcel, (_, again_at)) in due.into_iter().zip(again) {
            if again_at.is_some() && in_force.contains(&parcel.profile) {
                let of_profile = parcels.entry(parcel.profile.clone()).or_default();
                of_profile.push(parcel);
            }
        }
        Ok((looked_at, parcels))
    }

    /// Asks for parcels of one profile, one call after the other; answers how many numbers came.
    async fn learn(
        &self,
        tenant: &TenantSlug,
        profile: &ProfileId,
        mut parcels: &[UntrackedParcel],
    ) -> Result<u64, StoreError> {
        let per_call = usize::try_from(self.tracker.parcels_per_call()).unwrap_or(usize::MAX);
        let mut learnt = 0;
        while !parcels.is_empty() {
            let (batch, others) = parcels.split_at(per_call.clamp(1, parcels.len()));
            match self.ask(tenant, profile, batch).await? {
                Ok(told) => learnt += self.keep(tenant, batch, told).await?,
                Err(error) => {
                    let error = ListingError::of_call(error, &Counts::default());
                    left_for_a_later_look(profile, &error);
                    self.put_off(tenant, parcels).await?;
                    break;
                }
            }
            parcels = others;
        }
        Ok(learnt)
    }

    async fn ask(
        &self,
        tenant: &TenantSlug,
        profile: &ProfileId,
        batch: &[UntrackedParcel],
    ) -> Result<Result<Vec<Tracking>, CallError>, StoreError> {
        let packages = batch.iter().map(|parcel| parcel.package_number.clone());
        let packages: Vec<String> = packages.collect();
        let (tracker, packages) = (&self.tracker, &packages);
        let ask = |access: Arc<ShopAccess>| async move {
            tracker.tracking_numbers(&access, packages).await
        };
        self.tokens.call(tenant, profile, ask).await
    }

    /// Stores what was told as the push of it would be stored; answers how much that is.
    async fn keep(
        &self,
        tenant: &TenantSlug,
        batch: &[UntrackedParcel],
        told: Vec<Tracking>,
    ) -> Result<u64, StoreError> {
        let now = self.clock.now();
        let told = told
            .into_iter()
            .map(|told| (told.package_number.clone(), told));
        let told: BTreeMap<String, Tracking> = told.collect();
        let events = batch.iter().filter_map(|parcel| {
            let told = told.get(&parcel.package_number)?.clone();
            let profile = parcel.profile.clone();
            let event = NewEvent::own_tracking(&parcel.order, profile, told, now, &*self.ids);
            Some(event)
        });
        let events: Vec<_> = events.collect();
        if events.is_empty() {
            return Ok(0);
        }
        let store = || async {
            let mut uow = self.store.begin(tenant).await?;
            let stored = uow.inbox().store(&events).await?;
            uow.commit().await?;
            Ok(many(stored.iter().filter(|one| **one == StoredAs::New)))
        };
        repeated(store).await
    }

    /// These were not asked for: they are as soon as may be, however long their orders have stood.
    async fn put_off(
        &self,
        tenant: &TenantSlug,
        parcels: &[UntrackedParcel],
    ) -> Result<(), StoreError> {
        let again_at = self.clock.now() + ASK_AGAIN_SOONEST;
        let again: Vec<(ShipmentId, Option<Timestamp>)> = parcels
            .iter()
            .map(|parcel| (parcel.id, Some(again_at)))
            .collect();
        let put_off = || async {
            let mut uow = self.store.begin(tenant).await?;
            uow.orders().ask_again(&again).await?;
            uow.commit().await
        };
        repeated(put_off).await
    }
}

/// The profiles of these parcels that are in force.
async fn in_force(
    uow: &mut dyn UnitOfWork,
    parcels: &[UntrackedParcel],
) -> Result<BTreeSet<ProfileId>, StoreError> {
    let profiles: BTreeSet<_> = parcels.iter().map(|parcel| &parcel.profile).collect();
    let mut in_force = BTreeSet::new();
    for id in profiles {
        let Some(profile) = living(uow, id).await? else {
            continue;
        };
        let environment = uow.profiles().active_environment(profile.connector).await?;
        if profile.is_active && environment == Some(profile.environment) {
            in_force.insert(profile.id);
        }
    }
    Ok(in_force)
}

/// What blocks a shop as a whole is an exception of its own already.
fn left_for_a_later_look(profile: &ProfileId, error: &ListingError) {
    if let ListingError::Blocked { .. } = error {
        tracing::debug!(event = "tracking_numbers.not_learnt", profile_id = %profile, blocked = %error);
    } else {
        tracing::warn!(event = "tracking_numbers.not_learnt", profile_id = %profile, error = %error);
    }
}
