//! Installing the server programs where they are missing.
//!
//! Only root on a Debian-like system gets them installed; anybody else is told what to type.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};

use super::account::Account;
use super::binaries::{Binaries, OLDEST_MAJOR};
use crate::console;
use crate::process::output;

/// While this file exists the distribution's package makes no cluster of the system's own.
const NO_SYSTEM_CLUSTER: &str = "/etc/postgresql-common/createcluster.d/hawker-install.conf";

/// The newest installation, after installing one if there was none.
pub fn find_or_install() -> anyhow::Result<Vec<Binaries>> {
    let found = Binaries::find_all(&Account::for_server()?);
    if !found.is_empty() {
        return Ok(found);
    }
    let root = rustix::process::geteuid().is_root();
    if !(root && Path::new("/usr/bin/apt-get").exists()) {
        bail!(
            "PostgreSQL {OLDEST_MAJOR} or newer was not found: {}",
            advice()
        );
    }
    install_with_apt()?;
    // The package has made the account `postgres`, so ask again who runs the server.
    let found = Binaries::find_all(&Account::for_server()?);
    if found.is_empty() {
        bail!(
            "this system's own package is older than PostgreSQL {OLDEST_MAJOR}: install a newer \
             one, or set DATABASE_URL"
        );
    }
    Ok(found)
}

fn advice() -> &'static str {
    if cfg!(target_os = "macos") {
        "`brew install postgresql@17` installs it, or set DATABASE_URL"
    } else if Path::new("/usr/bin/apt-get").exists() {
        "`sudo apt-get install postgresql` installs it, or set DATABASE_URL"
    } else {
        "install your distribution's postgresql server package, or set DATABASE_URL"
    }
}

fn install_with_apt() -> anyhow::Result<()> {
    console::progress("installing PostgreSQL, which is missing (about half a minute)");
    let marker = Path::new(NO_SYSTEM_CLUSTER);
    if let Some(folder) = marker.parent() {
        fs::create_dir_all(folder).context("cannot configure postgresql-common")?;
    }
    fs::write(marker, "create_main_cluster = false\n")
        .context("cannot configure postgresql-common")?;
    let installed = apt(&["update"]).and_then(|()| apt(&["install", "--yes", "postgresql"]));
    fs::remove_file(marker).context("cannot restore the settings of postgresql-common")?;
    installed
}

fn apt(arguments: &[&str]) -> anyhow::Result<()> {
    let mut command = Command::new("apt-get");
    command
        .args([
            "-qq",
            "-o",
            "Dpkg::Use-Pty=0",
            "-o",
            "APT::Install-Recommends=false",
        ])
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive");
    output(&mut command).map(drop)
}
