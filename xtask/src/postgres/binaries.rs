//! The server programs of this machine.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use super::account::Account;
use crate::process::output;

/// The oldest major version that the migrations are written for.
pub const OLDEST_MAJOR: u32 = 15;

/// Where distributions keep the programs of each version; `*` stands for one path segment.
const USUAL_PLACES: [&str; 6] = [
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
];

/// One installation of Postgres: server and client programs in one folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    folder: PathBuf,
    major: u32,
}

impl Binaries {
    /// All installations that the account can run and that are new enough, the newest first.
    pub fn find_all(account: &Account) -> Vec<Self> {
        let mut found: Vec<Self> = candidates()
            .into_iter()
            .filter_map(|folder| Self::at(folder, account))
            .filter(|binaries| binaries.major >= OLDEST_MAJOR)
            .collect();
        found.sort_by_key(|binaries| std::cmp::Reverse(binaries.major));
        found
    }

    /// The major version, such as 17.
    pub fn major(&self) -> u32 {
        self.major
    }

    /// One of the programs.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn at(folder: PathBuf, account: &Account) -> Option<Self> {
        let runs = |name: &str| account.can_run(&folder.join(name));
        if !(runs("postgres") && runs("initdb") && runs("psql")) {
            return None;
        }
        let said = output(Command::new(folder.join("postgres")).arg("--version")).ok()?;
        Some(Self {
            major: major_in(&said)?,
            folder,
        })
    }
}

/// The major version in the words of `postgres --version`.
fn major_in(said: &str) -> Option<u32> {
    let version = said
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// Every folder worth a look, links resolved, so that a lone link to `postgres` leads to the
/// folder with all the programs.
fn candidates() -> BTreeSet<PathBuf> {
    let mut folders = BTreeSet::new();
    for folder in env::var_os("PATH").iter().flat_map(env::split_paths) {
        if let Ok(server) = folder.join("postgres").canonicalize() {
            folders.extend(server.parent().map(Path::to_path_buf));
        }
    }
    if let Ok(said) = output(Command::new("pg_config").arg("--bindir")) {
        folders.insert(PathBuf::from(said.trim()));
    }
    folders.extend(USUAL_PLACES.iter().flat_map(|pattern| matches(pattern)));
    folders
        .into_iter()
        .filter_map(|folder| folder.canonicalize().ok())
        .collect()
}

/// The folders that a pattern with at most one `*` names.
fn matches(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else {
        return vec![PathBuf::from(pattern)];
    };
    let Some((parent, prefix)) = before.rsplit_once('/') else {
        return Vec::new();
    };
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path().join(after.trim_start_matches('/')))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_every_way_of_saying_it() {
        assert_eq!(
            major_in("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"),
            Some(15)
        );
        assert_eq!(major_in("postgres (PostgreSQL) 18beta2"), Some(18));
        assert_eq!(major_in("postgres"), None);
    }

    #[test]
    fn a_pattern_finds_the_folders_of_each_version() {
        let base = tempfile::tempdir().unwrap();
        for name in ["pgsql-15", "pgsql-17", "other"] {
            fs::create_dir_all(base.path().join(name).join("bin")).unwrap();
        }
        let pattern = format!("{}/pgsql-*/bin", base.path().display());
        let mut found = matches(&pattern);
        found.sort();
        let expected = ["pgsql-15/bin", "pgsql-17/bin"].map(|name| base.path().join(name));
        assert_eq!(found, expected);
    }
}
