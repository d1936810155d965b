//! The client program `psql`, for the few statements that the tools run themselves.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::output;

/// Runs SQL in one database.
#[derive(Debug, Clone)]
pub struct Psql {
    program: PathBuf,
    url: String,
}

impl Psql {
    pub fn new(program: impl Into<PathBuf>, url: impl Into<String>) -> Self {
        Self {
            program: program.into(),
            url: url.into(),
        }
    }

    /// Runs statements and returns the values they answer, one row per line, columns by `|`.
    pub fn query(&self, sql: &str) -> anyhow::Result<String> {
        Ok(output(self.command().args(["-c", sql]))?
            .trim_end()
            .to_owned())
    }

    /// Runs a file with this search path; the first error ends it.
    pub fn file(&self, path: &Path, search_path: &str, in_transaction: bool) -> anyhow::Result<()> {
        let mut command = self.command();
        if in_transaction {
            command.arg("--single-transaction");
        }
        command
            .args(["-c", &format!("SET search_path TO {search_path}")])
            .arg("-f")
            .arg(path);
        output(&mut command).map(drop)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args([
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            &self.url,
        ]);
        command
    }
}
