//! Runs of jobs: rows of the control plane, no tenant's. Every call holds them for itself, so that two
//! processes never meet in the middle of one.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::ids::{JobRunId, LeaseId};
use hawker_domain::schedule::{Counts, JobName, JobScope, RunState, RunTrigger};
use hawker_domain::{TenantSlug, Timestamp};

use super::InMemoryStore;
use super::state::refused;
use super::views::cut;
use crate::StoreError;
use crate::schedules::{
    AttemptResult, ClaimedRun, NewRun, RunEnd, RunFilter, RunRow, ScheduleLedger,
};
use crate::testing::locked;
use crate::views::{Page, PageRequest};

/// A run and how it stands.
#[derive(Debug)]
pub(super) struct RunEntry {
    run: NewRun,
    state: RunState,
    attempts: u32,
    failures: u32,
    taken_over: u32,
    /// When it may be taken, while it is queued.
    next: Timestamp,
    /// Who is at it and until when, while it is running.
    lease: Option<(LeaseId, Timestamp)>,
    process: Option<String>,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    took: Option<Duration>,
    counts: Counts,
    reached: Option<serde_json::Value>,
    error: Option<String>,
}

#[async_trait]
impl ScheduleLedger for InMemoryStore {
    async fn latest_slots(&self, job: JobName) -> Result<Vec<(JobScope, Timestamp)>, StoreError> {
        let runs = locked(&self.shared.runs);
        let mut latest = BTreeMap::new();
        for run in runs.iter().map(|entry| &entry.run) {
            if run.job == job && run.trigger == RunTrigger::Schedule {
                let slot = latest.entry(run.scope.clone()).or_insert(run.slot);
                *slot = run.slot.max(*slot);
            }
        }
        Ok(latest.into_iter().collect())
    }

    async fn enqueue(&self, new: &[NewRun], now: Timestamp) -> Result<u64, StoreError> {
        let mut runs = locked(&self.shared.runs);
        let mut added = 0;
        for run in new {
            if runs.iter().any(|known| known.run.is_of_the_slot_of(run)) {
                continue;
            }
            if runs.iter().any(|known| known.run.id == run.id) {
                return Err(refused("run", "the id is taken"));
            }
            runs.push(RunEntry::queued(run.clone(), now));
            added += 1;
        }
        Ok(added)
    }

