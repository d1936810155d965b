//! `cargo xtask hawker`, `migrate` and `seed`: the product's own command line, on this checkout's
//! database and with the settings of the demo shop.

use std::process::{Command, ExitCode};

use crate::database::{self, Database};
use crate::dev::shop::DemoShop;
use crate::postgres::Profile;
use crate::process;
use crate::stop::Stop;
use crate::workspace::Workspace;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Arguments for `hawker`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub fn run(workspace: &Workspace, verb: Option<&str>, args: &Args) -> anyhow::Result<ExitCode> {
    let stop = Stop::listen()?;
    process::run_ok(&mut build(workspace), &stop)?;
    let database = Database::open(workspace, Profile::Dev)?;
    let mut command = program(workspace, &database);
    DemoShop::default().fill_in(&mut command);
    // As the service of `cargo xtask dev` has them, so that `jobs list` says the same.
    DemoShop::hasten(&mut command);
    command.args(verb).args(&args.arguments);
    Ok(process::exit_code(process::run(&mut command, &stop)?))
}

/// The build of the program.
pub fn build(workspace: &Workspace) -> Command {
    let mut command = workspace.cargo_step("build");
    command.args(["--package", "hawker-app", "--bin", "hawker"]);
    command
}

/// The program, with the database that it shall use.
pub fn program(workspace: &Workspace, database: &Database) -> Command {
    let mut command = Command::new(workspace.program("hawker"));
    command.current_dir(workspace.root());
    command.env(database::VARIABLE, database.url());
    command.env_remove(format!("{}_FILE", database::VARIABLE));
    command
}
