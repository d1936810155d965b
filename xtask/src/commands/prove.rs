//! `cargo xtask prove`: lets everything go wrong, and shows that nothing is lost.
//!
//! The service is built as it is shipped, without anything that only tests need; the program that
//! leads the proof lies beside it.

use std::process::{Command, ExitCode};

use crate::console;
use crate::process::{self, run_ok};
use crate::stop::Stop;
use crate::workspace::Workspace;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask prove --seed 7 --orders 1000 --minutes 5
  cargo xtask prove --orders 10000 --minutes 30 --kills 200 --restarts 20
  cargo xtask prove --debug --orders 100 --minutes 1
  cargo xtask prove -- --help             everything that can be asked for")]
pub struct Args {
    /// Use debug builds: they are made sooner and run slower
    #[arg(long)]
    debug: bool,

    /// What is asked of the proof
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub fn run(workspace: &Workspace, args: &Args) -> anyhow::Result<ExitCode> {
    let stop = Stop::listen()?;
    console::progress("building (the first time takes minutes)");
    // One after the other: together, the service would get whatever the tests ask of it.
    for (package, program) in [("hawker-app", "hawker"), ("hawker-tests", "prove")] {
        let mut build = workspace.cargo_step("build");
        build.args(["--package", package, "--bin", program]);
        if !args.debug {
            build.arg("--release");
        }
        run_ok(&mut build, &stop)?;
    }
    let profile = if args.debug { "debug" } else { "release" };
    let mut prove = Command::new(workspace.target().join(profile).join("prove"));
    prove.args(&args.arguments);
    Ok(process::exit_code(process::run(&mut prove, &stop)?))
}
