//! The command line: which subcommands exist, and the one place that starts them.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::commands::{bench, ci, deny, dev, hawker, postgres, prepare, prove, test, tidy};
use crate::workspace::Workspace;

/// Tools of this checkout: run it, test it, check it.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    disable_help_subcommand = true
)]
#[command(after_help = "\
Commands that need a database use DATABASE_URL when it is set, and otherwise a private Postgres \
cluster of this checkout, which lives under the target directory and stops with the command.")]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the whole product with a demo shop, and watch what happens
    Dev(dev::Args),
    /// Run the tests, on a database of their own
    Test(test::Args),
    /// Run every check that a change must pass, then the tests
    Ci,
    /// Run `hawker` on the database of this checkout, such as `hawker orders list`
    Hawker(hawker::Args),
    /// Bring a database up to date (`hawker migrate`)
    Migrate(hawker::Args),
    /// Put the demo catalogue and profile into a database (`hawker seed`)
    Seed(hawker::Args),
    /// Write the offline data of the checked queries to `.sqlx`
    Prepare(prepare::Args),
    /// Check the rules of this repository
    Tidy(tidy::Args),
    /// Check licences, sources and banned crates of all dependencies
    Deny,
    /// Kill, cut and confuse the service, and show that nothing is lost
    Prove(prove::Args),
    /// Measure how fast the service is, beside a reference
    Bench(bench::Args),
    /// Run the private Postgres cluster, alone or around another command
    Postgres(postgres::Args),
}

/// Runs what the command line asks for; the exit code is the one of the command that was run.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let workspace = Workspace::locate()?;
    match cli.command {
        Command::Dev(args) => dev::run(&workspace, &args),
        Command::Test(args) => test::run(&workspace, &args),
        Command::Ci => ci::run(&workspace),
        Command::Hawker(args) => hawker::run(&workspace, None, &args),
        Command::Migrate(args) => hawker::run(&workspace, Some("migrate"), &args),
        Command::Seed(args) => hawker::run(&workspace, Some("seed"), &args),
        Command::Prepare(args) => prepare::run(&workspace, &args),
        Command::Tidy(args) => tidy::run(&workspace, &args),
        Command::Deny => deny::run(&workspace),
        Command::Prove(args) => prove::run(&workspace, &args),
        Command::Bench(args) => bench::run(&workspace, &args),
        Command::Postgres(args) => postgres::run(&workspace, &args),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
