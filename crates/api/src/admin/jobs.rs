//! Jobs: when they run, how their runs went, and asking for one.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use actix_web::HttpResponse;
use hawker_domain::Zone;
use hawker_domain::completeness::Window;
use hawker_domain::ids::{JobRunId, ProfileId};
use hawker_domain::schedule::{JobName, RunState};
use hawker_ports::schedules::RunFilter;
use serde::Deserialize;
use utoipa::IntoParams;

use super::environment::profile_meant;
use super::{Reply, Shared};
use crate::extract::{JobInPath, Json, Query, RunInPath};
use crate::identity::Identity;
use crate::paging::part;
use crate::period::{When, window, wrong};
use crate::problem::{Problem, ProblemWire};
use crate::state::ApiState;
use crate::wire::{
    AskedRunWire, JobNameWire, JobRunForm, JobScopeWire, JobWire, JobsWire, RunPageWire,
    RunStateWire, RunWire,
};

/// What a job runs for, with the zone that its schedule is told in.
type Scopes = Vec<(Option<ProfileId>, Zone)>;

/// The last run of a job by profile.
type LastRuns = BTreeMap<Option<String>, RunWire>;

/// Which runs are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RunsQuery {
    /// Of this job.
    #[param(value_type = Option<JobNameWire>)]
    job: Option<JobName>,
    /// That stand so.
    #[param(value_type = Option<RunStateWire>)]
    state: Option<RunState>,
    /// At most so many runs.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// List the jobs
///
/// Each with its schedule, and for each profile that it runs for its next slot and its last run.
#[utoipa::path(
    get,
    path = "/admin/jobs",
    operation_id = "listJobs",
    tag = "Jobs",
    responses((status = 200, description = "The jobs.", body = JobsWire)),
)]
pub(crate) async fn list(identity: Identity, state: Shared) -> Reply {
    let scheduled = state.admin.scheduled.of(&identity.tenant).await?;
    let profiles: Scopes = scheduled
        .into_iter()
        .map(|one| (Some(one.profile), one.zone))
        .collect();
    let mut last_runs = last_runs(&identity, &state).await?;
    let mut items = Vec::new();
    for (job, schedule) in &state.admin.job_plan {
        let scopes = if job.is_of_installation() {
            vec![(None, Zone::UTC)]
        } else {
            profiles.clone()
        };
        items.push(JobWire {
            job: *job,
            schedule: schedule.clone(),
            scopes: scopes_of(
                *job,
                scopes,
                last_runs.remove(job.as_str()).unwrap_or_default(),
                &state,
            ),
        });
    }
    Ok(HttpResponse::Ok().json(JobsWire { items }))
}

/// Scopes that are scheduled come first; after them those of earlier runs.
fn scopes_of(
    job: JobName,
    scopes: Scopes,
    mut last_runs: LastRuns,
    state: &ApiState,
) -> Vec<JobScopeWire> {
    let now = state.clock.now();
    let scheduled = scopes.into_iter().map(|(profile, zone)| {
        let profile_id = profile.map(|profile| profile.as_str().to_owned());
        JobScopeWire {
            last_run: last_runs.remove(&profile_id),
            profile_id,
            zone: Some(zone.name().to_owned()),
            next_slot: (state.admin.next_slot)(job, now, zone),
        }
    });
    let mut scopes: Vec<_> = scheduled.collect();
    scopes.extend(last_runs.into_iter().map(|(profile_id, run)| JobScopeWire {
        profile_id,
        zone: None,
        next_slot: None,
        last_run: Some(run),
    }));
    scopes
}

/// The last runs of each job.
async fn last_runs(
    identity: &Identity,
    state: &ApiState,
) -> Result<BTreeMap<String, LastRuns>, Problem> {
    let latest = state.admin.ledger.latest_runs(&identity.tenant).await?;
    let mut last = BTreeMap::<_, LastRuns>::new();
    for row in latest {
        let of_job = last.entry(row.job.clone()).or_default();
        of_job.insert(row.profile_id.clone(), row.into());
    }
    Ok(last)
}

