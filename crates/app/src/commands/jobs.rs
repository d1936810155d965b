//! `hawker jobs`.

mod run;

use hawker_domain::schedule::JobName;
use hawker_domain::{TenantSlug, Timestamp, Zone};
use hawker_ports::schedules::{RunFilter, RunRow, ScheduleLedger as _};
use hawker_ports::views::Page;
use serde::Serialize;

use super::choice::chosen;
use super::{more, page};
use crate::cli::{JobsCommand, ListArgs, ProfileChoice, WindowArgs};
use crate::config::{Config, Variables, database_url};
use crate::output::{self, Table, line, or_dash, time, time_or_dash};
use crate::period;
use crate::wiring::{self, Adapters};

pub(super) use run::Asked;

pub(crate) async fn jobs(
    variables: &Variables,
    tenant: &TenantSlug,
    json: bool,
    command: JobsCommand,
) -> anyhow::Result<()> {
    match command {
        JobsCommand::List => {
            let adapters = Adapters::for_command(&Config::read(variables)?)?;
            let listed = list(&adapters, tenant).await?;
            if json {
                return output::json(&listed);
            }
            Ok(write_list(&listed)?)
        }
        JobsCommand::Run {
            job,
            choice,
            window,
        } => run(variables, tenant, json, job, choice, window).await,
        JobsCommand::History {
            job,
            state,
            list: ListArgs { limit, after },
        } => {
            let store = wiring::store_for_command(&database_url(variables)?)?;
            let filter = RunFilter { job, state };
            let list = ListArgs { limit, after };
            let runs = store.runs(tenant, &filter, &page(list)).await?;
            if json {
                return output::json(&runs);
            }
            Ok(write_history(&runs)?)
        }
    }
}

/// Runs a job here; of a job for profiles, the chosen one's.
async fn run(
    variables: &Variables,
    tenant: &TenantSlug,
    json: bool,
    job: JobName,
    choice: ProfileChoice,
    window: WindowArgs,
) -> anyhow::Result<()> {
    let adapters = Adapters::for_command(&Config::read(variables)?)?;
    let is_of_profile = !job.is_of_installation();
    let is_named = choice.profile.is_some() || choice.env.is_some();
    let (profile, zone) = if is_of_profile || is_named {
        let card = chosen(&adapters.manage_profiles(), tenant, choice).await?;
        (Some(card.id), card.region.zone())
    } else {
        (None, Zone::UTC)
    };
    let now = adapters.clock.now();
    let asked = Asked {
        tenant,
        job,
        profile: profile.as_ref(),
        window: window_of(window, zone, now)?,
    };
    asked.run(&adapters, json).await.map(drop)
}

/// The window that was asked for, if one was.
pub(super) fn window_of(
    window: WindowArgs,
    zone: Zone,
    now: Timestamp,
) -> anyhow::Result<Option<hawker_domain::completeness::Window>> {
    let WindowArgs { from, to } = window;
    from.map(|from| period::window(from, to, zone, now))
        .transpose()
}

/// A job for one of those that it runs for.
#[derive(Serialize)]
struct Listed {
    job: &'static str,
    schedule: Option<String>,
    profile_id: Option<String>,
    zone: &'static str,
    next_slot: Option<Timestamp>,
    last_run: Option<RunRow>,
}

async fn list(adapters: &Adapters, tenant: &TenantSlug) -> anyhow::Result<Vec<Listed>> {
    let profiles = adapters.scheduled_profiles().of(tenant).await?;
    let now = adapters.clock.now();
    let next_slot = adapters.next_slot();
    let last_runs = adapters.store.latest_runs(tenant).await?;
    let mut listed = Vec::new();
    for (job, schedule) in adapters.job_plan() {
        let of_one = |profile_id, zone: Zone| Listed {
            job: job.as_str(),
            schedule: schedule.clone(),
            profile_id,
            zone: zone.name(),
            next_slot: next_slot(job, now, zone),
            last_run: None,
        };
        let scopes: Vec<_> = if job.is_of_installation() {
            vec![of_one(None, Zone::UTC)]
        } else {
            let profiles = profiles.iter();
            let scopes = profiles.map(|one| of_one(Some(one.profile.to_string()), one.zone));
            scopes.collect()
        };
        for mut scope in scopes {
            let of_scope =
                |run: &&RunRow| run.job == scope.job && run.profile_id == scope.profile_id;
            scope.last_run = last_runs.iter().find(of_scope).cloned();
            listed.push(scope);
        }
    }
    Ok(listed)
}

fn write_list(listed: &[Listed]) -> std::io::Result<()> {
    let mut table = Table::new(&[
        "job",
        "profile",
        "schedule",
        "zone",
        "next (UTC)",
        "last (UTC)",
        "result",
    ]);
    for one in listed {
        let last = one.last_run.as_ref();
        table.row(vec![
            one.job.to_owned(),
            or_dash(one.profile_id.as_deref()),
            one.schedule.clone().unwrap_or_else(|| "off".to_owned()),
            one.zone.to_owned(),
            time_or_dash(one.next_slot),
            time_or_dash(last.and_then(|run| run.started_at)),
            last.map_or_else(|| "never ran".to_owned(), result),
        ]);
    }
    table.write()?;
    if listed.iter().all(|one| one.profile_id.is_none()) {
        line(
            "\nNo profile in force has an authorised shop: reconcile-daily and escrow-backstop-daily run once there is one.",
        )?;
    }
    Ok(())
}

fn write_history(runs: &Page<RunRow>) -> std::io::Result<()> {
    if runs.rows.is_empty() {
        return line("No runs. `hawker jobs list` shows when the next ones are.");
    }
    let mut table = Table::new(&[
        "slot (UTC)",
        "id",
        "job",
        "profile",
        "why",
        "took",
        "result",
    ]);
    for run in &runs.rows {
        table.row(vec![
            time(run.slot),
            run.id.clone(),
            run.job.clone(),
            or_dash(run.profile_id.as_deref()),
            run.trigger.clone(),
            took(run),
            result(run),
        ]);
    }
    table.write()?;
    more(runs.next.as_deref())
}

/// How long the last attempt took.
fn took(run: &RunRow) -> String {
    let told = |ms: i64| match ms {
        ..1_000 => format!("{ms} ms"),
        1_000..120_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("{} min", ms / 60_000),
    };
    run.took_ms.map_or_else(|| or_dash(None), told)
}

/// How it stands, with what it counted and what went wrong.
fn result(run: &RunRow) -> String {
    let attempts = match run.attempts {
        ..=1 => String::new(),
        attempts => format!(" ({attempts} attempts)"),
    };
    let counted = run.counts.as_object().into_iter().flatten();
    let counted: Vec<_> = counted
        .filter(|(_, number)| number.as_u64() != Some(0))
        .map(|(what, number)| format!("{} {number}", what.replace('_', " ")))
        .collect();
    let counted = match counted.as_slice() {
        [] => String::new(),
        counted => format!(": {}", counted.join(", ")),
    };
    let error = run.error.as_deref().map(|error| format!(" – {error}"));
    format!(
        "{}{attempts}{counted}{}",
        run.state,
        error.unwrap_or_default()
    )
}

/// What a run counted of something.
pub(super) fn counted_of(run: &RunRow, what: &str) -> u64 {
    let number = run.counts.get(what).and_then(serde_json::Value::as_u64);
    number.unwrap_or_default()
}
