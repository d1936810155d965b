//! The jobs: what each runs for, how long it may take, and what of its failures passes.

use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::completeness::Window;
use hawker_domain::ids::ProfileId;
use hawker_domain::schedule::{Counts, JobName, JobScope};
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::Progress;
use hawker_ports::schedules::NewRun;
use hawker_usecases::forget_events::ForgetError;
use hawker_usecases::listing::ListingError;
use hawker_usecases::recover_lost_pushes::RecoveryError;
use hawker_usecases::{BackstopEscrow, ForgetEvents, Reconcile, RecoverLostPushes};

use super::{JobError, RunsFor, ScheduledJob};

/// Fetches lost pushes, for every app.
pub struct LostPushRecovery(pub RecoverLostPushes);

/// Compares lists of orders with ours, for each profile.
pub struct ReconcileDaily(pub Reconcile);

/// Looks for missing payouts and releases, for each profile.
pub struct EscrowBackstopDaily(pub BackstopEscrow);

/// Forgets old events, for every tenant.
pub struct InboxRetention(pub ForgetEvents);

#[async_trait]
impl ScheduledJob for LostPushRecovery {
    fn name(&self) -> JobName {
        JobName::LostPushRecovery
    }

    /// Fifty pages of each app, with room for a slow gateway; well before the next slot.
    fn limit(&self) -> Duration {
        Duration::from_mins(30)
    }

    fn runs_for(&self) -> RunsFor {
        RunsFor::Installation
    }

    async fn run(&self, _: &NewRun, progress: &dyn Progress) -> Result<Counts, JobError> {
        self.0.run(progress).await.map_err(JobError::from)
    }
}

#[async_trait]
impl ScheduledJob for ReconcileDaily {
    fn name(&self) -> JobName {
        JobName::ReconcileDaily
    }

    /// A long history is many calls, and each takes its turn at the shop's limit.
    fn limit(&self) -> Duration {
        Duration::from_hours(6)
    }

    fn runs_for(&self) -> RunsFor {
        RunsFor::EachProfile
    }

    async fn run(&self, run: &NewRun, progress: &dyn Progress) -> Result<Counts, JobError> {
        let (tenant, profile) = of_profile(run)?;
        let window = window(&run.arguments)?;
        let reconciled = self.0.run(tenant, profile, window, progress);
        reconciled.await.map_err(JobError::from)
    }
}

#[async_trait]
impl ScheduledJob for EscrowBackstopDaily {
    fn name(&self) -> JobName {
        JobName::EscrowBackstopDaily
    }

    /// Six weeks of releases, a hundred to a page.
    fn limit(&self) -> Duration {
        Duration::from_hours(2)
    }

    fn runs_for(&self) -> RunsFor {
        RunsFor::EachProfile
    }

    async fn run(&self, run: &NewRun, progress: &dyn Progress) -> Result<Counts, JobError> {
        let (tenant, profile) = of_profile(run)?;
        let window = window(&run.arguments)?;
        let looked = self.0.run(tenant, profile, window, progress);
        looked.await.map_err(JobError::from)
    }
}

#[async_trait]
impl ScheduledJob for InboxRetention {
    fn name(&self) -> JobName {
        JobName::InboxRetention
    }

    /// Enough for the hundred million events of whoever switches it on late.
    fn limit(&self) -> Duration {
        Duration::from_hours(2)
    }

    fn runs_for(&self) -> RunsFor {
        RunsFor::Installation
    }

    async fn run(&self, _: &NewRun, progress: &dyn Progress) -> Result<Counts, JobError> {
        self.0.run(progress).await.map_err(JobError::from)
    }
}

impl From<ForgetError> for JobError {
    fn from(error: ForgetError) -> Self {
        let (is_passing, why, of_tenants) =
            (error.is_passing(), error.to_string(), error.of_tenants());
        match error {
            ForgetError::Store(error) => Self::Store(error),
            ForgetError::Stopped { counts } => Self::Stopped { counts },
            ForgetError::Tenants { counts, failed: _ } => Self::Failed {
                counts,
                why,
                of_tenants,
                is_passing,
                retry_after: None,
            },
        }
    }
}

impl From<RecoveryError> for JobError {
    fn from(error: RecoveryError) -> Self {
        match error {
            RecoveryError::Store(error) => Self::Store(error),
            RecoveryError::Stopped { counts } => Self::Stopped { counts },
            error @ RecoveryError::Apps { .. } => Self::Failed {
                counts: error.counts(),
                why: error.to_string(),
                of_tenants: error.of_tenants(),
                is_passing: true,
                retry_after: None,
            },
        }
    }
}

impl From<ListingError> for JobError {
    fn from(error: ListingError) -> Self {
        match error {
            ListingError::Store(error) => Self::Store(error),
            ListingError::Stopped { counts } => Self::Stopped { counts },
            error => Self::Failed {
                counts: error.counts(),
                is_passing: error.is_passing(),
                retry_after: error.retry_after(),
                why: error.to_string(),
                of_tenants: Vec::new(),
            },
        }
    }
}

fn of_profile(run: &NewRun) -> Result<(&TenantSlug, &ProfileId), JobError> {
    match &run.scope {
        JobScope::Profile { tenant, profile } => Ok((tenant, profile)),
        JobScope::Installation => Err(unusable(format!("{} runs for one profile", run.job))),
    }
}

/// The window that was asked for: `from` and `to`, both or neither.
fn window(arguments: &serde_json::Value) -> Result<Option<Window>, JobError> {
    let moment = |name: &str| -> Result<Option<Timestamp>, JobError> {
        match arguments.get(name) {
            None => Ok(None),
            Some(value) => serde_json::from_value(value.clone())
                .map(Some)
                .map_err(|_| unusable(format!("`{name}` of the run is no moment: {value}"))),
        }
    };
    match (moment("from")?, moment("to")?) {
        (None, None) => Ok(None),
        (Some(from), Some(to)) if from < to => Ok(Some(Window { from, to })),
        _ => Err(unusable(
            "a window needs a `from` and a later `to`".to_owned(),
        )),
    }
}

/// Trying again changes nothing.
fn unusable(why: String) -> JobError {
    JobError::Failed {
        counts: Counts::default(),
        why,
        of_tenants: Vec::new(),
        is_passing: false,
        retry_after: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stop is no failure of the run: whoever takes it next goes on at once.
    #[test]
    fn a_stop_stays_a_stop_with_what_was_done_before() {
        let mut done = Counts::default();
        done.add("pages", 3);
        let stopped = || done.clone();
        for error in [
            JobError::from(RecoveryError::Stopped { counts: stopped() }),
            JobError::from(ListingError::Stopped { counts: stopped() }),
            JobError::from(ForgetError::Stopped { counts: stopped() }),
        ] {
            let JobError::Stopped { counts } = error else {
                panic!("told as: {error:?}");
            };
            assert_eq!(counts, done);
        }
    }
}
