//! The `hawker` program, as a shell runs it.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::Context as _;
use tokio::process::Command;

use crate::settings::Settings;

/// How a command ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Its exit code.
    pub code: i32,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Ended {
    /// Its standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error} in the output of {self:#?}"))
    }
}

/// Runs `hawker` with these arguments and settings until it ends.
pub async fn run(settings: &Settings, arguments: &[&str]) -> Ended {
    let output = hawker()
        .expect("the program")
        .args(arguments)
        .envs(settings.pairs())
        .stdin(Stdio::null())
        .output()
        .await
        .expect("the program runs");
    Ended {
        code: output.status.code().expect("it was not killed"),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// A call of the `hawker` program, with an empty environment.
///
/// # Errors
/// The program was not built beside the tests. Cargo builds it together with the tests of
/// `hawker-app`, so naming both packages (or none) is enough.
pub fn hawker() -> anyhow::Result<Command> {
    let this = std::env::current_exe()?;
    // A program lies beside it, a test one folder deeper.
    let folders = this.ancestors().skip(1).take(2);
    let beside: Option<PathBuf> = folders
        .map(|folder| folder.join("hawker"))
        .find(|program| program.exists());
    let beside = beside.with_context(|| {
        format!(
            "`hawker` is not beside {}: run the tests of the whole workspace, or of `-p hawker-app -p hawker-tests`",
            this.display()
        )
    })?;
    let mut command = Command::new(beside);
    command.env_clear();
    Ok(command)
}
