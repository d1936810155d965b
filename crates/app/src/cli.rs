//! The command line: what can be asked for, and the way from the arguments to the exit code.

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand};
use hawker_domain::TenantSlug;
use hawker_domain::event::EventSource;

use crate::config::{SETTINGS, Setting, Variables};
use crate::{commands, exit, logging};

/// Self-hosted commerce-operations hub for merchants who sell on marketplaces.
#[derive(Debug, Parser)]
#[command(name = "hawker", version, about, after_long_help = after_help(), max_term_width = 100)]
pub struct Cli {
    /// Answer in JSON instead of tables.
    #[arg(long, global = true)]
    json: bool,
    /// Work on this tenant; an installation for one merchant has no other.
    #[arg(long, global = true, default_value = "default", value_name = "NAME")]
    tenant: TenantSlug,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service: take in pushes, bring orders up to date, deliver alerts.
    Serve,
    /// Bring the database up to date: the control plane, then every tenant.
    Migrate,
    /// Set up the shop that the SHOPEE_* variables describe.
    Seed {
        /// Add a demonstration catalogue of trading cards with stock at several places.
        #[arg(long)]
        demo: bool,
    },
    /// Look at inbound events, or ask for one again.
    #[command(subcommand)]
    Events(EventsCommand),
    /// Look at orders, held ones included.
    #[command(subcommand)]
    Orders(OrdersCommand),
    /// Look at what needs a person.
    #[command(subcommand)]
    Exceptions(ExceptionsCommand),
    /// Add to the catalogue.
    #[command(subcommand)]
    Catalogue(CatalogueCommand),
}

/// Which part of a list is shown.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// At most so many rows.
    #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub(crate) limit: u32,
    /// Go on after the page that ended with this cursor.
    #[arg(long, value_name = "CURSOR")]
    pub(crate) after: Option<String>,
}

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
}

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
}

#[derive(Debug, Subcommand)]
pub(crate) enum ExceptionsCommand {
    /// List exceptions, newest first; only open ones unless told otherwise.
    List {
        /// `open`, `resolved`, `wont_fix` or `all`.
        #[arg(long, default_value = "open")]
        status: String,
        /// Only those of this class, for example `sku_not_found`.
        #[arg(long)]
        class: Option<String>,
        /// Only those of this order.
        #[arg(long, value_name = "ORDERSN")]
        order: Option<String>,
        #[command(flatten)]
        list: ListArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum CatalogueCommand {
    /// Add a variant; orders that wait for its SKU are released by the running service.
    Add {
        /// Its SKU, for example POK-OBF-223-NM-EN.
        #[arg(long)]
        sku: String,
        /// Its title.
        #[arg(long)]
        title: String,
        /// Price of one piece in major units, for example 13.90.
        #[arg(long)]
        price: Option<String>,
        /// What the price is counted in.
        #[arg(long, default_value = "SGD")]
        currency: String,
        /// Pieces that are there.
        #[arg(long, default_value_t = 0)]
        stock: u32,
        /// Where they lie: the code of a stock location; `main` always exists.
        #[arg(long, default_value = "main")]
        location: String,
        /// Add the stock location if there is none with this code.
        #[arg(long)]
        create_location: bool,
    },
}

/// The states of synchronisation, as the column says.
const SYNC_STATES: [&str; 3] = ["pending", "created", "failed"];

fn sources() -> PossibleValuesParser {
    PossibleValuesParser::new(EventSource::ALL.iter().map(|source| source.as_str()))
}

fn after_help() -> String {
    let mut text = String::from(
        "Settings (environment variables; a secret may come from the file that NAME_FILE names):\n",
    );
    for setting in SETTINGS {
        let mark = if setting.is_secret { " (secret)" } else { "" };
        let Setting { name, help, .. } = setting;
        // Writing to a string cannot fail.
        writeln!(text, "  {name}{mark}\n      {help}").ok();
    }
    text.push('\n');
    text.push_str(exit::HELP);
    text
}

/// Runs the program with the arguments and variables of this process.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let variables = Variables::of_process();
    // Whoever looks at a list does not want a log beside it.
    let default_filter = if matches!(cli.command, Command::Serve) {
        "info,actix_server=warn"
    } else {
        "warn"
    };
    logging::start(&variables, default_filter);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    match runtime.block_on(dispatch(cli, &variables)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

async fn dispatch(cli: Cli, variables: &Variables) -> anyhow::Result<()> {
    let Cli {
        json,
        tenant,
        command,
    } = cli;
    match command {
        Command::Serve => commands::serve(variables).await,
        Command::Migrate => commands::migrate(variables, json).await,
        Command::Seed { demo } => commands::seed(variables, &tenant, demo).await,
        Command::Events(command) => commands::events(variables, &tenant, json, command).await,
        Command::Orders(command) => commands::orders(variables, &tenant, json, command).await,
        Command::Exceptions(command) => {
            commands::exceptions(variables, &tenant, json, command).await
        }
        Command::Catalogue(command) => commands::catalogue(variables, &tenant, json, command).await,
    }
}

/// Tells the error with its causes, once, and gives the exit code.
fn failed(error: &anyhow::Error) -> ExitCode {
    use std::io::Write as _;
    writeln!(std::io::stderr().lock(), "hawker: {error:#}").ok();
    exit::code_of(error)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn help_names_every_setting_and_exit_code() {
        let help = Cli::command().render_long_help().to_string();
        assert!(SETTINGS.iter().all(|setting| help.contains(setting.name)));
        assert!(help.contains("Exit codes"));
    }
}
