//! `hawker orders` and `hawker completeness`: arguments.

use chrono::NaiveDate;
use clap::{Args, Subcommand};

use super::{ListArgs, ProfileChoice};

/// The states of synchronisation, as the column says.
const SYNC_STATES: [&str; 3] = ["pending", "created", "failed"];

#[derive(Debug, Subcommand)]
pub(crate) enum OrdersCommand {
    /// List orders, newest first.
    List {
        /// Only those with this marketplace status, for example `READY_TO_SHIP`.
        #[arg(long)]
        status: Option<String>,
        /// Only those that wait for a SKU.
        #[arg(long)]
        held: bool,
        /// Only those whose synchronisation is in this state.
        #[arg(long, value_name = "STATE", value_parser = SYNC_STATES)]
        sync: Option<String>,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one order with its lines, parcels and history.
    Show {
        /// The marketplace's order number.
        ordersn: String,
    },
    /// Have one order fetched from the marketplace now, whether it is known or not.
    #[command(after_long_help = "\
The running service fetches it; the command waits for that and tells what has changed. It ends with
exit code 1 when the order was not brought up to date in time. The order stays asked for.

Examples:
  hawker orders refresh 251121K7M2XW9P
  hawker orders refresh 251121K7M2XW9P --profile prof_live --wait 0")]
    Refresh {
        /// The marketplace's order number.
        ordersn: String,
        /// Ask through this profile; else through the one that the order is known by, else the active
        /// one.
        #[arg(long, value_name = "ID")]
        profile: Option<String>,
        /// Wait at most so many seconds; 0 only asks.
        #[arg(long, value_name = "SECONDS", default_value_t = 30)]
        wait: u32,
    },
}

/// `hawker completeness`.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Days are those of the shop's calendar; an order belongs to the day on which it was placed. A day that
the marketplace was not asked for yet shows no number of listed orders: `hawker reconcile` asks.

Examples:
  hawker completeness
  hawker completeness --from 2026-11-01 --to 2026-11-20 --json")]
pub(crate) struct CompletenessArgs {
    #[command(flatten)]
    pub(crate) choice: ProfileChoice,
    /// From this day on; 30 days are shown when nothing is said.
    #[arg(long, value_name = "DAY")]
    pub(crate) from: Option<NaiveDate>,
    /// Until this day, with it; until today when nothing is said.
    #[arg(long, value_name = "DAY")]
    pub(crate) to: Option<NaiveDate>,
}
