//! Runs to try a ledger with, and short words for what is done with them.

use std::sync::Arc;
use std::time::Duration;

use hawker_domain::TenantSlug;
use hawker_domain::ids::{JobRunId, LeaseId};
use hawker_domain::schedule::{Counts, JobName, JobScope, RunState, RunTrigger};
use serde_json::json;

use super::StoreFixture;
use super::bench::LEASE;
use crate::StoreError;
use crate::schedules::{
    AttemptResult, ClaimedRun, NewRun, RunEnd, RunFilter, RunRow, ScheduleLedger,
};
use crate::testing::examples::{after_noon, noon, profile_id};
use crate::views::PageRequest;

pub(super) const JOB: JobName = JobName::ReconcileDaily;
pub(super) const OTHER_JOB: JobName = JobName::LostPushRecovery;

pub(super) const fn id(number: u32) -> JobRunId {
    JobRunId::of(number as u128)
}

pub(super) const fn lease(number: u32) -> LeaseId {
    LeaseId::of(number as u128)
}

pub(super) fn scope_of(tenant: TenantSlug, profile: &str) -> JobScope {
    JobScope::Profile {
        tenant,
        profile: profile_id(profile),
    }
}

/// A run for a slot so many seconds after noon.
pub(super) fn of_profile(number: u32, tenant: TenantSlug, profile: &str, seconds: i64) -> NewRun {
    NewRun {
        id: id(number),
        job: JOB,
        scope: scope_of(tenant, profile),
        slot: after_noon(seconds),
        trigger: RunTrigger::Schedule,
        arguments: json!({}),
    }
}

pub(super) fn counts(counted: &[(&str, u64)]) -> Counts {
    let mut counts = Counts::default();
    for (what, many) in counted {
        counts.add(what, *many);
    }
    counts
}

pub(super) fn done() -> RunEnd {
    RunEnd {
        result: AttemptResult::Worked,
        state: RunState::Done,
        again_at: None,
        counts: Counts::default(),
        error: None,
        took: Duration::from_millis(10),
    }
}

/// The attempt ended so, and the run waits for another one.
pub(super) fn again(result: AttemptResult, seconds: i64) -> RunEnd {
    RunEnd {
        result,
        state: RunState::Queued,
        again_at: Some(after_noon(seconds)),
        error: Some("the marketplace did not answer".into()),
        ..done()
    }
}

pub(super) async fn enqueue(
    runs: &Arc<dyn ScheduleLedger>,
    new: &[NewRun],
) -> Result<u64, StoreError> {
    runs.enqueue(new, noon()).await
}

pub(super) async fn claim(
    runs: &Arc<dyn ScheduleLedger>,
    number: u32,
    seconds: i64,
) -> Result<Option<ClaimedRun>, StoreError> {
    let (process, now) = (format!("process {number}"), after_noon(seconds));
    runs.claim(JOB, &process, lease(number), now, now + LEASE)
        .await
}

pub(super) async fn must_claim(
    runs: &Arc<dyn ScheduleLedger>,
    number: u32,
    seconds: i64,
) -> Result<ClaimedRun, StoreError> {
    let claimed = claim(runs, number, seconds).await?;
    Ok(claimed.expect("there is a run to claim"))
}

pub(super) async fn claim_this(
    runs: &Arc<dyn ScheduleLedger>,
    run: u32,
    number: u32,
    seconds: i64,
) -> Result<Option<ClaimedRun>, StoreError> {
    let (process, now) = (format!("process {number}"), after_noon(seconds));
    runs.claim_this(id(run), &process, lease(number), now, now + LEASE)
        .await
}

pub(super) async fn finish(
    runs: &Arc<dyn ScheduleLedger>,
    claimed: &ClaimedRun,
    end: &RunEnd,
    seconds: i64,
) -> Result<bool, StoreError> {
    runs.finish(claimed.run.id, claimed.lease, end, after_noon(seconds))
        .await
}

pub(super) async fn shown(
    runs: &Arc<dyn ScheduleLedger>,
    fixture: &dyn StoreFixture,
    number: u32,
) -> Result<RunRow, StoreError> {
    let shown = runs.run(&fixture.tenant(), id(number)).await?;
    Ok(shown.expect("the run is there"))
}

/// The ids on all pages, two on each.
pub(super) async fn all_pages(
    runs: &Arc<dyn ScheduleLedger>,
    tenant: &TenantSlug,
    filter: &RunFilter,
) -> Result<Vec<String>, StoreError> {
    let mut told = Vec::new();
    let mut request = PageRequest {
        limit: 2,
        after: None,
    };
    loop {
        let page = runs.runs(tenant, filter, &request).await?;
        assert!(page.rows.len() <= 2, "no more than asked for");
        told.extend(page.rows.into_iter().map(|row| row.id));
        match page.next {
            Some(next) => request.after = Some(next),
            None => return Ok(told),
        }
    }
}
