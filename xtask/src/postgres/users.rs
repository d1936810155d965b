//! Who uses a cluster right now, told by file locks.
//!
//! The kernel releases a dead process's locks, so a killed command never counts as a user.

use std::fs::{File, TryLockError};
use std::path::Path;

use anyhow::Context as _;

use crate::console;

/// Held while a cluster is started or stopped: one at a time.
#[derive(Debug)]
pub struct Gate {
    _file: File,
}

impl Gate {
    pub fn pass(home: &Path) -> anyhow::Result<Self> {
        let file = open(&home.join("gate.lock"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                console::progress("waiting for another command of this checkout to start Postgres");
                file.lock().context("cannot lock the cluster")?;
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).context("cannot lock the cluster");
            }
        }
        Ok(Self { _file: file })
    }
}

/// Held as long as a command uses the cluster.
#[derive(Debug)]
pub struct User {
    file: File,
}

impl User {
    /// Counts as a user from now on. The caller holds the [`Gate`].
    pub fn enter(home: &Path) -> anyhow::Result<Self> {
        let file = open(&home.join("users.lock"))?;
        file.lock_shared()
            .context("cannot register as a user of the cluster")?;
        Ok(Self { file })
    }

    /// Whether nobody else uses the cluster. The caller holds the [`Gate`], so nobody comes while
    /// the answer matters.
    pub fn is_last(&self) -> bool {
        // Trading the shared lock for an exclusive one works exactly when no other user holds one.
        self.file.unlock().is_ok() && self.file.try_lock().is_ok()
    }
}

fn open(path: &Path) -> anyhow::Result<File> {
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .read(true)
        .open(path)
        .with_context(|| format!("cannot open {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_user_is_the_last() {
        let home = tempfile::tempdir().unwrap();
        let first = User::enter(home.path()).unwrap();
        let second = User::enter(home.path()).unwrap();
        assert!(!first.is_last());
        drop(first);
        assert!(second.is_last());
    }
}