/// List runs of jobs
///
/// Newest first: of the merchant's profiles, and those of the installation as a whole. Where it serves
/// several merchants, the latter tell neither what they counted nor why they failed.
#[utoipa::path(
    get,
    path = "/admin/jobs/runs",
    operation_id = "listJobRuns",
    tag = "Jobs",
    params(RunsQuery),
    responses((status = 200, description = "A part of the runs.", body = RunPageWire)),
)]
pub(crate) async fn runs(identity: Identity, query: Query<RunsQuery>, state: Shared) -> Reply {
    let Query(RunsQuery {
        job,
        state: wanted,
        limit,
        after,
    }) = query;
    let part = part(limit, after, |after| JobRunId::from_str(after).is_ok())?;
    let filter = RunFilter { job, state: wanted };
    let ledger = &state.admin.ledger;
    let found = ledger
        .runs(&identity.tenant, &filter, &part.request())
        .await
        .map_err(|error| part.failed(error))?;
    Ok(HttpResponse::Ok().json(RunPageWire::from(found)))
}

/// Show a run of a job
///
/// While it runs, with what was done so far.
#[utoipa::path(
    get,
    path = "/admin/jobs/runs/{id}",
    operation_id = "showJobRun",
    tag = "Jobs",
    params(("id" = String, Path, description = "The run.")),
    responses((status = 200, description = "The run.", body = RunWire)),
)]
pub(crate) async fn show_run(identity: Identity, RunInPath(id): RunInPath, state: Shared) -> Reply {
    let found = state.admin.ledger.run(&identity.tenant, id).await?;
    let found = found.ok_or_else(|| Problem::no_such("run", &id.to_string()))?;
    Ok(HttpResponse::Ok().json(RunWire::from(found)))
}

/// Run a job
///
/// As soon as a process takes it. `reconcile-daily` with a window fetches the history of a shop.
#[utoipa::path(
    post,
    path = "/admin/jobs/{job}/runs",
    operation_id = "runJob",
    tag = "Jobs",
    params(("job" = JobNameWire, Path, description = "The job.")),
    request_body = JobRunForm,
    responses(
        (status = 202, description = "It is asked for.", body = AskedRunWire),
        (status = 409, description = "No profile is active, so that one has to be named; or the same \
         was asked for at this very moment.", body = ProblemWire,
         content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn run(
    identity: Identity,
    JobInPath(job): JobInPath,
    form: Json<JobRunForm>,
    state: Shared,
) -> Reply {
    let Json(JobRunForm {
        profile_id,
        from,
        to,
    }) = form;
    let profile = profile_id.as_deref().map(profile_named).transpose()?;
    let window = match (from, to) {
        (None, None) => None,
        (Some(from), Some(to)) => {
            let named = profile_id.as_deref();
            Some(window_of(&identity, job, named, (from, to), &state).await?)
        }
        (None, Some(_)) => return Err(wrong("from", "a window needs it, too")),
        (Some(_), None) => return Err(wrong("to", "a window needs it, too")),
    };
    let asked = state
        .admin
        .jobs
        .ask(
            &identity.tenant,
            &identity.actor(),
            job,
            profile.as_ref(),
            window,
        )
        .await?;
    Ok(HttpResponse::Accepted().json(AskedRunWire::from(asked)))
}

/// Days are those of the shop's calendar; moments need no shop.
async fn window_of(
    identity: &Identity,
    job: JobName,
    profile: Option<&str>,
    (from, to): (When, When),
    state: &ApiState,
) -> Result<Window, Problem> {
    let is_of_days = matches!(from, When::Day(_)) || matches!(to, When::Day(_));
    let zone = if is_of_days && !job.is_of_installation() {
        let card = profile_meant(identity, profile, None, state).await?;
        card.region.zone()
    } else {
        Zone::UTC
    };
    window(from, to, zone)
}

/// What cannot be the id of a profile is the id of none.
fn profile_named(text: &str) -> Result<ProfileId, Problem> {
    let shown: String = text.chars().take(64).collect();
    ProfileId::parse(text).ok_or_else(|| Problem::no_such("profile", &shown))
}
