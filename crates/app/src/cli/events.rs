//! `hawker events`: arguments.

use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use hawker_domain::event::EventSource;

use super::ListArgs;

#[derive(Debug, Subcommand)]
pub(crate) enum EventsCommand {
    /// List events, newest first.
    List {
        /// Only those of this order.
        #[arg(long, value_name = "ORDERSN")]
        order: Option<String>,
        /// Only those that are still to be processed.
        #[arg(long, conflicts_with = "processed")]
        pending: bool,
        /// Only those that are processed.
        #[arg(long)]
        processed: bool,
        /// Only those that came by this road.
        #[arg(long, value_parser = sources())]
        source: Option<String>,
        /// Only those of this push code.
        #[arg(long)]
        code: Option<i32>,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one event with its body.
    Show {
        /// Its id, for example `srev_01J…`.
        id: String,
    },
    /// Ask for an event again, whatever became of it.
    Retry {
        /// Its id, for example `srev_01J…`.
        id: String,
    },
    /// Show how the signature of a pushed event was judged: every scheme, URL and key that was tried.
    #[command(after_long_help = "\
Keys are shown by their fingerprints only: first4…last4·length.

Examples:
  hawker events signature srev_01J…
  hawker events signature srev_01J… --json")]
    Signature {
        /// Its id, for example `srev_01J…`.
        id: String,
    },
    /// Judge every push that did not verify again, now, and release those that do.
    #[command(after_long_help = "\
The running service does this by itself within half a minute after a key or URL was saved.")]
    VerifyAgain,
}

fn sources() -> PossibleValuesParser {
    PossibleValuesParser::new(EventSource::ALL.iter().map(|source| source.as_str()))
}
