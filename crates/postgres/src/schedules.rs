//! Runs of scheduled jobs, in the control plane: read and written as the owner of the database, because
//! they serve every tenant. Every call is one statement.
//!
//! Invariant: no two runs of one job and scope are running. Claims look for it, and the index
//! `schedule_run_running_key` refuses what two processes chose at the same moment.

mod claim;
mod history;

use async_trait::async_trait;
use hawker_domain::ids::{JobRunId, LeaseId, ProfileId};
use hawker_domain::schedule::{Counts, JobName, JobScope};
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::StoreError;
use hawker_ports::schedules::{
    AttemptResult, ClaimedRun, NewRun, RunEnd, RunFilter, RunRow, ScheduleLedger,
};
use hawker_ports::views::{Page, PageRequest};
use serde_json::Value;
use sqlx::PgConnection;

use crate::fault::{Fault, read};
use crate::store::PgStore;
use crate::text::{storable_json, stored, stored_opt};

const RUN: &str = "run";

/// What a call answers on a connection that is alive; once more where it met another at the same time.
macro_rules! told_by {
    ($store:expr, $connection:ident => $call:expr) => {{
        let mut held = $store.control().await.map_err(Fault::from).map_err(told)?;
        let $connection = &mut *held;
        match $call.await.map_err(told) {
            Err(StoreError::Conflict { .. }) => $call.await.map_err(told),
            done => done,
        }
    }};
}

#[async_trait]
impl ScheduleLedger for PgStore {
    async fn latest_slots(&self, job: JobName) -> Result<Vec<(JobScope, Timestamp)>, StoreError> {
        told_by!(self, connection => history::latest_slots(connection, job))
    }

    async fn enqueue(&self, runs: &[NewRun], now: Timestamp) -> Result<u64, StoreError> {
        told_by!(self, connection => enqueue(connection, runs, now))
    }

