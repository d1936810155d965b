//! A run of a job in the process of whoever asks for it, kept like any other.
//!
//! Another process may be faster, or be at the same job and profile already: then its run is followed,
//! or waited for.

use std::pin::pin;
use std::time::Duration;

use hawker_domain::TenantSlug;
use hawker_domain::audit::Actor;
use hawker_domain::completeness::Window;
use hawker_domain::ids::{JobRunId, ProfileId};
use hawker_domain::schedule::{Counts, JobName, RunState};
use hawker_jobs::{JobRunner, RunError};
use hawker_ports::Progress as _;
use hawker_ports::schedules::{RunEnd, RunRow, ScheduleLedger as _};
use hawker_ports::tenants::TenantDirectory as _;

use super::took;
use crate::commands::progress::ProgressLine;
use crate::exit::Missing;
use crate::output::{self, Table, line, note, time};
use crate::serve::asked_to_stop;
use crate::wiring::Adapters;

/// How often it is looked how the run of another process goes.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A run that is asked for.
pub(in crate::commands) struct Asked<'a> {
    pub(in crate::commands) tenant: &'a TenantSlug,
    pub(in crate::commands) job: JobName,
    /// The active one where none is named.
    pub(in crate::commands) profile: Option<&'a ProfileId>,
    /// What it looks at instead of what it would by itself.
    pub(in crate::commands) window: Option<Window>,
}

impl Asked<'_> {
    /// Runs it to its end, and tells how it went; an error where it did not come to its end.
    pub(in crate::commands) async fn run(
        &self,
        adapters: &Adapters,
        json: bool,
    ) -> anyhow::Result<RunRow> {
        let actor = Actor::terminal();
        let jobs = adapters.manage_jobs();
        let asked = jobs.ask(self.tenant, &actor, self.job, self.profile, self.window);
        let id = asked.await?;
        let progress = ProgressLine::of(self.job.as_str());
        let ended = self.stoppable(adapters, id, &progress).await;
        progress.end();
        adapters.finish(self.tenant).await;
        let run = ended?;
        if json {
            output::json(&run)?;
        } else {
            write(&run)?;
            let tenants = adapters.store.tenants().await?.len();
            if run.profile_id.is_none() && tenants > 1 {
                line(of_all(&run))?;
            }
        }
        match failure(&run) {
            None => Ok(run),
            Some(failure) => Err(failure),
        }
    }

    /// Ends it after the page in hand when somebody asks to stop, and at once when they ask again.
    async fn stoppable(
        &self,
        adapters: &Adapters,
        id: JobRunId,
        progress: &ProgressLine,
    ) -> anyhow::Result<RunRow> {
        let mut following = pin!(self.follow(adapters, id, progress));
        tokio::select! {
            ended = &mut following => return ended,
            () = asked_to_stop() => {}
        }
        progress.stop();
        progress.end();
        note("It ends after the page in hand; once more ends it at once.")?;
        tokio::select! {
            ended = &mut following => ended,
            () = asked_to_stop() => anyhow::bail!(
                "run {id} was cut off; a running service goes on with it within a minute"
            ),
        }
    }

    async fn follow(
        &self,
        adapters: &Adapters,
        id: JobRunId,
        progress: &ProgressLine,
    ) -> anyhow::Result<RunRow> {
        let runner: JobRunner = adapters.job_runner(self.job);
        let mut has_said = false;
        loop {
            let done_here = match runner.run_this(id, progress).await {
                Ok(end) => Some(end),
                Err(RunError::Taken) => None,
                Err(error) => return Err(error.into()),
            };
            let found = adapters.store.run(self.tenant, id).await?;
            let run = found.ok_or_else(|| Missing {
                what: "run",
                name: id.to_string(),
            })?;
            if let Some(end) = done_here {
                return Ok(told_whole(run, end));
            }
            if is_over(&run) || progress.is_stopping() {
                return Ok(run);
            }
            if !has_said {
                note("Another process is at it; this command follows.")?;
                has_said = true;
            }
            progress.tell(&counts(&run));
            adapters.sleeper.sleep(LOOK_EVERY).await;
        }
    }
}

