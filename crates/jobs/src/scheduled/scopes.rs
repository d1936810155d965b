//! What each job runs for: read once a minute for all jobs together, so that looking for slots every few
//! seconds does not read every profile of every tenant each time.
//!
//! A tenant that cannot be read is named in the log, once, and counted for as long as that lasts; the
//! slots of all others are planned.

use std::sync::Arc;
use std::time::Duration;

use hawker_domain::schedule::JobScope;
use hawker_domain::{TenantSlug, Zone};
use hawker_ports::{Metrics, StoreError};
use hawker_usecases::scheduled_profiles::ProfilesFound;
use hawker_usecases::{ScheduledProfile, ScheduledProfiles};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::RunsFor;
use crate::failure::Failure;
use crate::streaks::Streaks;

/// What was read so long ago is read anew: a shop that was connected waits no longer for its first run.
const READ_EVERY: Duration = Duration::from_mins(1);

/// Scopes, each with the zone that its schedule is told in.
pub(super) type Scopes = Arc<Vec<(JobScope, Zone)>>;

pub(super) struct PlannedScopes {
    profiles: Arc<ScheduledProfiles>,
    read: Mutex<Option<(Instant, Scopes)>>,
    unreadable: Streaks<TenantSlug>,
    metrics: Arc<dyn Metrics>,
}

impl PlannedScopes {
    pub(super) fn new(profiles: Arc<ScheduledProfiles>, metrics: Arc<dyn Metrics>) -> Self {
        Self {
            profiles,
            read: Mutex::default(),
            unreadable: Streaks::new(),
            metrics,
        }
    }

    pub(super) async fn of(&self, runs_for: RunsFor) -> Result<Scopes, StoreError> {
        match runs_for {
            RunsFor::Installation => Ok(Arc::new(vec![(JobScope::Installation, Zone::UTC)])),
            RunsFor::EachProfile => self.of_profiles().await,
        }
    }

    async fn of_profiles(&self) -> Result<Scopes, StoreError> {
        let mut read = self.read.lock().await;
        if let Some((at, scopes)) = &*read
            && at.elapsed() < READ_EVERY
        {
            return Ok(Arc::clone(scopes));
        }
        let ProfilesFound {
            profiles,
            readable,
            unreadable,
        } = self.profiles.all().await?;
        for tenant in &readable {
            self.unreadable.succeeded(tenant);
        }
        let unplanned = u64::try_from(unreadable.len()).unwrap_or(u64::MAX);
        self.metrics.tenants_unplanned(unplanned);
        for (tenant, error) in unreadable {
            self.note(&tenant, error);
        }
        let scopes = Arc::new(profiles.into_iter().map(scope).collect());
        *read = Some((Instant::now(), Arc::clone(&scopes)));
        Ok(scopes)
    }

    fn note(&self, tenant: &TenantSlug, error: StoreError) {
        if self.unreadable.failed(tenant) == 1 {
            tracing::error!(
                event = "job.tenant_not_planned",
                %tenant,
                error = Failure::from(error).with_causes(),
                "no job of the profiles of a tenant can be planned; it is tried again until it works"
            );
        }
    }
}

fn scope(of: ScheduledProfile) -> (JobScope, Zone) {
    let ScheduledProfile {
        tenant,
        profile,
        zone,
    } = of;
    (JobScope::Profile { tenant, profile }, zone)
}