    async fn claim(
        &self,
        job: JobName,
        process: &str,
        lease: LeaseId,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Option<ClaimedRun>, StoreError> {
        let claim = claim::Claim::new(process, lease, now, lease_until);
        told_by!(self, connection => claim.longest_waiting(connection, job))
    }

    async fn claim_this(
        &self,
        id: JobRunId,
        process: &str,
        lease: LeaseId,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Option<ClaimedRun>, StoreError> {
        let claim = claim::Claim::new(process, lease, now, lease_until);
        told_by!(self, connection => claim.this(connection, id))
    }

    async fn keep_alive(
        &self,
        id: JobRunId,
        lease: LeaseId,
        counts: &Counts,
        reached: Option<&Value>,
        lease_until: Timestamp,
    ) -> Result<bool, StoreError> {
        told_by!(self, connection => keep_alive(connection, id, lease, counts, reached, lease_until))
    }

    async fn finish(
        &self,
        id: JobRunId,
        lease: LeaseId,
        end: &RunEnd,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        told_by!(self, connection => finish(connection, id, lease, end, now))
    }

    async fn forget(&self, before: Timestamp) -> Result<u64, StoreError> {
        told_by!(self, connection => history::forget(connection, before))
    }

    async fn latest_runs(&self, tenant: &TenantSlug) -> Result<Vec<RunRow>, StoreError> {
        told_by!(self, connection => history::latest_runs(connection, tenant))
    }

    async fn runs(
        &self,
        tenant: &TenantSlug,
        filter: &RunFilter,
        page: &PageRequest,
    ) -> Result<Page<RunRow>, StoreError> {
        told_by!(self, connection => history::list(connection, tenant, filter, page))
    }

    async fn run(&self, tenant: &TenantSlug, id: JobRunId) -> Result<Option<RunRow>, StoreError> {
        told_by!(self, connection => history::find(connection, tenant, id))
    }
}

fn told(fault: Fault) -> StoreError {
    fault.into_store_error(RUN)
}

/// What a run is for, as stored.
fn scope(id: &str, tenant: Option<&str>, profile: Option<&str>) -> Result<JobScope, Fault> {
    let (Some(tenant), Some(profile)) = (tenant, profile) else {
        return Ok(JobScope::Installation);
    };
    Ok(JobScope::Profile {
        tenant: read(RUN, id, tenant)?,
        profile: ProfileId::parse(profile)
            .ok_or_else(|| Fault::corrupt(RUN, id, "the profile's id is malformed"))?,
    })
}

fn counted(counts: &Counts) -> Value {
    let counts = counts.0.iter();
    Value::Object(
        counts
            .map(|(what, many)| (stored(what), (*many).into()))
            .collect(),
    )
}

/// Runs to be added.
#[derive(Default)]
struct Columns {
    id: Vec<String>,
    job: Vec<&'static str>,
    tenant_slug: Vec<Option<String>>,
    profile_id: Vec<Option<String>>,
    slot: Vec<Timestamp>,
    trigger: Vec<&'static str>,
    arguments: Vec<Value>,
}

impl Columns {
    fn push(&mut self, run: &NewRun) {
        let NewRun {
            id,
            job,
            scope,
            slot,
            trigger,
            arguments,
        } = run;
        let (tenant, profile) = match scope {
            JobScope::Installation => (None, None),
            JobScope::Profile { tenant, profile } => (Some(tenant), Some(profile)),
        };
        self.id.push(id.to_string());
        self.job.push(job.as_str());
        self.tenant_slug.push(tenant.map(ToString::to_string));
        self.profile_id.push(profile.map(ToString::to_string));
        self.slot.push(*slot);
        self.trigger.push(trigger.as_str());
        self.arguments.push(storable_json(arguments.clone()));
    }
}

/// In one order for everybody, so that two processes with the same slots do not wait for each other in
/// a circle. Runs for a tenant that is gone are left out.
async fn enqueue(
    connection: &mut PgConnection,
    runs: &[NewRun],
    now: Timestamp,
) -> Result<u64, Fault> {
    if runs.is_empty() {
        return Ok(0);
    }
    let mut columns = Columns::default();
    for run in runs {
        columns.push(run);
    }
    let added = sqlx::query!(
        r#"
        INSERT INTO public.schedule_run (
            id, job, tenant_slug, profile_id, slot, trigger, arguments, due_at, created_at
        )
        SELECT run.id, run.job, run.tenant_slug, run.profile_id, run.slot, run.trigger, run.arguments,
               $8, $8
        FROM UNNEST(
            $1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[],
            $7::jsonb[]
        ) AS run (id, job, tenant_slug, profile_id, slot, trigger, arguments)
        LEFT JOIN public.tenant ON tenant.slug = run.tenant_slug
        WHERE run.tenant_slug IS NULL OR tenant.slug IS NOT NULL
        ORDER BY run.job, run.tenant_slug, run.profile_id, run.slot, run.trigger, run.id
        ON CONFLICT (job, scope, slot, trigger) DO NOTHING
        "#,
        &columns.id,
        &columns.job as _,
        &columns.tenant_slug as _,
        &columns.profile_id as _,
        &columns.slot,
        &columns.trigger as _,
        &columns.arguments,
        now,
    )
    .execute(connection)
    .await?;
    Ok(added.rows_affected())
}

async fn keep_alive(
    connection: &mut PgConnection,
    id: JobRunId,
    lease: LeaseId,
    counts: &Counts,
    reached: Option<&Value>,
    lease_until: Timestamp,
) -> Result<bool, Fault> {
    let kept = sqlx::query!(
        "UPDATE public.schedule_run
         SET counts = $3, lease_until = $4, reached = coalesce($5, reached)
         WHERE id = $1 AND lease = $2",
        id.to_string(),
        lease.to_string(),
        counted(counts),
        lease_until,
        reached.cloned().map(storable_json),
    )
    .execute(connection)
    .await?;
    Ok(kept.rows_affected() > 0)
}

async fn finish(
    connection: &mut PgConnection,
    id: JobRunId,
    lease: LeaseId,
    end: &RunEnd,
    now: Timestamp,
) -> Result<bool, Fault> {
    let RunEnd {
        result,
        state,
        again_at,
        counts,
        error,
        took,
    } = end;
    let finished = sqlx::query!(
        "UPDATE public.schedule_run
         SET state = $3,
             due_at = $4,
             lease = NULL,
             lease_until = NULL,
             finished_at = $5,
             counts = $6,
             error = $7,
             took_ms = $8,
             attempts = attempts - $9::boolean::int,
             failures = failures + $10::boolean::int,
             taken_over = 0
         WHERE id = $1 AND lease = $2",
        id.to_string(),
        lease.to_string(),
        state.as_str(),
        again_at.unwrap_or(now),
        state.is_over().then_some(now),
        counted(counts),
        stored_opt(error.as_ref()),
        i64::try_from(took.as_millis()).unwrap_or(i64::MAX),
        *result == AttemptResult::GivenBack,
        *result == AttemptResult::Failed,
    )
    .execute(connection)
    .await?;
    Ok(finished.rows_affected() > 0)
}
