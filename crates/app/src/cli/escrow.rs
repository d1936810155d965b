//! `hawker escrow`: arguments.

use clap::{Args, Subcommand};

use super::ProfileChoice;
use super::jobs::WindowArgs;
use crate::period::When;

#[derive(Debug, Subcommand)]
pub(crate) enum EscrowCommand {
    /// Show what is paid out for an order: from the goods to the payout step by step, adjustments,
    /// versions.
    Show {
        /// The marketplace's order number.
        ordersn: String,
    },
    /// Ask for payouts now: of orders, or of all that were released in a stretch of time.
    #[command(after_long_help = "\
Orders are fetched by the running service. With --from, the marketplace's list of releases is read here
and now, as the job escrow-backstop-daily does.

Examples:
  hawker escrow sync 251121K7M2XW9P 251121K7M2XWB2
  hawker escrow sync --from 2026-11-01 --to 2026-11-20")]
    Sync {
        /// The marketplace's order numbers.
        #[arg(value_name = "ORDERSN", required_unless_present = "from", conflicts_with_all = ["from", "to", "profile", "env"])]
        orders: Vec<String>,
        #[command(flatten)]
        choice: ProfileChoice,
        #[command(flatten)]
        window: WindowArgs,
    },
    /// Report payouts, as they are known now or as they were known then.
    #[command(after_long_help = "\
A report says as of which moment it is; with --as-of and that moment it can be made again at any time,
to the cent. --csv writes the table to standard output, everything else to standard error.

Examples:
  hawker escrow report --from 2026-11-01 --to 2026-11-30
  hawker escrow report --from 2026-11-01 --to 2026-11-30 --as-of 2026-12-05 --csv > november.csv
  hawker escrow report --from 2026-11-20 --to 2026-11-20 --by placed --json")]
    Report(ReportArgs),
}

/// Which payouts are reported, and how.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// From then on: a day of the shop's calendar, or a moment.
    #[arg(long, value_name = "WHEN")]
    pub(crate) from: When,
    /// Until then: a day, with it, or a moment.
    #[arg(long, value_name = "WHEN")]
    pub(crate) to: When,
    /// As it was known then: at the end of a day, or at a moment; now, when nothing is said.
    #[arg(long, value_name = "WHEN")]
    pub(crate) as_of: Option<When>,
    /// Which time of a payout counts.
    #[arg(long, value_name = "TIME", default_value = "released", value_parser = ["released", "placed"])]
    pub(crate) by: String,
    /// As a table for other programs; always whole.
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
    /// Only of this profile; of all of the environment when none is named.
    #[command(flatten)]
    pub(crate) choice: ProfileChoice,
}
