//! How an attempt ended, and what becomes of its run.
//!
//! Invariants:
//! - Only failures use up what a run may fail: a process that goes gives its run back, and a wait that
//!   somebody asked for is kept, however long.
//! - A run that takes too long, or whose processes die again and again, is over, so that somebody is
//!   told of it.

use std::time::Duration;

use chrono::TimeDelta;
use hawker_domain::Timestamp;
use hawker_domain::retry::RetryPolicy;
use hawker_domain::schedule::{Counts, RunState};
use hawker_ports::schedules::{AttemptResult, ClaimedRun, RunEnd};
use hawker_usecases::report_job::RunFailure;

use super::JobError;

/// How a run that failed is tried again within its slot.
const RETRY: RetryPolicy = RetryPolicy {
    first: Duration::from_mins(1),
    longest: Duration::from_mins(30),
    attempts_max: 5,
};

/// No wait that is asked for is kept longer: the longest is until the marketplace's next day begins.
const WAIT_LONGEST: Duration = Duration::from_hours(24);

/// So long after its slot, a wait is a failure like any other: a run that is put off again and again
/// must come to somebody's ears.
const WAITS_FOR: TimeDelta = TimeDelta::hours(26);

/// So often in a row a run is taken over from a process that died; it may be what kills them.
const TAKEN_OVER_MAX: u32 = 5;

/// How an attempt ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum Ended {
    #[error("it came to its end")]
    Worked(Counts),
    #[error("the process was stopped; the run goes on in another one")]
    Stopped,
    #[error("it took longer than it may and was ended")]
    TimedOut,
    #[error("it panicked: {0}")]
    Panicked(String),
    #[error(
        "{TAKEN_OVER_MAX} processes in a row died in the middle of it; look in the log of the system for what killed them, for example too little memory"
    )]
    Abandoned,
    #[error(transparent)]
    Failed(JobError),
}

/// What is kept of an attempt, and what is told of it.
pub(super) struct Outcome {
    pub(super) end: RunEnd,
    /// The result as metrics name it.
    pub(super) label: &'static str,
    /// Why it did not come to its end.
    pub(super) failure: Option<RunFailure>,
}

/// How a run goes on.
enum Next {
    Done,
    Over,
    Retried,
    After(Duration),
    GivenBack,
}

/// Whether a run is not begun once more.
pub(super) fn is_abandoned(claimed: &ClaimedRun) -> bool {
    claimed.taken_over >= TAKEN_OVER_MAX
}

impl Ended {
    /// `told` is what the run told so far; `jitter` is uniform in `0.0..1.0`.
    pub(super) fn outcome(
        self,
        claimed: &ClaimedRun,
        told: Counts,
        took: Duration,
        now: Timestamp,
        jitter: f64,
    ) -> Outcome {
        let (result, wait) = self.next().within(claimed, now, jitter);
        let (label, state) = (self.label(), self.state());
        let (counts, failure) = self.into_parts(told);
        Outcome {
            end: RunEnd {
                result,
                state: wait.map_or(state, |_| RunState::Queued),
                again_at: wait.map(|wait| now + wait),
                counts,
                error: failure.as_ref().map(|failure| failure.why.clone()),
                took,
            },
            label,
            failure,
        }
    }

    const fn label(&self) -> &'static str {
        match self {
            Self::Worked(_) => "ok",
            Self::Stopped | Self::Failed(JobError::Stopped { .. }) => "stopped",
            Self::TimedOut => "timed_out",
            Self::Panicked(_) => "panicked",
            Self::Abandoned | Self::Failed(_) => "failed",
        }
    }

    /// How the run stands if it does not go on.
    const fn state(&self) -> RunState {
        match self {
            Self::Worked(_) => RunState::Done,
            Self::TimedOut => RunState::TimedOut,
            Self::Panicked(_) => RunState::Panicked,
            Self::Stopped | Self::Abandoned | Self::Failed(_) => RunState::Failed,
        }
    }

    const fn next(&self) -> Next {
        match self {
            Self::Worked(_) => Next::Done,
            Self::Stopped | Self::Failed(JobError::Stopped { .. }) => Next::GivenBack,
            Self::Panicked(_) => Next::Retried,
            Self::Failed(JobError::Store(error)) if error.is_passing() => Next::Retried,
            Self::Failed(JobError::Failed {
                is_passing: true,
                retry_after,
                ..
            }) => match retry_after {
                Some(wait) => Next::After(*wait),
                None => Next::Retried,
            },
            Self::TimedOut | Self::Abandoned | Self::Failed(_) => Next::Over,
        }
    }

    fn into_parts(self, told: Counts) -> (Counts, Option<RunFailure>) {
        let why = self.to_string();
        let (counts, of_tenants) = match self {
            Self::Worked(counts) => return (counts, None),
            Self::Failed(JobError::Failed {
                counts, of_tenants, ..
            }) => (counts, of_tenants),
            Self::Failed(JobError::Stopped { counts }) => (counts, Vec::new()),
            _ => (told, Vec::new()),
        };
        (counts, Some(RunFailure { why, of_tenants }))
    }
}

impl Next {
    /// What the attempt counts for, and how long the run waits for the next one, if there is one.
    fn within(
        self,
        claimed: &ClaimedRun,
        now: Timestamp,
        jitter: f64,
    ) -> (AttemptResult, Option<Duration>) {
        let retried = || RETRY.delay(claimed.failures.saturating_add(1), jitter, None);
        match self {
            Self::Done => (AttemptResult::Worked, None),
            Self::Over => (AttemptResult::Failed, None),
            Self::Retried => (AttemptResult::Failed, retried()),
            Self::GivenBack => (AttemptResult::GivenBack, Some(Duration::ZERO)),
            Self::After(wait) => {
                let wait = wait.min(WAIT_LONGEST);
                if now - claimed.run.slot < WAITS_FOR {
                    let own = RETRY.delay(1, jitter, None).unwrap_or_default();
                    (AttemptResult::Postponed, Some(own.max(wait)))
                } else {
                    (AttemptResult::Failed, retried().map(|own| own.max(wait)))
                }
            }
        }
    }
}
