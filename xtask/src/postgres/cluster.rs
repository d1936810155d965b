//! A cluster in use: found running or started, shared with other commands of the same checkout,
//! and stopped when the last of them ends.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::account::Account;
use super::binaries::Binaries;
use super::install::find_or_install;
use super::place::Place;
use super::profile::Profile;
use super::psql::Psql;
use super::server::{Plan, SUPERUSER, Server, remove_folder};
use super::users::{Gate, User};
use crate::console;
use crate::workspace::Workspace;

/// A running cluster. Dropping it stops the server, unless another command still uses it.
#[derive(Debug)]
pub struct Cluster {
    server: Server,
    place: Place,
    binaries: Binaries,
    password: String,
    user: User,
}

impl Cluster {
    /// Opens the checkout's cluster for a purpose: joins the running one, or starts it.
    pub fn open(workspace: &Workspace, profile: Profile) -> anyhow::Result<Self> {
        let installed = find_or_install()?;
        Self::open_in(workspace.root(), workspace.target(), profile, &installed)
    }

    /// Like [`Cluster::open`], for explicit folders and installations (the best one first).
    pub fn open_in(
        root: &Path,
        target: &Path,
        profile: Profile,
        installed: &[Binaries],
    ) -> anyhow::Result<Self> {
        let account = Account::for_server()?;
        let place = Place::prepare(root, target, profile, &account)?;
        let gate = Gate::pass(&place.home)?;
        let user = User::enter(&place.home)?;
        let running = Server::running(&place);
        if running.is_none() && !profile.keeps_data() {
            remove_folder(&place.data)?;
        }
        let binaries = choose(installed, &place.data)?.clone();
        let password = password(&place)?;
        let server = if let Some(server) = running {
            server
        } else {
            let plan = Plan {
                account: &account,
                binaries: &binaries,
                place: &place,
                profile,
            };
            plan.initialise(&password)?;
            plan.start()?
        };
        drop(gate);
        Ok(Self {
            server,
            place,
            binaries,
            password,
            user,
        })
    }

    /// Opens a cluster of one's own: nobody else joins it as long as `folder` is nobody else's.
    pub fn open_alone(folder: &Path, profile: Profile) -> anyhow::Result<Self> {
        Self::open_in(folder, folder, profile, &find_or_install()?)
    }

    /// Ends the server as a crash of it does: nobody is asked, and the next start recovers.
    pub fn crash(&mut self) -> anyhow::Result<()> {
        self.server.crash(&self.place)
    }

    /// Starts the server again after [`Cluster::crash`], on the same port if that is still free.
    pub fn start_again(&mut self, profile: Profile) -> anyhow::Result<()> {
        let account = Account::for_server()?;
        let plan = Plan {
            account: &account,
            binaries: &self.binaries,
            place: &self.place,
            profile,
        };
        self.server = plan.start()?;
        Ok(())
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// Throws the data of a cluster away; refuses while another command uses it.
    pub fn reset(workspace: &Workspace, profile: Profile) -> anyhow::Result<()> {
        Self::reset_in(workspace.root(), workspace.target(), profile)
    }

    /// Like [`Cluster::reset`], for explicit folders.
    pub fn reset_in(root: &Path, target: &Path, profile: Profile) -> anyhow::Result<()> {
        let place = Place::prepare(root, target, profile, &Account::for_server()?)?;
        let _gate = Gate::pass(&place.home)?;
        let user = User::enter(&place.home)?;
        if !user.is_last() {
            bail!(
                "another command uses the `{}` database: stop it first",
                profile.name()
            );
        }
        if let Some(mut server) = Server::running(&place) {
            server.stop(&place);
        }
        remove_folder(&place.data)
    }

    /// A superuser's address of one of its databases.
    pub fn url(&self, database: &str) -> String {
        let Self { password, .. } = self;
        let port = self.server.port();
        format!("postgres://{SUPERUSER}:{password}@127.0.0.1:{port}/{database}")
    }

    /// The variables by which programs of Postgres itself find one of its databases.
    pub fn libpq(&self, database: &str) -> Vec<(&'static str, String)> {
        vec![
            ("PGHOST", "127.0.0.1".to_owned()),
            ("PGPORT", self.server.port().to_string()),
            ("PGUSER", SUPERUSER.to_owned()),
            ("PGPASSWORD", self.password.clone()),
            ("PGDATABASE", database.to_owned()),
        ]
    }

    /// The client program of the same version.
    pub fn psql_program(&self) -> PathBuf {
        self.binaries.program("psql")
    }

    /// Statements for one of its databases.
    pub fn psql(&self, database: &str) -> Psql {
        Psql::new(self.psql_program(), self.url(database))
    }

    /// Makes a database unless it exists. The name is one of our own, not a person's.
    pub fn ensure_database(&self, database: &str) -> anyhow::Result<()> {
        let psql = self.psql("postgres");
        let found = format!("SELECT 1 FROM pg_database WHERE datname = '{database}'");
        if psql.query(&found)?.is_empty() {
            psql.query(&format!(r#"CREATE DATABASE "{database}""#))?;
        }
        Ok(())
    }

    /// The folders that hold the cluster's files.
    pub fn folders(&self) -> [PathBuf; 2] {
        [self.place.sockets.clone(), self.place.home.clone()]
    }

    /// The number of the server's process.
    pub fn server_pid(&self) -> u32 {
        self.server.pid()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let gate = Gate::pass(&self.place.home);
        if self.user.is_last() {
            self.server.stop(&self.place);
        }
        if let Err(error) = gate {
            console::failure(&error.context("cannot stop Postgres in order"));
        }
    }
}

/// The installation that fits existing data, or the newest one.
fn choose<'a>(installed: &'a [Binaries], data: &Path) -> anyhow::Result<&'a Binaries> {
    let newest = installed.first().context("PostgreSQL was not found")?;
    let Ok(version) = fs::read_to_string(data.join("PG_VERSION")) else {
        return Ok(newest);
    };
    let version = version.trim();
    installed
        .iter()
        .find(|binaries| binaries.major().to_string() == version)
        .with_context(|| {
            format!(
                "the database was made by PostgreSQL {version}, and only {} is installed: install \
             {version}, or start over with `cargo xtask dev --reset`",
                newest.major()
            )
        })
}

/// The superuser's password: kept with the data that knows it, made anew with new data.
fn password(place: &Place) -> anyhow::Result<String> {
    if place.data.join("PG_VERSION").exists() {
        return fs::read_to_string(place.home.join("password"))
            .context("the cluster's password is gone: start over with `cargo xtask dev --reset`");
    }
    let mut bytes = [0_u8; 16];
    File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut bytes))
        .context("cannot make a password")?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}
