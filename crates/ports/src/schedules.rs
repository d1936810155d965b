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
    /// Which attempt this is, from 1.
    pub attempt: u32,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq)]
pub struct RunEnd {
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
    /// Attempts that were begun.
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

/// Runs of jobs.
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

    /// The run goes on: keeps what was done so far and the claim alive. Answers whether the claim
    /// still held; where it did not, another process has the run.
    async fn keep_alive(
        &self,
        id: JobRunId,
        lease: LeaseId,
        counts: &Counts,
        lease_until: Timestamp,
    ) -> Result<bool, StoreError>;

    /// The attempt ended. Nothing where the claim no longer holds.
    async fn finish(
        &self,
        id: JobRunId,
        lease: LeaseId,
        end: &RunEnd,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Forgets runs that were over before `before`, but never the latest of a job and scope; answers
    /// how many.
    async fn forget(&self, before: Timestamp) -> Result<u64, StoreError>;

    /// Runs of a tenant's profiles and of the installation, newest first.
    async fn runs(
        &self,
        tenant: &TenantSlug,
        filter: &RunFilter,
        page: &PageRequest,
    ) -> Result<Page<RunRow>, StoreError>;

    /// One run, if the tenant may see it.
    async fn run(&self, tenant: &TenantSlug, id: JobRunId) -> Result<Option<RunRow>, StoreError>;
}
