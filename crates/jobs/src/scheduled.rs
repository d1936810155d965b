//! Jobs that run at slots: when they are due, who runs them, and how a run is kept.
//!
//! Invariants:
//! - One run for each job, scope and slot, whichever process sees it first; a slot that was missed
//!   while nobody ran is run once, however many were missed.
//! - A run that takes too long is ended, one that panics is kept as such, and neither harms another.
//! - A run whose process died is taken over by whoever comes next, but not for ever.
//! - Somebody is told of a run that failed for good before it is kept as such.

mod attempt;
mod jobs;
mod planner;
mod runner;
mod schedule;
mod scopes;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::schedule::{Counts, JobName};
use hawker_domain::{IdSource, TenantSlug};
use hawker_ports::schedules::{NewRun, ScheduleLedger};
use hawker_ports::{Clock, Metrics, Progress, StoreError};
use hawker_usecases::{ReportJob, ScheduledProfiles};
use tokio::runtime::Handle;
use tokio::sync::Notify;

pub use self::jobs::{EscrowBackstopDaily, InboxRetention, LostPushRecovery, ReconcileDaily};
use self::planner::Planner;
pub use self::runner::{JobRunner, RunError};
pub use self::schedule::{Schedule, ScheduleError};
use crate::tasks::{Stopped, Tasks};

/// How often it is looked whether a slot has come.
const PLAN_EVERY: Duration = Duration::from_secs(5);

/// How often a runner that has nothing to do looks for a run that somebody asked for.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Runs of one job that a process does at once: two profiles, so that a slow one does not hold up all
/// others.
const RUNNERS_PER_JOB: usize = 2;

/// Why a run came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The store failed; trying again is right where that passes.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It was asked to end; another process goes on with it.
    #[error("the process was stopped; the run goes on in another one")]
    Stopped {
        /// What was done before.
        counts: Counts,
    },
    /// Something else failed.
    #[error("{why}")]
    Failed {
        /// What was done before.
        counts: Counts,
        /// In words: the thing, the cause, the next step.
        why: String,
        /// What of it concerns which tenant, where a run is for several and that is known.
        of_tenants: Vec<(TenantSlug, String)>,
        /// Whether it is tried again by itself within the slot.
        is_passing: bool,
        /// Not before so long, where somebody asked for it: then it is no failure of the run.
        retry_after: Option<Duration>,
    },
}

/// What a job runs for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunsFor {
    /// The whole installation at once.
    Installation,
    /// Each profile in force whose shop is authorised.
    EachProfile,
}

/// A job that runs at slots.
#[async_trait]
pub trait ScheduledJob: Send + Sync {
    /// Its name.
    fn name(&self) -> JobName;

    /// No attempt takes longer.
    fn limit(&self) -> Duration;

    /// What it runs for.
    fn runs_for(&self) -> RunsFor;

    /// Runs. May be run again for the same slot after a failure or a crash.
    async fn run(&self, run: &NewRun, progress: &dyn Progress) -> Result<Counts, JobError>;
}

/// A job and when it runs; never by itself without a schedule.
pub struct Planned {
    /// The job.
    pub job: Arc<dyn ScheduledJob>,
    /// When.
    pub schedule: Option<Schedule>,
}

/// What planning and running need.
#[derive(Clone)]
pub struct SchedulerPorts {
    /// Where runs are kept.
    pub ledger: Arc<dyn ScheduleLedger>,
    /// The profiles that jobs run for.
    pub profiles: Arc<ScheduledProfiles>,
    /// Tells somebody of a job that failed for good.
    pub report: Arc<ReportJob>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
    /// Counts.
    pub metrics: Arc<dyn Metrics>,
    /// Names this process in the runs that it takes.
    pub process: String,
}

/// Plans slots and runs what is due, until it is stopped.
pub struct Scheduler {
    tasks: Tasks,
}

impl Scheduler {
    /// Starts on `runtime`: slots that were missed are run at once.
    pub fn start(planned: Vec<Planned>, ports: &SchedulerPorts, runtime: Handle) -> Self {
        let tasks = Tasks::on(runtime);
        let wake = Arc::new(Notify::new());
        for planned in &planned {
            for _ in 0..RUNNERS_PER_JOB {
                let runner = JobRunner::new(Arc::clone(&planned.job), ports.clone());
                tasks.spawn(runner.run_until(tasks.stop_signal(), Arc::clone(&wake)));
            }
        }
        let slots = Planner::new(planned, ports.clone());
        tasks.spawn(slots.run(tasks.stop_signal(), wake));
        Self { tasks }
    }

    /// Ends; a run in hand is waited for as long as `grace` lasts and is then another process's.
    pub async fn stop(&self, grace: Duration) -> Stopped {
        self.tasks.stop(grace).await
    }
}
