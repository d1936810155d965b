//! Jobs and their runs: as they go out, and a run as it is asked for.

use chrono::{DateTime, Utc};
use hawker_domain::ids::JobRunId;
use hawker_domain::schedule::JobName;
use hawker_ports::schedules::RunRow;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::names::JobNameWire;
use crate::period::When;

/// The jobs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Jobs)]
pub(crate) struct JobsWire {
    /// All of them.
    pub(crate) items: Vec<JobWire>,
}

/// A job.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
pub(crate) struct JobWire {
    /// Its name.
    #[schema(value_type = JobNameWire, example = "reconcile-daily")]
    pub(crate) job: JobName,
    /// Minute, hour, day of the month, month, day of the week; `null` where it runs only when it is
    /// asked for.
    #[schema(required, example = "0 3 * * *")]
    pub(crate) schedule: Option<String>,
    /// What it runs for: profile by profile, or the installation as a whole.
    pub(crate) scopes: Vec<JobScopeWire>,
}

/// What a job runs for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobScope)]
pub(crate) struct JobScopeWire {
    /// The profile; `null` for the installation as a whole.
    #[schema(required, example = "prof_live")]
    pub(crate) profile_id: Option<String>,
    /// The zone that its schedule is told in; `null` where it is not scheduled, as for a profile that
    /// is not in force.
    #[schema(required, example = "Asia/Singapore")]
    pub(crate) zone: Option<String>,
    /// When it runs next by itself.
    #[schema(required)]
    pub(crate) next_slot: Option<DateTime<Utc>>,
    /// Its last run, among the last 500 of the job.
    #[schema(required)]
    pub(crate) last_run: Option<RunWire>,
}

/// A run of a job.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobRun)]
pub(crate) struct RunWire {
    /// Its id.
    #[schema(example = "jrun_01JD0Z5V7Q8W9X0Y1Z2A3B4C5D")]
    id: String,
    /// The job.
    #[schema(example = "reconcile-daily")]
    job: String,
    /// The profile that it is for; `null` for one of the whole installation.
    #[schema(required, example = "prof_live")]
    profile_id: Option<String>,
    /// Its slot; for one that was asked for, the moment of asking.
    slot: DateTime<Utc>,
    /// `schedule` or `manual`.
    trigger: String,
    /// What was asked for.
    arguments: Value,
    /// `queued`, `running`, `done`, `failed`, `panicked` or `timed_out`.
    #[schema(example = "done")]
    state: String,
    /// Attempts that were begun.
    attempts: i32,
    /// When the last attempt began.
    #[schema(required)]
    started_at: Option<DateTime<Utc>>,
    /// When it was over.
    #[schema(required)]
    finished_at: Option<DateTime<Utc>>,
    /// How long the last attempt took, in milliseconds.
    #[schema(required)]
    took_ms: Option<i64>,
    /// What was done, also while it runs.
    #[schema(example = json!({ "pages": 3, "listed": 241, "missing": 1 }))]
    counts: Value,
    /// What went wrong in the last attempt.
    #[schema(required)]
    error: Option<String>,
    /// When it is tried again.
    #[schema(required)]
    next_attempt_at: Option<DateTime<Utc>>,
    /// The process that took it last.
    #[schema(required)]
    process: Option<String>,
}

/// A run that somebody asks for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = JobRunRequest, example = json!({ "from": "2026-11-01", "to": "2026-11-20" }))]
pub(crate) struct JobRunForm {
    /// The profile that it is for; where none is named, the active one. Nothing for a job of the whole
    /// installation.
    pub(crate) profile_id: Option<String>,
    /// From then on: a day of the shop's calendar, or a moment. Without it, what the job looks at by
    /// itself.
    #[schema(value_type = Option<String>)]
    pub(crate) from: Option<When>,
    /// Until then: a day, with it, or a moment.
    #[schema(value_type = Option<String>)]
    pub(crate) to: Option<When>,
}

/// A run that was asked for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AskedRun)]
pub(crate) struct AskedRunWire {
    /// Under which it can be followed.
    #[schema(example = "jrun_01JD0Z5V7Q8W9X0Y1Z2A3B4C5D")]
    run_id: String,
}

impl From<JobRunId> for AskedRunWire {
    fn from(run: JobRunId) -> Self {
        Self {
            run_id: run.to_string(),
        }
    }
}

impl From<RunRow> for RunWire {
    fn from(row: RunRow) -> Self {
        let RunRow {
            id,
            job,
            profile_id,
            slot,
            trigger,
            arguments,
            state,
            attempts,
            started_at,
            finished_at,
            took_ms,
            counts,
            error,
            next_attempt_at,
            process,
        } = row;
        Self {
            id,
            job,
            profile_id,
            slot,
            trigger,
            arguments,
            state,
            attempts,
            started_at,
            finished_at,
            took_ms,
            counts,
            error,
            next_attempt_at,
            process,
        }
    }
}
