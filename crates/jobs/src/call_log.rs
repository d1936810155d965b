//! The calls to the marketplace that this process made, on their way to the store.
//!
//! [`RecentCalls`] takes them in beside the calls themselves, so it neither waits nor fails; the
//! reconciler [`CallLogging`] carries them over every few seconds. A process that dies takes the last
//! few with it: they are for looking at, nothing depends on them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::TenantSlug;
use hawker_domain::ids::ProfileId;
use hawker_ports::calls::{CALLS_KEPT, CallRecorder, RecordedCall};
use hawker_ports::tenants::TenantDirectory;
use hawker_ports::{Store, StoreError};

use crate::reconciler::Reconciler;

/// Calls that wait for each profile: the store keeps no more either.
const CALLS_MAX: usize = CALLS_KEPT as usize;

/// Profiles that calls wait for. Far more than one installation has; the limit only makes sure that
/// a store that is away for days costs no more than a few megabytes.
const PROFILES_MAX: usize = 1_000;

/// The newest calls of each profile that the store does not have yet.
#[derive(Default)]
pub struct RecentCalls(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    of_profiles: BTreeMap<ProfileId, VecDeque<RecordedCall>>,
    dropped: u64,
}

impl RecentCalls {
    /// Calls that were dropped because newer ones came before the store took them.
    pub fn dropped(&self) -> u64 {
        self.waiting().dropped
    }

    fn profiles(&self) -> Vec<ProfileId> {
        self.waiting().of_profiles.keys().cloned().collect()
    }

    /// Takes the calls of a profile out, oldest first.
    fn take(&self, profile: &ProfileId) -> VecDeque<RecordedCall> {
        let taken = self.waiting().of_profiles.remove(profile);
        taken.unwrap_or_default()
    }

    /// Puts calls back that the store did not take, before those that came meanwhile.
    fn give_back(&self, profile: &ProfileId, mut calls: VecDeque<RecordedCall>) {
        calls.extend(self.take(profile));
        self.waiting().add(profile.clone(), calls);
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn add(&mut self, profile: ProfileId, calls: impl IntoIterator<Item = RecordedCall>) {
        let mut calls: VecDeque<_> = calls.into_iter().collect();
        if !self.of_profiles.contains_key(&profile) && self.of_profiles.len() >= PROFILES_MAX {
            self.dropped += calls.len() as u64;
            return;
        }
        let waiting = self.of_profiles.entry(profile).or_default();
        waiting.append(&mut calls);
        while waiting.len() > CALLS_MAX {
            waiting.pop_front();
            self.dropped += 1;
        }
    }
}

impl CallRecorder for RecentCalls {
    fn record(&self, call: RecordedCall) {
        self.waiting().add(call.profile.clone(), [call]);
    }
}

/// Carries recorded calls over to the store.
pub struct CallLogging {
    calls: Arc<RecentCalls>,
    tenants: Arc<dyn TenantDirectory>,
    store: Arc<dyn Store>,
}

impl CallLogging {
    /// Carries `calls` over to `store`; `tenants` says whose a profile is.
    pub fn new(
        calls: Arc<RecentCalls>,
        tenants: Arc<dyn TenantDirectory>,
        store: Arc<dyn Store>,
    ) -> Self {
        Self {
            calls,
            tenants,
            store,
        }
    }

    /// Stores the calls of one profile; on failure they wait for the next time.
    async fn carry(&self, tenant: &TenantSlug, profile: &ProfileId) -> Result<u64, StoreError> {
        let mut calls = self.calls.take(profile);
        let kept = self.keep(tenant, calls.make_contiguous()).await;
        let count = calls.len() as u64;
        if let Err(error) = kept {
            self.calls.give_back(profile, calls);
            return Err(error);
        }
        Ok(count)
    }

    async fn keep(&self, tenant: &TenantSlug, calls: &[RecordedCall]) -> Result<(), StoreError> {
        let mut uow = self.store.begin(tenant).await?;
        uow.calls().record(calls).await?;
        uow.commit().await
    }
}

#[async_trait]
impl Reconciler for CallLogging {
    fn name(&self) -> &'static str {
        "call-log"
    }

    /// Whoever looks at the last calls looks for one that was made just now.
    fn interval(&self) -> Duration {
        Duration::from_secs(5)
    }

    async fn run_once(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        let mut carried = 0;
        for profile in self.calls.profiles() {
            match self.tenants.tenant_of(&profile).await? {
                Some(owner) if owner == *tenant => carried += self.carry(tenant, &profile).await?,
                Some(_) => {}
                // It was deleted for good since.
                None => drop(self.calls.take(&profile)),
            }
        }
        Ok(carried)
    }
}

#[cfg(test)]
mod tests;
