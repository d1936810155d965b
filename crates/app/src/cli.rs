//! The command line: what can be asked for, and the way from the arguments to the exit code.

mod access;
mod escrow;
mod events;
mod exceptions;
mod jobs;
mod oauth;
mod orders;
mod profiles;

use std::fmt::Write as _;
use std::process::ExitCode;
use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, Parser, Subcommand};
use hawker_domain::{Environment, TenantSlug};

use crate::config::{SETTINGS, Setting, Variables};
use crate::{commands, exit, logging};

pub(crate) use access::{ApiTokenCommand, AuditCommand, KeysCommand};
pub(crate) use escrow::{EscrowCommand, ReportArgs};
pub(crate) use events::EventsCommand;
pub(crate) use exceptions::{
    AssigneeArgs, ExceptionsCommand, FilterArgs, SelectionArgs, SnoozeArgs, Sort,
};
pub(crate) use jobs::{AlertsCommand, JobsCommand, ReconcileArgs, WindowArgs};
pub(crate) use oauth::{CodeArgs, ConnectionCommand, GranteeArgs, OauthCommand, ProfileChoice};
pub(crate) use orders::{CompletenessArgs, OrdersCommand};
pub(crate) use profiles::{ProfileFields, ProfilesCommand};

/// Self-hosted commerce-operations hub for merchants who sell on marketplaces.
#[derive(Debug, Parser)]
#[command(name = "hawker", version, about, after_long_help = after_help(), max_term_width = 100)]
pub struct Cli {
    /// Answer in JSON instead of tables.
    #[arg(long, global = true)]
    json: bool,
    /// Work on this tenant; `default` when nothing is said, and an installation for one merchant has no
    /// other. Not for `keys`, which always walks every tenant.
    #[arg(long, global = true, value_name = "NAME")]
    tenant: Option<TenantSlug>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service: take in pushes, bring orders up to date, deliver alerts.
    Serve,
    /// Bring the database up to date: the control plane, then every tenant.
    Migrate,
    /// Make the first profiles of the SHOPEE_* variables, once; `hawker serve` does it by itself.
    Seed {
        /// Add a demonstration catalogue of trading cards with stock at several places.
        #[arg(long)]
        demo: bool,
    },
    /// Look at the profiles of shops, change them, choose the active ones.
    #[command(subcommand)]
    Profiles(ProfilesCommand),
    /// Authorise a shop, and look at what is known of its tokens.
    #[command(subcommand)]
    Oauth(OauthCommand),
    /// Try the connection to Shopee.
    #[command(subcommand)]
    Connection(ConnectionCommand),
    /// Look at inbound events and their signatures, or ask for one again.
    #[command(subcommand)]
    Events(EventsCommand),
    /// Look at orders, held ones included, or have one fetched now.
    #[command(subcommand)]
    Orders(OrdersCommand),
    /// Compare the marketplace's lists of orders with ours, and ask for what differs.
    Reconcile(ReconcileArgs),
    /// Show day by day what the marketplace lists, what we hold, and by which road it came.
    Completeness(CompletenessArgs),
    /// Look at what is paid out, ask for it, report it.
    #[command(subcommand)]
    Escrow(EscrowCommand),
    /// Work on what needs a person.
    #[command(subcommand)]
    Exceptions(ExceptionsCommand),
    /// Look at the jobs that run at slots, or run one now.
    #[command(subcommand)]
    Jobs(JobsCommand),
    /// Try whether alerts arrive.
    #[command(subcommand)]
    Alerts(AlertsCommand),
    /// Add to the catalogue.
    #[command(subcommand)]
    Catalogue(CatalogueCommand),
    /// Make and revoke tokens for the API.
    #[command(subcommand)]
    ApiToken(ApiTokenCommand),
    /// Rotate the master secret that keys and tokens are sealed under.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Look at who did what.
    #[command(subcommand)]
    Audit(AuditCommand),
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

fn environments() -> impl TypedValueParser<Value = Environment> {
    names_of(Environment::ALL, |environment| environment.as_str())
}

/// Takes one of the names of a closed set, and lists them in the help and when it is another.
fn names_of<T>(all: &'static [T], name: fn(&T) -> &'static str) -> impl TypedValueParser<Value = T>
where
    T: Clone + FromStr + Send + Sync + 'static,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    PossibleValuesParser::new(all.iter().map(name)).try_map(|text| text.parse())
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
    if let Err(error) = cli.check() {
        error.exit();
    }
    let variables = Variables::of_process();
    let default_filter = match cli.command {
        Command::Serve => "info,actix_server=warn",
        // They tell themselves what went wrong with a call.
        Command::Oauth(_) | Command::Connection(_) => "error",
        // The log is a sink, too: an alert in it is a warning.
        Command::Alerts(_) => "error,hawker_alerting=warn",
        // Their answer says how the run ended.
        Command::Reconcile(_)
        | Command::Jobs(JobsCommand::Run { .. })
        | Command::Escrow(EscrowCommand::Sync { .. }) => "warn,hawker_jobs=error",
        // Whoever looks at a list does not want a log beside it.
        _ => "warn",
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

impl Cli {
    /// What the parser cannot say: `--tenant` is for every command but one. A master secret that is left
    /// behind for one tenant alone could not be dropped, so that an answer for one would mislead.
    fn check(&self) -> Result<(), clap::Error> {
        if self.tenant.is_none() || !matches!(self.command, Command::Keys(_)) {
            return Ok(());
        }
        let words = "--tenant cannot be used with `keys`: the master secret is the installation's, so that every tenant is walked. Leave it out";
        Err(Self::command().error(ErrorKind::ArgumentConflict, words))
    }
}

async fn dispatch(cli: Cli, variables: &Variables) -> anyhow::Result<()> {
    let Cli {
        json,
        tenant,
        command,
    } = cli;
    let tenant = tenant.unwrap_or_else(TenantSlug::default_tenant);
    match command {
        Command::Serve => commands::serve(variables).await,
        Command::Migrate => commands::migrate(variables, json).await,
        Command::Seed { demo } => commands::seed(variables, &tenant, demo).await,
        Command::Profiles(command) => commands::profiles(variables, &tenant, json, command).await,
        Command::Oauth(command) => commands::oauth(variables, &tenant, json, command).await,
        Command::Connection(command) => {
            commands::connection(variables, &tenant, json, command).await
        }
        Command::Events(command) => commands::events(variables, &tenant, json, command).await,
        Command::Orders(command) => commands::orders(variables, &tenant, json, command).await,
        Command::Reconcile(args) => commands::reconcile(variables, &tenant, json, args).await,
        Command::Completeness(args) => commands::completeness(variables, &tenant, json, args).await,
        Command::Escrow(command) => commands::escrow(variables, &tenant, json, command).await,
        Command::Exceptions(command) => {
            commands::exceptions(variables, &tenant, json, command).await
        }
        Command::Jobs(command) => commands::jobs(variables, &tenant, json, command).await,
        Command::Alerts(command) => commands::alerts(variables, &tenant, json, command).await,
        Command::Catalogue(command) => commands::catalogue(variables, &tenant, json, command).await,
        Command::ApiToken(command) => commands::api_token(variables, &tenant, json, command).await,
        Command::Keys(command) => commands::keys(variables, json, command).await,
        Command::Audit(command) => commands::audit(variables, &tenant, json, command).await,
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
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn keys_are_of_no_single_tenant() {
        let check = |arguments: &[&str]| Cli::try_parse_from(arguments).unwrap().check();
        assert!(check(&["hawker", "keys", "status"]).is_ok());
        assert!(check(&["hawker", "orders", "list", "--tenant", "cards"]).is_ok());
        for arguments in [
            ["hawker", "--tenant", "cards", "keys", "status"],
            ["hawker", "keys", "rotate", "--tenant", "default"],
        ] {
            let refused = check(&arguments).unwrap_err();
            assert_eq!(refused.exit_code(), 2);
            assert!(refused.to_string().contains("every tenant"), "{refused}");
        }
    }

    #[test]
    fn help_names_every_setting_and_exit_code() {
        let help = Cli::command().render_long_help().to_string();
        assert!(SETTINGS.iter().all(|setting| help.contains(setting.name)));
        assert!(help.contains("Exit codes"));
    }
}
