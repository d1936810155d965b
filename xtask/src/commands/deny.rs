//! `cargo xtask deny`: licences, sources, banned crates and known weaknesses of all dependencies.
//!
//! `cargo-deny` does the work. Where it is missing, a pinned version is built once into the target
//! directory, without optimisation: it runs for two seconds and would take minutes to optimise.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::console;
use crate::process::{self, run_ok};
use crate::steps::Step;
use crate::stop::Stop;
use crate::workspace::Workspace;

/// The version that is built when the machine has none.
const VERSION: &str = "0.20.2";

pub fn run(workspace: &Workspace) -> anyhow::Result<ExitCode> {
    let stop = Stop::listen()?;
    match step(workspace, &stop)? {
        Step::Passed => {}
        Step::Partly(what) => console::progress(what),
    }
    Ok(ExitCode::SUCCESS)
}

/// All checks whose material is at hand; known weaknesses only where the database can be fetched.
pub fn step(workspace: &Workspace, stop: &Stop) -> anyhow::Result<Step> {
    let program = find_or_build(workspace, stop)?;
    let deny = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        command
            .current_dir(workspace.root())
            .arg("--all-features")
            .args(arguments);
        command
    };
    let material = ["bans", "licenses", "sources"];
    // Two versions of one crate are a warning that nobody here can act on at once: see them with
    // `cargo deny check bans`.
    run_ok(
        deny(&["--log-level", "error", "check"]).args(material),
        stop,
    )?;
    let mut fetch = deny(&["fetch", "db"]);
    if let Err(error) = process::output(fetch.env("GIT_TERMINAL_PROMPT", "0")) {
        if error
            .to_string()
            .contains("failed to fetch advisory database")
        {
            let skipped = "advisories skipped: their database cannot be reached from here";
            return Ok(Step::Partly(skipped.to_owned()));
        }
        return Err(error);
    }
    run_ok(&mut deny(&["check", "--disable-fetch", "advisories"]), stop)?;
    Ok(Step::Passed)
}

fn find_or_build(workspace: &Workspace, stop: &Stop) -> anyhow::Result<PathBuf> {
    let tools = workspace.target().join("tools");
    let own = tools.join("bin/cargo-deny");
    for candidate in [PathBuf::from("cargo-deny"), own.clone()] {
        if process::output(Command::new(&candidate).arg("--version")).is_ok() {
            return Ok(candidate);
        }
    }
    console::progress(format_args!(
        "building cargo-deny {VERSION}, once (about a minute)"
    ));
    let build = tools.join("build");
    let mut install = workspace.cargo();
    install
        .args([
            "install",
            "cargo-deny",
            "--locked",
            "--debug",
            "--quiet",
            "--version",
            VERSION,
        ])
        .arg("--root")
        .arg(&tools)
        .arg("--target-dir")
        .arg(&build)
        .env("CARGO_PROFILE_DEV_DEBUG", "0");
    run_ok(&mut install, stop)?;
    crate::postgres::remove_folder(&build)?;
    Ok(own)
}
