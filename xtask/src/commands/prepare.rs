//! `cargo xtask prepare`: the offline data of the checked queries.
//!
//! The queries of `hawker-postgres` are checked against a database when they are compiled. What
//! that check learns lies in `.sqlx`, so that a build needs no database. This command makes an
//! empty database, gives it the schema that the migrations describe, compiles the crate against
//! it, and keeps what the check wrote.
//!
//! The schema is laid with `psql` and not with the product's own migrator: the migrator lives in
//! the crate that cannot be compiled while its offline data is out of date.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::{Context as _, bail};

use crate::console;
use crate::database::{self, Database};
use crate::postgres::{Profile, Psql, remove_folder};
use crate::prepared_queries::PreparedQueries;
use crate::process::run_ok;
use crate::scratch::Scratch;
use crate::steps::Step;
use crate::stop::Stop;
use crate::workspace::Workspace;

/// The one crate with checked queries.
const PACKAGE: &str = "hawker-postgres";
const PACKAGE_ROOT: &str = "crates/postgres/src/lib.rs";
/// Where the data is kept in the checkout.
const KEPT: &str = ".sqlx";
/// The schema of the tenant that the queries are checked in.
const TENANT_SCHEMA: &str = "tenant_default";
/// The first line of a migration that must not run in a transaction.
const NO_TRANSACTION: &str = "-- no-transaction";

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Compare with the data in `.sqlx` and change nothing
    #[arg(long)]
    check: bool,
}

pub fn run(workspace: &Workspace, args: &Args) -> anyhow::Result<ExitCode> {
    let stop = Stop::listen()?;
    let database = Database::open(workspace, Profile::Test)?;
    if args.check {
        check(workspace, &database, &stop)?;
        console::progress("the query data is up to date");
        return Ok(ExitCode::SUCCESS);
    }
    let fresh = collect(workspace, &database, &stop)?;
    fresh.keep_in(&workspace.root().join(KEPT))?;
    console::progress(format_args!("{} queries written to {KEPT}", fresh.len()));
    Ok(ExitCode::SUCCESS)
}

/// Compares what the queries are now with what is kept.
pub fn check(workspace: &Workspace, database: &Database, stop: &Stop) -> anyhow::Result<Step> {
    let fresh = collect(workspace, database, stop)?;
    let kept = PreparedQueries::read(&workspace.root().join(KEPT))?;
    let differences = kept.differences_to(&fresh);
    for difference in &differences {
        console::result(difference);
    }
    if !differences.is_empty() {
        bail!("{KEPT} is out of date: run `cargo xtask prepare` and commit what it changes");
    }
    Ok(Step::Passed)
}

/// Compiles the queries against a fresh database and returns what was learned.
fn collect(
    workspace: &Workspace,
    database: &Database,
    stop: &Stop,
) -> anyhow::Result<PreparedQueries> {
    let scratch = Scratch::create(database, "hawker_prepare")?;
    lay_schema(workspace, scratch.psql())?;
    let folder = workspace.target().join("hawker-prepare");
    remove_folder(&folder)?;
    fs::create_dir_all(&folder).context("cannot create the folder for the query data")?;
    let url = scratch.url_with_search_path(&[TENANT_SCHEMA, "public"]);
    let _touched = Touched::new(&workspace.root().join(PACKAGE_ROOT))?;
    let mut command = workspace.cargo_step("check");
    command
        .args(["--package", PACKAGE, "--all-targets", "--all-features"])
        .env("SQLX_OFFLINE", "false")
        .env("SQLX_OFFLINE_DIR", &folder)
        .env(database::VARIABLE, url);
    run_ok(&mut command, stop)?;
    PreparedQueries::read(&folder)
}

/// Runs all migrations: the control plane's in `public`, a tenant's in a schema of its own.
fn lay_schema(workspace: &Workspace, psql: &Psql) -> anyhow::Result<()> {
    psql.query(&format!("CREATE SCHEMA {TENANT_SCHEMA}"))?;
    for (folder, search_path) in [("control", "public"), ("tenant", TENANT_SCHEMA)] {
        let folder = workspace.root().join("migrations").join(folder);
        let entries =
            fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
        let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        files.retain(|file| file.extension().is_some_and(|ending| ending == "sql"));
        files.sort();
        for file in files {
            let text = fs::read_to_string(&file)
                .with_context(|| format!("cannot read {}", file.display()))?;
            let in_transaction = !text.starts_with(NO_TRANSACTION);
            psql.file(&file, search_path, in_transaction)
                .with_context(|| format!("{} does not run", file.display()))?;
        }
    }
    Ok(())
}

/// Makes `cargo` compile a crate again, and afterwards takes the trace of it back, so that other
/// builds of the same sources stay fresh.
struct Touched {
    path: PathBuf,
    before: SystemTime,
    during: SystemTime,
}

impl Touched {
    fn new(path: &Path) -> anyhow::Result<Self> {
        let before = modified(path)?;
        #[expect(
            clippy::disallowed_methods,
            reason = "the time of a file, not of an event"
        )]
        let now = SystemTime::now();
        set_modified(path, now)?;
        Ok(Self {
            path: path.to_path_buf(),
            before,
            during: modified(path)?,
        })
    }
}

impl Drop for Touched {
    fn drop(&mut self) {
        // Somebody who saved the file meanwhile has set a time that must stay.
        if modified(&self.path).is_ok_and(|time| time == self.during) {
            let _ = set_modified(&self.path, self.before);
        }
    }
}

fn modified(path: &Path) -> anyhow::Result<SystemTime> {
    fs::metadata(path)
        .and_then(|found| found.modified())
        .with_context(|| format!("cannot read {}", path.display()))
}

fn set_modified(path: &Path, time: SystemTime) -> anyhow::Result<()> {
    File::options()
        .append(true)
        .open(path)
        .and_then(|file| file.set_modified(time))
        .with_context(|| format!("cannot touch {}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_touched_file_gets_its_time_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lib.rs");
        fs::write(&path, "").unwrap();
        let long_ago = modified(&path).unwrap() - Duration::from_hours(1);
        set_modified(&path, long_ago).unwrap();

        let touched = Touched::new(&path).unwrap();
        assert!(modified(&path).unwrap() > long_ago);
        drop(touched);
        assert_eq!(modified(&path).unwrap(), long_ago);
    }

    #[test]
    fn a_file_saved_meanwhile_keeps_its_new_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lib.rs");
        fs::write(&path, "").unwrap();
        let touched = Touched::new(&path).unwrap();
        let saved = modified(&path).unwrap() + Duration::from_secs(5);
        set_modified(&path, saved).unwrap();
        drop(touched);
        assert_eq!(modified(&path).unwrap(), saved);
    }
}
