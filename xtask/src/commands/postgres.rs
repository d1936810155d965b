//! `cargo xtask postgres`: the private cluster by itself, for a look inside or around a command.

use std::process::{Command, ExitCode};
use std::thread;
use std::time::Duration;

use crate::console;
use crate::database::{self, Database};
use crate::postgres::{Cluster, Profile};
use crate::process;
use crate::stop::Stop;
use crate::workspace::Workspace;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask postgres                      run the `dev` cluster until Ctrl-C, print its address
  cargo xtask postgres -- psql              a session in the `dev` database
  cargo xtask postgres bench --reset -- true  frees the disk that the benchmark keeps
  cargo xtask postgres test -- cargo nextest run -p hawker-postgres")]
pub struct Args {
    /// Which cluster
    #[arg(value_enum, default_value = "dev")]
    cluster: Name,

    /// Throw the cluster's data away first
    #[arg(long)]
    reset: bool,

    /// A command to run with `DATABASE_URL` set, and the variables of libpq
    #[arg(last = true)]
    command: Vec<String>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Name {
    Dev,
    Test,
    Bench,
}

pub fn run(workspace: &Workspace, args: &Args) -> anyhow::Result<ExitCode> {
    let stop = Stop::listen()?;
    let profile = match args.cluster {
        Name::Dev => Profile::Dev,
        Name::Test => Profile::Test,
        Name::Bench => Profile::Bench,
    };
    if args.reset {
        Cluster::reset(workspace, profile)?;
    }
    let database = Database::open(workspace, profile)?;
    let Some((program, arguments)) = args.command.split_first() else {
        console::result(database.url());
        console::progress("Ctrl-C stops it");
        while !stop.requested() {
            thread::sleep(Duration::from_millis(50));
        }
        return Ok(ExitCode::SUCCESS);
    };
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env(database::VARIABLE, database.url())
        .envs(database.libpq());
    Ok(process::exit_code(process::run(&mut command, &stop)?))
}
