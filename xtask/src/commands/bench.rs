//! `cargo xtask bench`: measures the service beside a reference, in one run.
//!
//! Everything is built as it is shipped; the program that measures lies beside it.

use std::process::{Command, ExitCode};

use crate::console;
use crate::process::{self, run_ok};
use crate::stop::Stop;
use crate::workspace::Workspace;

/// What is needed, one after the other: together, the service would get whatever the tests ask of it.
const PROGRAMS: [(&str, &str); 3] = [
    ("hawker-app", "hawker"),
    ("hawker-shopee-emulator", "shopee-emulator"),
    ("hawker-tests", "bench"),
];

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask bench --quick               everything, in a few minutes
  cargo xtask bench ingest drain
  cargo xtask bench --record              write figures and charts to docs/performance
  cargo xtask bench -- --help             everything that can be asked for")]
pub struct Args {
    /// What is asked of the benchmark
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub fn run(workspace: &Workspace, args: &Args) -> anyhow::Result<ExitCode> {
    let stop = Stop::listen()?;
    console::progress("building (the first time takes minutes)");
    for (package, program) in PROGRAMS {
        let mut build = workspace.cargo_step("build");
        build.args(["--release", "--package", package, "--bin", program]);
        run_ok(&mut build, &stop)?;
    }
    let mut bench = Command::new(workspace.target().join("release").join("bench"));
    bench.args(&args.arguments);
    Ok(process::exit_code(process::run(&mut bench, &stop)?))
}
