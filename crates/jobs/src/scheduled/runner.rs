//! Runs what is due: one run at a time, kept alive while it goes on, bounded in time, its panic kept
//! as a result.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::FutureExt as _;
use hawker_domain::ids::{JobRunId, LeaseId};
use hawker_domain::schedule::{Counts, RunState};
use hawker_ports::schedules::{AttemptResult, ClaimedRun, NewRun, RunEnd};
use hawker_ports::{Progress, StoreError};
use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::{Instant, MissedTickBehavior};

use super::attempt::{Ended, Outcome, is_abandoned};
use super::{LOOK_EVERY, ScheduledJob, SchedulerPorts};
use crate::failure::{Failure, caught, message_of};
use crate::streaks::Streaks;
use crate::tasks::StopSignal;

/// How long a claim lasts without a sign of life: a run whose process died waits so long.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// How often a run gives a sign of life.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// How long a run may go on once the process is asked to stop: it ends at its next page.
const FINISH_WITHIN: Duration = Duration::from_secs(15);

/// Why a run that was asked for by its id did not take place.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another process took it, or another run of the same job and scope is under way.
    #[error("another process is at it: `hawker jobs history` shows how it goes")]
    Taken,
}

/// Runs one job.
pub struct JobRunner {
    job: Arc<dyn ScheduledJob>,
    ports: SchedulerPorts,
    streaks: Streaks<()>,
}

/// What a run has told so far.
#[derive(Default)]
struct Told {
    counts: Mutex<Counts>,
    reached: Mutex<Option<Value>>,
    is_stopping: AtomicBool,
}

impl Told {
    fn counts(&self) -> Counts {
        locked(&self.counts).clone()
    }

    fn reached(&self) -> Option<Value> {
        locked(&self.reached).clone()
    }
}

fn locked<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps what is told and hands it on.
struct Telling<'a> {
    told: &'a Told,
    listener: &'a dyn Progress,
}

impl Progress for Telling<'_> {
    fn tell(&self, counts: &Counts) {
        *locked(&self.told.counts) = counts.clone();
        self.listener.tell(counts);
    }

    fn is_stopping(&self) -> bool {
        self.told.is_stopping.load(Ordering::Relaxed) || self.listener.is_stopping()
    }

    fn reached(&self, reached: Value) {
        *locked(&self.told.reached) = Some(reached);
    }

    fn resumes(&self) -> Option<Value> {
        self.told.reached()
    }
}

impl JobRunner {
    /// Runs `job`.
    pub fn new(job: Arc<dyn ScheduledJob>, ports: SchedulerPorts) -> Self {
        Self {
            job,
            ports,
            streaks: Streaks::new(),
        }
    }

