//! Schedules: one run for each job, scope and slot, whichever process does it. Kept in the control
//! plane; every call is a transaction of its own.

use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::ids::{JobRunId, LeaseId};
use hawker_domain::schedule::{Counts, JobName, JobScope, RunState, RunTrigger};
use hawker_domain::{TenantSlug, Timestamp};
use serde::Serialize;

use crate::StoreError;
use crate::views::{Page, PageRequest};

/// A run to be done.
#[derive(Clone, Debug, PartialEq)]
pub struct NewRun {
    /// Its id.
    pub id: JobRunId,
    /// The job.
    pub job: JobName,
    /// What it is for.
    pub scope: JobScope,
    /// Its slot; for one that somebody asked for, the moment of asking.
    pub slot: Timestamp,
    /// Why it exists.
    pub trigger: RunTrigger,
    /// What was asked for, for example a window; an empty object for a slot.
    pub arguments: serde_json::Value,
}

/// A run that a process took.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimedRun {
    /// The run.
    pub run: NewRun,
    /// The claim.
    pub lease: LeaseId,
    /// Which attempt this is, from 1; those that were given back are not counted.
    pub attempt: u32,
    /// Attempts that failed before.
    pub failures: u32,
    /// How often in a row, up to now, it was taken over from a process that gave no sign of life.
    pub taken_over: u32,
    /// What earlier attempts reached, by the job's own account.
    pub reached: Option<serde_json::Value>,
}

/// What an attempt was that its process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptResult {
    /// It came to its end.
    Worked,
    /// It did not.
    Failed,
    /// It was told to wait: no failure of the run.
    Postponed,
    /// Its process was stopped: as if it had not been begun.
    GivenBack,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq)]
pub struct RunEnd {
    /// What the attempt was.
    pub result: AttemptResult,
    /// How the run stands now: over, or queued again.
    pub state: RunState,
    /// When it is tried again, where it is queued again.
    pub again_at: Option<Timestamp>,
    /// What was done.
    pub counts: Counts,
    /// What went wrong, in words.
    pub error: Option<String>,
    /// How long the attempt took.
    pub took: Duration,
}

/// Which runs are wanted.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// Of this job.
    pub job: Option<JobName>,
    /// In this state.
    pub state: Option<RunState>,
}

/// A run as a person sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunRow {
    /// `jrun_…`.
    pub id: String,
    /// The job.
    pub job: String,
    /// The profile that it is for; absent for one of the whole installation.
    pub profile_id: Option<String>,
    /// Its slot.
    pub slot: Timestamp,
    /// `schedule` or `manual`.
    pub trigger: String,
    /// What was asked for.
    pub arguments: serde_json::Value,
    /// `queued`, `running`, `done`, `failed`, `panicked`, `timed_out`.
    pub state: String,
    /// Attempts that were begun and not given back.
    pub attempts: i32,
    /// When the last attempt began.
    pub started_at: Option<Timestamp>,
    /// When the run was over.
    pub finished_at: Option<Timestamp>,
    /// How long the last attempt took, in milliseconds.
    pub took_ms: Option<i64>,
    /// What was done, also while it runs.
    pub counts: serde_json::Value,
    /// What went wrong in the last attempt.
    pub error: Option<String>,
    /// When it is tried again.
    pub next_attempt_at: Option<Timestamp>,
    /// The process that took it last.
    pub process: Option<String>,
}

/// What is told of a failure instead of its cause, where that is not one tenant's alone.
pub const WITHHELD: &str = "it runs for every merchant of this installation, so that only the log of the service tells why (`job.failed`)";

impl RunRow {
    /// Without what is not one tenant's alone: a run of the whole installation counts what belongs to
    /// every tenant, and its error may name it.
    #[must_use]
    pub fn withheld(self) -> Self {
        Self {
            counts: serde_json::json!({}),
            error: self.error.map(|_| WITHHELD.to_owned()),
            ..self
        }
    }
}

/// Runs of jobs.
///
/// A tenant sees the runs of its profiles and those of the installation, the latter
/// [withheld](RunRow::withheld) unless it is the only tenant.
#[async_trait]
pub trait ScheduleLedger: Send + Sync {
    /// The latest slot of a job for which there is a run of its schedule, by scope.
    async fn latest_slots(&self, job: JobName) -> Result<Vec<(JobScope, Timestamp)>, StoreError>;

    /// Adds runs. One whose job, scope, slot and trigger are there already is left out; answers how
    /// many were added.
    async fn enqueue(&self, runs: &[NewRun], now: Timestamp) -> Result<u64, StoreError>;

    /// Takes the run of a job that waits longest: queued and due, or left behind by a process whose
    /// claim ended. Never two of one job and scope at once.
    async fn claim(
        &self,
        job: JobName,
        process: &str,
        lease: LeaseId,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Option<ClaimedRun>, StoreError>;

    /// Takes one run by its id, if it is queued: whoever asked for it does it. The same rule holds.
    async fn claim_this(
        &self,
        id: JobRunId,
        process: &str,
        lease: LeaseId,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Option<ClaimedRun>, StoreError>;

    /// The run goes on: keeps what was done so far, what it reached if that is known, and the claim
    /// alive. Answers whether the claim
    /// still held; where it did not, another process has the run.
    async fn keep_alive(
        &self,
        id: JobRunId,
        lease: LeaseId,
        counts: &Counts,
        reached: Option<&serde_json::Value>,
        lease_until: Timestamp,
    ) -> Result<bool, StoreError>;

    /// The attempt ended. Answers whether the claim still held; where it did not, nothing is kept.
    async fn finish(
        &self,
        id: JobRunId,
        lease: LeaseId,
        end: &RunEnd,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Forgets runs that were over before `before`, but never the latest of a job and scope; answers
    /// how many.
    async fn forget(&self, before: Timestamp) -> Result<u64, StoreError>;

    /// The newest run of each job and scope that a tenant sees, by job and profile.
    async fn latest_runs(&self, tenant: &TenantSlug) -> Result<Vec<RunRow>, StoreError>;

    /// Runs that a tenant sees, newest first.
    async fn runs(
        &self,
        tenant: &TenantSlug,
        filter: &RunFilter,
        page: &PageRequest,
    ) -> Result<Page<RunRow>, StoreError>;

    /// One run, if the tenant sees it.
    async fn run(&self, tenant: &TenantSlug, id: JobRunId) -> Result<Option<RunRow>, StoreError>;
}
