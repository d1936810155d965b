//! Looks which slots have come and adds a run for each.

use std::collections::HashMap;
use std::sync::Arc;

use hawker_domain::Timestamp;
use hawker_domain::ids::JobRunId;
use hawker_domain::schedule::{JobName, RunTrigger};
use hawker_ports::schedules::NewRun;
use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;

use super::scopes::PlannedScopes;
use super::{PLAN_EVERY, Planned, SchedulerPorts};
use crate::failure::{Failure, caught};
use crate::streaks::Streaks;
use crate::tasks::StopSignal;

/// Runs that were over so long ago are forgotten; the last of each job and scope is kept.
const KEPT_FOR: chrono::TimeDelta = chrono::TimeDelta::days(90);

pub(super) struct Planner {
    planned: Vec<Planned>,
    ports: SchedulerPorts,
    scopes: PlannedScopes,
    streaks: Streaks<JobName>,
}

impl Planner {
    pub(super) fn new(planned: Vec<Planned>, ports: SchedulerPorts) -> Self {
        Self {
            planned,
            scopes: PlannedScopes::new(Arc::clone(&ports.profiles), Arc::clone(&ports.metrics)),
            ports,
            streaks: Streaks::new(),
        }
    }

    pub(super) async fn run(self, mut stop: StopSignal, wake: Arc<Notify>) {
        let mut ticks = tokio::time::interval(PLAN_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = stop.given() => break,
                _ = ticks.tick() => self.plan_all(&wake).await,
            }
        }
    }

    async fn plan_all(&self, wake: &Notify) {
        for planned in &self.planned {
            let job = planned.job.name();
            match caught(self.plan(planned)).await {
                Ok(added) => {
                    self.streaks.succeeded(&job);
                    if added > 0 {
                        wake.notify_waiters();
                    }
                }
                Err(failure) => self.note(job, &failure),
            }
        }
    }

    fn note(&self, job: JobName, failure: &Failure) {
        if self.streaks.failed(&job) == 1 {
            tracing::error!(
                event = "job.not_planned",
                %job,
                error = failure.with_causes(),
                "the slots of a job cannot be looked at; it is tried again until it works"
            );
        }
    }

    /// Answers how many runs were added.
    pub(super) async fn plan(&self, planned: &Planned) -> Result<u64, hawker_ports::StoreError> {
        let Some(schedule) = &planned.schedule else {
            return Ok(0);
        };
        let now = self.ports.clock.now();
        let job = planned.job.name();
        let run_last: HashMap<_, Timestamp> = self
            .ports
            .ledger
            .latest_slots(job)
            .await?
            .into_iter()
            .collect();
        let mut due = Vec::new();
        for (scope, zone) in &*self.scopes.of(planned.job.runs_for()).await? {
            let Some(slot) = schedule.latest(now, *zone) else {
                continue;
            };
            if run_last.get(scope).is_some_and(|last| *last >= slot) {
                continue;
            }
            due.push(NewRun {
                id: JobRunId::fresh(&*self.ports.ids),
                job,
                scope: scope.clone(),
                slot,
                trigger: RunTrigger::Schedule,
                arguments: serde_json::json!({}),
            });
        }
        if due.is_empty() {
            return Ok(0);
        }
        let added = self.ports.ledger.enqueue(&due, now).await?;
        self.ports.ledger.forget(now - KEPT_FOR).await?;
        Ok(added)
    }
}
