//! Runs as a person sees them, and how long they are kept.

use hawker_domain::ids::JobRunId;
use hawker_domain::schedule::{JobName, JobScope};
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::schedules::{RunFilter, RunRow};
use hawker_ports::views::{Page, PageRequest};
use serde_json::Value;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};

use super::scope;
use crate::fault::Fault;
use crate::views::Paging;

/// The columns of a run; the tenant that may see it follows. What is of no tenant is told in full where
/// there is no second one.
const RUNS: &str = "\
    SELECT id, profile_id, job, slot, trigger, arguments, state, attempts, started_at, finished_at, \
    took_ms, counts, error, due_at, process, \
    tenant_slug IS NULL AND EXISTS (SELECT FROM public.tenant OFFSET 1) AS is_shared \
    FROM public.schedule_run \
    WHERE (tenant_slug IS NULL OR tenant_slug = ";

#[derive(FromRow)]
struct Row {
    id: String,
    profile_id: Option<String>,
    job: String,
    slot: Timestamp,
    trigger: String,
    arguments: Value,
    state: String,
    attempts: i32,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    took_ms: Option<i64>,
    counts: Value,
    error: Option<String>,
    due_at: Timestamp,
    process: Option<String>,
    is_shared: bool,
}

impl From<Row> for RunRow {
    fn from(row: Row) -> Self {
        let Row {
            id,
            profile_id,
            job,
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
            due_at,
            process,
            is_shared,
        } = row;
        let is_queued = state == "queued";
        let whole = Self {
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
            next_attempt_at: is_queued.then_some(due_at),
            process,
        };
        if is_shared { whole.withheld() } else { whole }
    }
}

pub(super) async fn latest_slots(
    connection: &mut PgConnection,
    job: JobName,
) -> Result<Vec<(JobScope, Timestamp)>, Fault> {
    sqlx::query_file!("src/schedules/latest_slots.sql", job.as_str())
        .fetch_all(connection)
        .await?
        .into_iter()
        .map(|row| {
            let scope = scope(
                &row.scope,
                row.tenant_slug.as_deref(),
                row.profile_id.as_deref(),
            )?;
            Ok((scope, row.slot))
        })
        .collect()
}

pub(super) async fn latest_runs(
    connection: &mut PgConnection,
    tenant: &TenantSlug,
) -> Result<Vec<RunRow>, Fault> {
    let rows = sqlx::query_file_as!(Row, "src/schedules/latest_runs.sql", tenant.as_str())
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().map(RunRow::from).collect())
}

/// The latest of each trigger stays: a slot that was done must not be taken for one that was missed.
pub(super) async fn forget(connection: &mut PgConnection, before: Timestamp) -> Result<u64, Fault> {
    let forgotten = sqlx::query!(
        "DELETE FROM public.schedule_run AS over
         WHERE over.finished_at < $1
           AND over.state NOT IN ('queued', 'running')
           AND EXISTS (
               SELECT FROM public.schedule_run AS later
               WHERE later.job = over.job
                 AND later.scope = over.scope
                 AND later.trigger = over.trigger
                 AND later.slot > over.slot
           )",
        before,
    )
    .execute(connection)
    .await?;
    Ok(forgotten.rows_affected())
}

/// Paged by slot and id; the cursor is the id of a run.
pub(super) async fn list(
    connection: &mut PgConnection,
    tenant: &TenantSlug,
    filter: &RunFilter,
    page: &PageRequest,
) -> Result<Page<RunRow>, Fault> {
    let paging = Paging::of(page, JobRunId::PREFIX)?;
    let RunFilter { job, state } = filter;
    let mut query = QueryBuilder::<Postgres>::new(RUNS);
    query.push_bind(tenant.as_str()).push(")");
    if let Some(job) = job {
        query.push(" AND job = ").push_bind(job.as_str());
    }
    if let Some(state) = state {
        query.push(" AND state = ").push_bind(state.as_str());
    }
    if let Some(last) = &paging.before {
        query
            .push(" AND (slot, id) < (SELECT slot, id FROM public.schedule_run WHERE id = ")
            .push_bind(last)
            .push(")");
    }
    query
        .push(" ORDER BY slot DESC, id DESC LIMIT ")
        .push_bind(paging.rows_to_read);
    let rows: Vec<Row> = query.build_query_as().fetch_all(connection).await?;
    Ok(paging.cut(
        rows.into_iter()
            .map(|row| (row.id.clone(), row.into()))
            .collect(),
    ))
}

pub(super) async fn find(
    connection: &mut PgConnection,
    tenant: &TenantSlug,
    id: JobRunId,
) -> Result<Option<RunRow>, Fault> {
    let mut query = QueryBuilder::<Postgres>::new(RUNS);
    query.push_bind(tenant.as_str()).push(") AND id = ");
    query.push_bind(id.to_string());
    let row: Option<Row> = query.build_query_as().fetch_optional(connection).await?;
    Ok(row.map(RunRow::from))
}
