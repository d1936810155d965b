//! The account of the operating system that the server runs as.
//!
//! Postgres refuses to run as root, so root hands it to `postgres` or, where that account is
//! missing, to `nobody`. Anybody else runs it as themselves.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

/// Accounts that root may hand the server to, the best one first.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// Who runs the server and owns its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    uid: u32,
    gid: u32,
    /// Whether this process is root and has to become the account.
    switch: bool,
}

impl Account {
    /// The account for a server that this process starts.
    pub fn for_server() -> anyhow::Result<Self> {
        let uid = rustix::process::geteuid();
        if !uid.is_root() {
            let gid = rustix::process::getegid().as_raw();
            return Ok(Self {
                uid: uid.as_raw(),
                gid,
                switch: false,
            });
        }
        let passwd = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
        for name in UNPRIVILEGED {
            if let Some((uid, gid)) = ids_of(&passwd, name) {
                return Ok(Self {
                    uid,
                    gid,
                    switch: true,
                });
            }
        }
        bail!("Postgres does not run as root: add an account named `postgres`")
    }

    /// A program, run as this account. It starts in `/`, which everybody may enter.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.current_dir("/");
        if self.switch {
            // The standard library drops root's supplementary groups together with the user id.
            command
                .uid(self.uid)
                .gid(self.gid)
                .env_remove("HOME")
                .env_remove("USER");
        }
        command
    }

    /// Makes a folder that only this account (and root) may enter, or takes one that is so.
    ///
    /// A folder of somebody else is refused: in a shared place such as `/tmp` it could be a trap.
    pub fn own_folder(&self, path: &Path) -> anyhow::Result<()> {
        let shown = path.display();
        fs::create_dir_all(path).with_context(|| format!("cannot create {shown}"))?;
        let found = fs::symlink_metadata(path).with_context(|| format!("cannot read {shown}"))?;
        if found.uid() != self.uid {
            let made_here = self.switch && found.uid() == 0;
            if !made_here || found.is_symlink() {
                bail!(
                    "{shown} belongs to another account (uid {}): remove it",
                    found.uid()
                );
            }
            chown(path, Some(self.uid), Some(self.gid))
                .with_context(|| format!("cannot give {shown} to uid {}", self.uid))?;
        }
        if !found.is_dir() {
            bail!("{shown} is in the way: it is no folder");
        }
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))
            .with_context(|| format!("cannot protect {shown}"))
    }

    /// Gives a file to the account and hides it from everybody else.
    pub fn own_file(&self, path: &Path) -> anyhow::Result<()> {
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))
            .and_then(|()| {
                if self.switch {
                    chown(path, Some(self.uid), Some(self.gid))
                } else {
                    Ok(())
                }
            })
            .with_context(|| format!("cannot protect {}", path.display()))
    }

    /// Whether the account may enter a folder, all of its parents included.
    pub fn can_enter(&self, folder: &Path) -> bool {
        self.passes("-x", folder)
    }

    /// Whether the account may run a program.
    pub fn can_run(&self, program: &Path) -> bool {
        self.passes("-x", program)
    }

    /// Asks the kernel, as the account, rather than guess from mode bits.
    fn passes(&self, check: &str, path: &Path) -> bool {
        if !self.switch {
            return path.exists();
        }
        self.command("/bin/sh")
            .args(["-c", r#"test "$1" "$2""#, "sh", check])
            .arg(path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }
}

/// User and group id of a name in the text of `/etc/passwd`.
fn ids_of(passwd: &str, name: &str) -> Option<(u32, u32)> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next()? != name {
            return None;
        }
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some((uid, gid))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\npostgresql:x:7:7::/:/bin/sh\n\
                      postgres:x:101:104:PostgreSQL,,,:/var/lib/postgresql:/bin/bash\n";
        assert_eq!(ids_of(passwd, "postgres"), Some((101, 104)));
        assert_eq!(ids_of(passwd, "nobody"), None);
    }

    #[test]
    fn a_folder_is_made_for_the_account_alone() {
        let account = Account::for_server().unwrap();
        let base = tempfile::tempdir().unwrap();
        let folder = base.path().join("cluster");
        account.own_folder(&folder).unwrap();
        account.own_folder(&folder).unwrap();

        let found = fs::metadata(&folder).unwrap();
        assert_eq!(found.uid(), account.uid);
        assert_eq!(found.permissions().mode() & 0o777, 0o700);
    }
}
