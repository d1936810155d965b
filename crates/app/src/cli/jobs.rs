//! `hawker jobs`, `hawker reconcile` and `hawker alerts`: arguments.

use clap::{Args, Subcommand};
use hawker_domain::schedule::{JobName, RunState};

use super::{ListArgs, ProfileChoice, names_of};
use crate::period::When;

/// `hawker reconcile`.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Without --from it goes on from where the last run ended, as the scheduled run does. The first run of a
shop fetches its history, as far back as HAWKER_HISTORY_DAYS says; --from fetches more.

The lists are compared here and now, with a line of progress; the orders that differ are then fetched
by the running service. Ctrl-C ends it after the page in hand, and what was found until then is kept.

Examples:
  hawker reconcile
  hawker reconcile --from 2026-11-20 --to 2026-11-20
  hawker reconcile --profile prof_live --from 2026-08-01
  hawker reconcile --from 2026-11-20T08:00:00+08:00 --to 2026-11-20T14:00:00+08:00 --json")]
pub(crate) struct ReconcileArgs {
    #[command(flatten)]
    pub(crate) choice: ProfileChoice,
    #[command(flatten)]
    pub(crate) window: WindowArgs,
}

/// What a run looks at instead of what it would by itself.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct WindowArgs {
    /// From then on: a day of the shop's calendar, or a moment.
    #[arg(long, value_name = "WHEN")]
    pub(crate) from: Option<When>,
    /// Until then: a day, with it, or a moment; until now when nothing is said.
    #[arg(long, value_name = "WHEN", requires = "from")]
    pub(crate) to: Option<When>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum JobsCommand {
    /// List the jobs: when they run, for which profiles, and how the last run went.
    List,
    /// Run a job now, in this process, and tell how it went.
    #[command(after_long_help = "\
The run is kept like any other, so that no other process does the same beside it. It ends with exit
code 1 when the run does not come to its end.

Examples:
  hawker jobs run lost-push-recovery
  hawker jobs run reconcile-daily --from 2026-11-01 --to 2026-11-20
  hawker jobs run escrow-backstop-daily --profile prof_live
  hawker jobs run inbox-retention")]
    Run {
        /// The job.
        #[arg(value_parser = jobs())]
        job: JobName,
        #[command(flatten)]
        choice: ProfileChoice,
        #[command(flatten)]
        window: WindowArgs,
    },
    /// List runs, newest first, with their results and what they counted.
    History {
        /// Only runs of this job.
        #[arg(long, value_parser = jobs())]
        job: Option<JobName>,
        /// Only runs that stand so.
        #[arg(long, value_parser = names_of(RunState::ALL, |state| state.as_str()))]
        state: Option<RunState>,
        #[command(flatten)]
        list: ListArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AlertsCommand {
    /// Send a message that says that it is a test to every sink, at once, and tell what each answered.
    #[command(after_long_help = "\
Needs neither an exception nor a running service. Ends with exit code 1 when a sink did not take it.")]
    Test,
}

fn jobs() -> impl clap::builder::TypedValueParser<Value = JobName> {
    names_of(JobName::ALL, |job| job.as_str())
}