    /// Runs what is due until the stop is given.
    pub(super) async fn run_until(self, mut stop: StopSignal, wake: Arc<Notify>) {
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = stop.given() => break,
                () = wake.notified() => {}
                _ = ticks.tick() => {}
            }
            while !stop.is_given() && self.run_next(&stop).await {}
        }
    }

    /// Answers whether there was a run.
    async fn run_next(&self, stop: &StopSignal) -> bool {
        match caught(self.claim()).await {
            Ok(None) => {
                self.streaks.succeeded(&());
                false
            }
            Ok(Some(claimed)) => {
                let done = self.do_run(&claimed, &hawker_ports::progress::NoProgress, Some(stop));
                if let Err(error) = done.await {
                    tracing::error!(
                        event = "job.not_kept", job = %claimed.run.job, run_id = %claimed.run.id,
                        error = Failure::from(error).with_causes(),
                        "how a run ended could not be kept; it is run again"
                    );
                }
                true
            }
            Err(failure) => {
                if self.streaks.failed(&()) == 1 {
                    tracing::error!(
                        event = "job.not_claimed", job = %self.job.name(),
                        error = failure.with_causes(),
                        "the runs of a job cannot be looked at; it is tried again until it works"
                    );
                }
                false
            }
        }
    }

    async fn claim(&self) -> Result<Option<ClaimedRun>, StoreError> {
        let now = self.ports.clock.now();
        let lease = LeaseId::fresh(&*self.ports.ids);
        let (job, process) = (self.job.name(), &self.ports.process);
        let claim = self
            .ports
            .ledger
            .claim(job, process, lease, now, now + LEASE);
        claim.await
    }

    /// Does one run that was asked for, in the process of whoever asked.
    pub async fn run_this(
        &self,
        id: JobRunId,
        listener: &dyn Progress,
    ) -> Result<RunEnd, RunError> {
        let now = self.ports.clock.now();
        let lease = LeaseId::fresh(&*self.ports.ids);
        let ledger = &self.ports.ledger;
        let claim = ledger.claim_this(id, &self.ports.process, lease, now, now + LEASE);
        let claimed = claim.await?.ok_or(RunError::Taken)?;
        self.do_run(&claimed, listener, None)
            .await?
            .ok_or(RunError::Taken)
    }

    /// Nothing where the claim was lost on the way.
    async fn do_run(
        &self,
        claimed: &ClaimedRun,
        listener: &dyn Progress,
        stop: Option<&StopSignal>,
    ) -> Result<Option<RunEnd>, StoreError> {
        let ClaimedRun {
            run,
            lease,
            attempt,
            ..
        } = claimed;
        tracing::info!(event = "job.began", job = %run.job, run_id = %run.id, slot = %run.slot, attempt);
        let told = Told {
            reached: Mutex::new(claimed.reached.clone()),
            ..Told::default()
        };
        let began = Instant::now();
        let ended = if is_abandoned(claimed) {
            Some(Ended::Abandoned)
        } else {
            self.attempt(claimed, &told, listener, stop).await
        };
        let kept = match ended {
            None => None,
            Some(ended) => {
                let (took, now) = (began.elapsed(), self.ports.clock.now());
                let outcome = ended.outcome(claimed, told.counts(), took, now, fastrand::f64());
                let reached = told.reached();
                self.keep(run, *lease, outcome, reached.as_ref()).await?
            }
        };
        if kept.is_none() {
            tracing::warn!(event = "job.lost", job = %run.job, run_id = %run.id, "another process took the run over");
        }
        Ok(kept)
    }

    /// Tells it first: whoever dies in between leaves a run that is taken over and told of again.
    /// Nothing where the claim was lost.
    async fn keep(
        &self,
        run: &NewRun,
        lease: LeaseId,
        outcome: Outcome,
        reached: Option<&Value>,
    ) -> Result<Option<RunEnd>, StoreError> {
        let Outcome {
            end,
            label,
            failure,
        } = outcome;
        let (ledger, now) = (&self.ports.ledger, self.ports.clock.now());
        let kept = ledger.keep_alive(run.id, lease, &end.counts, reached, now + LEASE);
        if !kept.await? {
            return Ok(None);
        }
        if end.state.is_over() {
            match &failure {
                None => self.ports.report.worked(run).await?,
                Some(failure) => self.ports.report.failed(run, failure).await?,
            }
        }
        if !ledger.finish(run.id, lease, &end, now).await? {
            return Ok(None);
        }
        self.note(run, &end, label);
        Ok(Some(end))
    }

    /// Runs the job beside its signs of life. Nothing where the claim was lost.
    async fn attempt(
        &self,
        claimed: &ClaimedRun,
        told: &Told,
        listener: &dyn Progress,
        stop: Option<&StopSignal>,
    ) -> Option<Ended> {
        let telling = Telling { told, listener };
        let work = AssertUnwindSafe(self.job.run(&claimed.run, &telling)).catch_unwind();
        let limited = tokio::time::timeout(self.job.limit(), work);
        tokio::pin!(limited);
        let mut signs = tokio::time::interval(SIGN_OF_LIFE);
        signs.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stopped = async {
            match stop {
                None => std::future::pending().await,
                Some(stop) => {
                    stop.clone().given().await;
                    told.is_stopping.store(true, Ordering::Relaxed);
                    tokio::time::sleep(FINISH_WITHIN).await;
                }
            }
        };
        tokio::pin!(stopped);
        loop {
            tokio::select! {
                biased;
                ended = &mut limited => return Some(match ended {
                    Err(_) => Ended::TimedOut,
                    Ok(Err(panic)) => Ended::Panicked(message_of(&*panic)),
                    Ok(Ok(Err(error))) => Ended::Failed(error),
                    Ok(Ok(Ok(counts))) => Ended::Worked(counts),
                }),
                () = &mut stopped => return Some(Ended::Stopped),
                _ = signs.tick() => {
                    let now = self.ports.clock.now();
                    let ClaimedRun { run, lease, .. } = claimed;
                    let (counts, reached) = (told.counts(), told.reached());
                    let until = now + LEASE;
                    let ledger = &self.ports.ledger;
                    let kept = ledger.keep_alive(run.id, *lease, &counts, reached.as_ref(), until);
                    // A store that is away says nothing about the claim.
                    if let Ok(false) = kept.await {
                        return None;
                    }
                }
            }
        }
    }

    fn note(&self, run: &NewRun, end: &RunEnd, label: &'static str) {
        let metrics = &self.ports.metrics;
        metrics.job_ran(run.job.as_str(), label, end.took);
        if end.state == RunState::Done {
            metrics.job_counted(run.job.as_str(), &end.counts);
        }
        let took_ms = u64::try_from(end.took.as_millis()).unwrap_or(u64::MAX);
        match &end.error {
            None => {
                tracing::info!(event = "job.done", job = %run.job, run_id = %run.id, took_ms, counts = ?end.counts.0);
            }
            Some(_) if end.result == AttemptResult::GivenBack => {
                tracing::info!(event = "job.stopped", job = %run.job, run_id = %run.id, took_ms, counts = ?end.counts.0);
            }
            Some(error) => {
                tracing::warn!(event = "job.failed", job = %run.job, run_id = %run.id, took_ms, state = %end.state, %error);
            }
        }
    }
}