    async fn claim(
        &self,
        job: JobName,
        process: &str,
        lease: LeaseId,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Option<ClaimedRun>, StoreError> {
        let mut runs = locked(&self.shared.runs);
        let free = runs.iter().enumerate().filter_map(|(place, entry)| {
            let waits_since = entry.waits_since(now)?;
            let is_free = entry.run.job == job && !is_run_by_another(&runs, entry);
            is_free.then_some((waits_since, entry.run.id, place))
        });
        let longest_waiting = free.min().map(|(.., place)| place);
        let entry = longest_waiting.and_then(|place| runs.get_mut(place));
        Ok(entry.map(|entry| entry.begin(process, lease, now, lease_until)))
    }

    async fn claim_this(
        &self,
        id: JobRunId,
        process: &str,
        lease: LeaseId,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Option<ClaimedRun>, StoreError> {
        let mut runs = locked(&self.shared.runs);
        let place = runs.iter().position(|entry| {
            entry.run.id == id
                && entry.state == RunState::Queued
                && !is_run_by_another(&runs, entry)
        });
        let entry = place.and_then(|place| runs.get_mut(place));
        Ok(entry.map(|entry| entry.begin(process, lease, now, lease_until)))
    }

    async fn keep_alive(
        &self,
        id: JobRunId,
        lease: LeaseId,
        counts: &Counts,
        reached: Option<&serde_json::Value>,
        lease_until: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut runs = locked(&self.shared.runs);
        let held = runs.iter_mut().find(|entry| entry.is_held_by(id, lease));
        Ok(held.is_some_and(|entry| {
            entry.counts = counts.clone();
            entry.reached = reached.cloned().or(entry.reached.take());
            entry.lease = Some((lease, lease_until));
            true
        }))
    }

    async fn finish(
        &self,
        id: JobRunId,
        lease: LeaseId,
        end: &RunEnd,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut runs = locked(&self.shared.runs);
        let held = runs.iter_mut().find(|entry| entry.is_held_by(id, lease));
        Ok(held.is_some_and(|entry| {
            entry.end(end, now);
            true
        }))
    }

    async fn forget(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut runs = locked(&self.shared.runs);
        let mut latest = BTreeMap::new();
        for run in runs.iter().map(|entry| &entry.run) {
            // Of each trigger: a slot that was done must not be taken for one that was missed.
            let kind = (run.job, run.scope.clone(), run.trigger);
            let place = latest.entry(kind).or_insert((run.slot, run.id));
            *place = (run.slot, run.id).max(*place);
        }
        let is_latest = |run: &NewRun| latest.values().any(|(_, id)| *id == run.id);
        let before_it = runs.len();
        runs.retain(|entry| {
            let is_old = entry.finished_at.is_some_and(|at| at < before);
            !is_old || is_latest(&entry.run)
        });
        Ok(u64::try_from(before_it - runs.len()).unwrap_or(u64::MAX))
    }

    async fn latest_runs(&self, tenant: &TenantSlug) -> Result<Vec<RunRow>, StoreError> {
        let runs = locked(&self.shared.runs);
        let mut latest = BTreeMap::new();
        for entry in runs.iter().filter(|entry| is_seen_by(tenant, entry)) {
            let kind = (entry.run.job.as_str(), &entry.run.scope);
            let newest = latest.entry(kind).or_insert(entry);
            if (entry.run.slot, entry.run.id) > (newest.run.slot, newest.run.id) {
                *newest = entry;
            }
        }
        let rows = latest.into_values();
        Ok(rows.map(|entry| self.shown(entry)).collect())
    }

    async fn runs(
        &self,
        tenant: &TenantSlug,
        filter: &RunFilter,
        page: &PageRequest,
    ) -> Result<Page<RunRow>, StoreError> {
        let RunFilter { job, state } = filter;
        let runs = locked(&self.shared.runs);
        let wanted = runs.iter().filter(|entry| {
            is_seen_by(tenant, entry)
                && job.is_none_or(|job| job == entry.run.job)
                && state.is_none_or(|state| state == entry.state)
        });
        let rows = wanted
            .map(|entry| {
                let place = (entry.run.slot, entry.run.id.to_string());
                (place, self.shown(entry))
            })
            .collect();
        cut(rows, page)
    }

    async fn run(&self, tenant: &TenantSlug, id: JobRunId) -> Result<Option<RunRow>, StoreError> {
        let runs = locked(&self.shared.runs);
        let mut seen = runs.iter().filter(|entry| is_seen_by(tenant, entry));
        let found = seen.find(|entry| entry.run.id == id);
        Ok(found.map(|entry| self.shown(entry)))
    }
}

impl InMemoryStore {
    /// As a tenant sees it.
    fn shown(&self, entry: &RunEntry) -> RunRow {
        let is_one_tenants = entry.run.scope != JobScope::Installation || self.tenants.len() <= 1;
        if is_one_tenants {
            entry.row()
        } else {
            entry.row().withheld()
        }
    }
}

/// Whether another run of the same job and scope is running, if only by the books: a process that died
/// leaves such a one behind, and that one is taken over first.
fn is_run_by_another(runs: &[RunEntry], entry: &RunEntry) -> bool {
    runs.iter().any(|other| {
        other.run.id != entry.run.id
            && other.state == RunState::Running
            && (other.run.job, &other.run.scope) == (entry.run.job, &entry.run.scope)
    })
}

impl NewRun {
    fn is_of_the_slot_of(&self, other: &Self) -> bool {
        (self.job, &self.scope, self.slot, self.trigger)
            == (other.job, &other.scope, other.slot, other.trigger)
    }
}

/// A tenant sees the runs of its profiles and of the installation.
fn is_seen_by(tenant: &TenantSlug, entry: &RunEntry) -> bool {
    match &entry.run.scope {
        JobScope::Installation => true,
        JobScope::Profile { tenant: of, .. } => of == tenant,
    }
}

impl RunEntry {
    fn queued(run: NewRun, now: Timestamp) -> Self {
        Self {
            run,
            state: RunState::Queued,
            attempts: 0,
            failures: 0,
            taken_over: 0,
            next: now,
            lease: None,
            process: None,
            started_at: None,
            finished_at: None,
            took: None,
            counts: Counts::default(),
            reached: None,
            error: None,
        }
    }

    /// Since when it could have been taken, if it can.
    fn waits_since(&self, now: Timestamp) -> Option<Timestamp> {
        match (self.state, self.lease) {
            (RunState::Queued, _) => Some(self.next).filter(|at| *at <= now),
            (RunState::Running, Some((_, until))) => Some(until).filter(|at| *at <= now),
            _ => None,
        }
    }

    fn is_held_by(&self, id: JobRunId, lease: LeaseId) -> bool {
        self.run.id == id && self.lease.is_some_and(|(held_by, _)| held_by == lease)
    }

    fn begin(
        &mut self,
        process: &str,
        lease: LeaseId,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> ClaimedRun {
        self.taken_over += u32::from(self.state == RunState::Running);
        self.state = RunState::Running;
        self.attempts += 1;
        self.lease = Some((lease, lease_until));
        self.process = Some(process.to_owned());
        self.started_at = Some(now);
        ClaimedRun {
            run: self.run.clone(),
            lease,
            attempt: self.attempts,
            failures: self.failures,
            taken_over: self.taken_over,
            reached: self.reached.clone(),
        }
    }

    fn end(&mut self, end: &RunEnd, now: Timestamp) {
        let RunEnd {
            result,
            state,
            again_at,
            counts,
            error,
            took,
        } = end.clone();
        self.attempts -= u32::from(result == AttemptResult::GivenBack);
        self.failures += u32::from(result == AttemptResult::Failed);
        self.taken_over = 0;
        self.state = state;
        self.lease = None;
        self.next = again_at.unwrap_or(now);
        self.finished_at = state.is_over().then_some(now);
        self.counts = counts;
        self.error = error;
        self.took = Some(took);
    }

    fn row(&self) -> RunRow {
        let profile = match &self.run.scope {
            JobScope::Installation => None,
            JobScope::Profile { profile, .. } => Some(profile.to_string()),
        };
        let counts = self.counts.0.iter();
        RunRow {
            id: self.run.id.to_string(),
            job: self.run.job.to_string(),
            profile_id: profile,
            slot: self.run.slot,
            trigger: self.run.trigger.to_string(),
            arguments: self.run.arguments.clone(),
            state: self.state.to_string(),
            attempts: i32::try_from(self.attempts).unwrap_or(i32::MAX),
            started_at: self.started_at,
            finished_at: self.finished_at,
            took_ms: self
                .took
                .map(|took| i64::try_from(took.as_millis()).unwrap_or(i64::MAX)),
            counts: counts
                .map(|(what, many)| (what.clone(), (*many).into()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            error: self.error.clone(),
            next_attempt_at: (self.state == RunState::Queued).then_some(self.next),
            process: self.process.clone(),
        }
    }
}
