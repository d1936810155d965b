//! `cargo xtask test`: the tests, on a database of their own.
//!
//! The runner writes straight to the terminal, and its closing lines are the last thing that this
//! command prints.

use std::env;
use std::process::{Command, ExitCode, ExitStatus};

use crate::commands::ci;
use crate::console;
use crate::database::{self, Database};
use crate::postgres::Profile;
use crate::process;
use crate::stop::Stop;
use crate::workspace::Workspace;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask test                          everything
  cargo xtask test -- -p hawker-domain      the tests of one crate
  cargo xtask test -- a_refund              the tests with this in their name")]
pub struct Args {
    /// Run all other checks first, as `cargo xtask ci` does (also when CI=true)
    #[arg(long)]
    ci: bool,

    /// Arguments for the test runner: nextest where it is installed, else `cargo test`
    #[arg(last = true)]
    runner: Vec<String>,
}

pub fn run(workspace: &Workspace, args: &Args) -> anyhow::Result<ExitCode> {
    let on_ci = env::var("CI").is_ok_and(|value| !matches!(&*value, "" | "0" | "false"));
    if args.ci || (on_ci && args.runner.is_empty()) {
        return ci::run(workspace);
    }
    let stop = Stop::listen()?;
    let database = Database::open(workspace, Profile::Test)?;
    let status = run_tests(workspace, &database, &args.runner, &stop)?;
    Ok(process::exit_code(status))
}

/// Runs the tests on a database; with no arguments the examples in the documentation, too.
pub fn run_tests(
    workspace: &Workspace,
    database: &Database,
    arguments: &[String],
    stop: &Stop,
) -> anyhow::Result<ExitStatus> {
    let nextest = has_nextest(workspace);
    if !nextest {
        console::progress("cargo-nextest is not installed: `cargo test` does it, only slower");
    }
    let run = |verb: &[&str], arguments: &[String]| {
        let mut command = workspace.cargo();
        command.args(verb).args(scope(arguments)).args(arguments);
        command.env(database::VARIABLE, database.url());
        process::run(&mut command, stop)
    };
    let runner: &[&str] = if nextest {
        &["nextest", "run"]
    } else {
        &["test"]
    };
    if !arguments.is_empty() {
        return run(runner, arguments);
    }
    // The examples first, so that the summary of the tests stands at the end; and everything to its
    // end, so that one run shows all that is wrong.
    let examples = run(&["test", "--doc", "--quiet"], &[])?;
    let tests = run(&[runner, &["--no-fail-fast", "--tests"]].concat(), &[])?;
    Ok(if examples.success() { tests } else { examples })
}

/// Which packages to test, unless the arguments choose some.
fn scope(arguments: &[String]) -> &'static [&'static str] {
    let chosen = |argument: &String| {
        matches!(&**argument, "-p" | "--package" | "--manifest-path")
            || argument.starts_with("--package=")
    };
    if arguments.iter().any(chosen) {
        &["--all-features"]
    } else {
        &["--workspace", "--all-features"]
    }
}

fn has_nextest(workspace: &Workspace) -> bool {
    let mut command: Command = workspace.cargo();
    process::output(command.args(["nextest", "--version"])).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_that_choose_packages_replace_the_whole_workspace() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert!(scope(&words("a_refund --no-capture")).contains(&"--workspace"));
        assert!(!scope(&words("-p hawker-domain")).contains(&"--workspace"));
        assert!(!scope(&words("--package=hawker-domain")).contains(&"--workspace"));
    }
}
