//! Keys that were opened a moment ago, with the version of the profiles that they are of.
//!
//! They are used only with a store that compares the version as it stores: a change of the profiles, by
//! whatever path, makes them worthless at once. They are read anew soon all the same, because the long way sees
//! more than the profiles: whether a mismatch is open that may be over by now.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::profiles::ProfilesVersion;
use hawker_ports::{StoreError, UnitOfWork};

use super::{Keyring, ReceivePushes};

/// For so long they are used: the long way is gone once in that time, however many pushes come.
const RECENT: TimeDelta = TimeDelta::seconds(1);

/// The keys of each tenant as they were read last. Cheap to clone; clones share them.
#[derive(Clone, Default)]
pub struct Keyrings(Arc<Mutex<HashMap<TenantSlug, Known>>>);

/// Opened keys.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) keyring: Arc<Keyring>,
    pub(super) version: ProfilesVersion,
    read_at: Timestamp,
}

impl Keyrings {
    /// The keys of a tenant, if they were read a moment before `now`.
    pub(super) fn recent(&self, tenant: &TenantSlug, now: Timestamp) -> Option<Known> {
        let known = self.known().get(tenant)?.clone();
        let age = now - known.read_at;
        (TimeDelta::zero()..RECENT).contains(&age).then_some(known)
    }

    /// The profiles are not what they were.
    pub(super) fn forget(&self, tenant: &TenantSlug) {
        self.known().remove(tenant);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<TenantSlug, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ReceivePushes {
    /// Reads the keys, and keeps them for the pushes that come next.
    pub(super) async fn read_keyring(
        &self,
        tenant: &TenantSlug,
        uow: &mut dyn UnitOfWork,
        now: Timestamp,
    ) -> Result<Arc<Keyring>, StoreError> {
        let is_known = self.keyrings.recent(tenant, now).is_some();
        // The version first: with one that is older than the profiles, nothing is stored by them.
        let version = if is_known {
            None
        } else {
            Some(uow.profiles().version(self.connector).await?)
        };
        let profiles = uow.profiles().receiving(self.connector).await?;
        let base = self.public_api_base_url.as_ref();
        let keyring = Arc::new(Keyring::open(profiles, &*self.sealer, base));
        if let Some(version) = version {
            let known = Known {
                keyring: Arc::clone(&keyring),
                version,
                read_at: now,
            };
            self.keyrings.known().insert(tenant.clone(), known);
        }
        Ok(keyring)
    }
}
