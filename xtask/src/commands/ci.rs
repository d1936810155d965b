//! `cargo xtask ci`: every check that a change must pass, the tests last.
//!
//! All checks run even when one has failed, so that one run shows everything there is to mend.

use std::process::{Command, ExitCode};

use anyhow::bail;

use crate::commands::{deny, prepare, test, tidy};
use crate::console::{self, Paint};
use crate::database::Database;
use crate::postgres::Profile;
use crate::process::{exit_code, run_ok};
use crate::steps::{Step, Steps};
use crate::stop::Stop;
use crate::workspace::Workspace;

pub fn run(workspace: &Workspace) -> anyhow::Result<ExitCode> {
    let stop = Stop::listen()?;
    let database = Database::open(workspace, Profile::Test)?;
    let mut steps = Steps::default();

    let cargo = |command: &mut Command| run_ok(command, &stop).map(|()| Step::Passed);
    let all = ["--workspace", "--all-features"];
    steps.take("fmt", || {
        cargo(workspace.cargo().args(["fmt", "--all", "--check"]))
    });
    steps.take("tidy", || tidy::step(workspace));
    steps.take("deny", || deny::step(workspace, &stop));
    // Before the steps that compile everything: it compiles the crate with the queries once more.
    steps.take("prepare --check", || {
        prepare::check(workspace, &database, &stop)
    });
    steps.take("clippy", || {
        let mut clippy = workspace.cargo_step("clippy");
        cargo(
            clippy
                .args(all)
                .args(["--all-targets", "--", "-D", "warnings"]),
        )
    });
    steps.take("doc", || {
        let mut doc = workspace.cargo_step("doc");
        cargo(
            doc.args(all)
                .arg("--no-deps")
                .env("RUSTDOCFLAGS", "-D warnings"),
        )
    });
    if stop.requested() {
        bail!("stopped on request");
    }
    console::note(steps.table(Paint::for_stderr()));

    console::progress(Paint::for_stderr().bold("test"));
    let status = test::run_tests(workspace, &database, &[], &stop)?;
    let failed = steps.failed();
    if failed.is_empty() {
        return Ok(exit_code(status));
    }
    bail!(
        "these checks failed before the tests: {}",
        failed.join(", ")
    )
}