/// A run that was done here, with all that it came to. What is kept of a run of the whole installation is
/// withheld from each of several merchants; whoever runs it here works for all of them.
fn told_whole(run: RunRow, end: RunEnd) -> RunRow {
    if run.profile_id.is_some() {
        return run;
    }
    let RunEnd { counts, error, .. } = end;
    let Counts(counts) = counts;
    let counts = counts
        .into_iter()
        .map(|(what, number)| (what, number.into()));
    RunRow {
        counts: serde_json::Value::Object(counts.collect()),
        error,
        ..run
    }
}

/// Whose numbers those of a run of the whole installation are, where it has several merchants.
fn of_all(run: &RunRow) -> &'static str {
    if counts(run).0.is_empty() {
        "It runs for every merchant of this installation at once: what it counted is in the log of the process that ran it (`job.done`)."
    } else {
        "It runs for every merchant of this installation at once: these are the numbers of all of them together."
    }
}

fn state(run: &RunRow) -> Option<RunState> {
    run.state.parse().ok()
}

fn is_over(run: &RunRow) -> bool {
    state(run).is_some_and(RunState::is_over)
}

/// What a run counted.
fn counts(run: &RunRow) -> Counts {
    let mut counts = Counts::default();
    for (what, number) in run.counts.as_object().into_iter().flatten() {
        counts.add(what, number.as_u64().unwrap_or_default());
    }
    counts
}

/// Why it did not come to its end, and what happens next.
fn failure(run: &RunRow) -> Option<anyhow::Error> {
    if state(run) == Some(RunState::Done) {
        return None;
    }
    let RunRow { id, job, .. } = run;
    let why = run.error.as_deref().unwrap_or("it is still under way");
    let next = match (run.state.as_str(), run.next_attempt_at) {
        ("queued", Some(at)) => format!(
            "A running service tries it again from {} UTC on; `hawker jobs history --job {job}` shows how it goes",
            time(at)
        ),
        ("queued" | "running", _) => {
            format!(
                "A running service goes on with it; `hawker jobs history --job {job}` shows how"
            )
        }
        _ => format!("`hawker jobs run {job}` tries it again"),
    };
    let why = why.trim_end_matches('.');
    Some(anyhow::anyhow!(
        "run {id} of {job} {}: {why}. {next}",
        run.state
    ))
}

fn write(run: &RunRow) -> std::io::Result<()> {
    let profile = run.profile_id.as_deref().unwrap_or("the installation");
    line(&format!(
        "{}  {} for {profile}: {} after {}",
        run.id,
        run.job,
        run.state,
        took(run)
    ))?;
    let Counts(mut counts) = counts(run);
    if counts.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(&["what", "number"]);
    for (what, words) in WORDS {
        if let Some(number) = counts.remove(*what) {
            table.row(vec![(*words).to_owned(), number.to_string()]);
        }
    }
    for (what, number) in counts {
        table.row(vec![what.replace('_', " "), number.to_string()]);
    }
    table.write()
}

/// What is counted, in the order in which it is told.
const WORDS: &[(&str, &str)] = &[
    ("apps", "apps asked"),
    ("pages", "pages of lists"),
    ("fetched", "lost messages fetched"),
    ("stored", "messages stored"),
    ("duplicates", "messages known already"),
    ("of_unknown_shops", "messages of shops that are not known"),
    ("confirmed", "messages confirmed"),
    ("listed", "orders listed"),
    ("missing", "orders that were not held"),
    ("other_status", "orders with another status here"),
    (
        "older",
        "orders that may have changed since they were fetched",
    ),
    ("waiting", "orders that differ and were asked for already"),
    ("asked_for", "orders asked for now"),
    ("days", "days counted"),
    ("days_differing", "days that differ"),
    ("releases", "releases listed"),
    ("noted", "releases that were news"),
    ("made_due", "payouts asked for, because of their release"),
    (
        "missing_made_due",
        "payouts asked for, because none was known",
    ),
    (
        "unknown_asked_for",
        "orders asked for that were released and not held",
    ),
    ("tenants", "inboxes gone through"),
    ("processed", "events forgotten that were dealt with"),
    ("unverified", "events forgotten that never verified"),
    ("kept", "events as old that something needs"),
];
