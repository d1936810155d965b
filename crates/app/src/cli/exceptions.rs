//! `hawker exceptions`: arguments.

use chrono::TimeDelta;
use clap::{Args, Subcommand, ValueEnum};
use hawker_domain::Environment;
use hawker_domain::exception::ErrorClass;

use super::{ListArgs, environments, names_of};
use crate::period::{When, stretch};

#[derive(Debug, Subcommand)]
pub(crate) enum ExceptionsCommand {
    /// List exceptions, newest first unless told otherwise; only open ones unless told otherwise.
    #[command(after_long_help = "\
Examples:
  hawker exceptions list --sort due
  hawker exceptions list --status all --order 2404098R48U37H
  hawker exceptions list --env live --class oversold")]
    List {
        /// `open`, `resolved`, `wont_fix` or `all`.
        #[arg(long, default_value = "open")]
        status: String,
        /// Only those of this class, for example `sku_not_found`.
        #[arg(long)]
        class: Option<String>,
        /// Only those of this cause, for example `sku:POK-OBF-223-NM-EN`.
        #[arg(long)]
        cause: Option<String>,
        /// Only those of this order.
        #[arg(long, value_name = "ORDERSN")]
        order: Option<String>,
        /// Only those that this person works on.
        #[arg(long, value_name = "NAME")]
        assignee: Option<String>,
        /// Only those of this environment.
        #[arg(long, value_parser = environments())]
        env: Option<Environment>,
        /// Only those of this profile.
        #[arg(long, value_name = "ID")]
        profile: Option<String>,
        /// Which come first: the `newest`, or those that are `due` first by their own deadline or that
        /// of their order.
        #[arg(long, value_enum, default_value = "newest")]
        sort: Sort,
        /// Also those that are out of sight for now.
        #[arg(long)]
        with_snoozed: bool,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show open exceptions by cause: how many, what is at stake, what must be shipped first.
    Groups {
        #[command(flatten)]
        only: FilterArgs,
    },
    /// Show one exception with its notes, its retries and what came before.
    Show {
        /// Its id, for example `cex_01J…`.
        id: String,
    },
    /// Try again now what exceptions are about, and follow what becomes of each.
    #[command(after_long_help = "\
The running service works on them. It ends with exit code 1 when some of them showed again,
or stand although they were tried again.

Examples:
  hawker exceptions retry cex_01J… cex_01J…
  hawker exceptions retry --class sku_not_found --cause sku:POK-OBF-223-NM-EN
  hawker exceptions retry --all --wait 300")]
    Retry {
        #[command(flatten)]
        which: SelectionArgs,
        /// Follow them for at most so many seconds; 0 only asks.
        #[arg(long, value_name = "SECONDS", default_value_t = 30)]
        wait: u32,
    },
    /// Give exceptions to a person.
    #[command(after_long_help = "\
Examples:
  hawker exceptions assign cex_01J… --to mei
  hawker exceptions assign --class oversold --nobody")]
    Assign {
        #[command(flatten)]
        which: SelectionArgs,
        #[command(flatten)]
        assignee: AssigneeArgs,
    },
    /// Write a note to exceptions.
    Note {
        #[command(flatten)]
        which: SelectionArgs,
        /// What somebody else should know.
        #[arg(long)]
        text: String,
    },
    /// Take exceptions out of sight for a while; nobody is alerted of them meanwhile.
    #[command(after_long_help = "\
Examples:
  hawker exceptions snooze cex_01J… --for 3d
  hawker exceptions snooze --class oversold --until 2026-11-30
  hawker exceptions snooze cex_01J… --wake")]
    Snooze {
        #[command(flatten)]
        which: SelectionArgs,
        #[command(flatten)]
        until: SnoozeArgs,
    },
    /// Close exceptions whose cause is gone; one that shows again is opened anew.
    Resolve {
        #[command(flatten)]
        which: SelectionArgs,
        /// What somebody else should know.
        #[arg(long)]
        note: Option<String>,
    },
    /// Close exceptions that stay as they are; further occurrences only count.
    WontFix {
        #[command(flatten)]
        which: SelectionArgs,
        /// What somebody else should know.
        #[arg(long)]
        note: Option<String>,
    },
}

/// Which exceptions come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sort {
    /// The newest.
    Newest,
    /// Those that must be done first.
    Due,
}

/// Everything by which exceptions are chosen but their ids.
const FILTERS: [&str; 7] = [
    "all", "class", "cause", "order", "profile", "env", "assignee",
];

/// Which exceptions are meant: some by their ids, or all open ones that match.
#[derive(Debug, Args)]
pub(crate) struct SelectionArgs {
    /// Those with these ids; `hawker exceptions list` shows them.
    #[arg(value_name = "ID", required_unless_present_any = FILTERS, conflicts_with_all = FILTERS)]
    pub(crate) ids: Vec<String>,
    /// All open ones.
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) matching: FilterArgs,
}

/// What open exceptions have in common.
#[derive(Debug, Args)]
pub(crate) struct FilterArgs {
    /// Open ones of this class, for example `sku_not_found`.
    #[arg(long, value_parser = names_of(ErrorClass::ALL, |class| class.as_str()), hide_possible_values = true)]
    pub(crate) class: Option<ErrorClass>,
    /// Open ones of this cause, for example `sku:POK-OBF-223-NM-EN`.
    #[arg(long)]
    pub(crate) cause: Option<String>,
    /// Open ones of this order.
    #[arg(long, value_name = "ORDERSN")]
    pub(crate) order: Option<String>,
    /// Open ones of this profile.
    #[arg(long, value_name = "ID")]
    pub(crate) profile: Option<String>,
    /// Open ones of this environment.
    #[arg(long, value_parser = environments())]
    pub(crate) env: Option<Environment>,
    /// Open ones that this person works on.
    #[arg(long, value_name = "NAME")]
    pub(crate) assignee: Option<String>,
}

/// Who works on them.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct AssigneeArgs {
    /// This person.
    #[arg(long, value_name = "NAME")]
    pub(crate) to: Option<String>,
    /// Nobody any more.
    #[arg(long)]
    pub(crate) nobody: bool,
}

/// For how long they are out of sight; at most 90 days.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct SnoozeArgs {
    /// For so long: minutes, hours or days, such as 90m, 12h or 3d.
    #[arg(long, value_name = "TIME", value_parser = stretch)]
    pub(crate) r#for: Option<TimeDelta>,
    /// Until then: a moment, or the beginning of a day of the active shop's calendar.
    #[arg(long, value_name = "WHEN")]
    pub(crate) until: Option<When>,
    /// Put them back in sight at once.
    #[arg(long)]
    pub(crate) wake: bool,
}
