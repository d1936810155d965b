//! The database that a command works on: the one named by `DATABASE_URL`, or a private cluster.

use std::env;
use std::path::PathBuf;

use crate::console;
use crate::postgres::{Cluster, Profile, Psql};
use crate::workspace::Workspace;

/// The variable that names a database to use instead of the private cluster.
pub const VARIABLE: &str = "DATABASE_URL";

/// The database in which `dev` keeps its data.
const DEV_DATABASE: &str = "hawker";

/// A database that is there as long as this value is.
#[derive(Debug)]
pub struct Database {
    url: String,
    /// The database's name in the private cluster.
    name: &'static str,
    cluster: Option<Cluster>,
}

impl Database {
    /// Opens the database for a purpose.
    ///
    /// For `test` it is one whose user may create databases; for `dev` the product's own.
    pub fn open(workspace: &Workspace, profile: Profile) -> anyhow::Result<Self> {
        if let Some(url) = given() {
            console::progress("using the database of DATABASE_URL");
            return Ok(Self {
                url,
                name: "",
                cluster: None,
            });
        }
        let cluster = Cluster::open(workspace, profile)?;
        let name = match profile {
            Profile::Test | Profile::Proof | Profile::Bench => "postgres",
            Profile::Dev => DEV_DATABASE,
        };
        cluster.ensure_database(name)?;
        let url = cluster.url(name);
        console::progress(format_args!("Postgres ({}) runs", profile.name()));
        Ok(Self {
            url,
            name,
            cluster: Some(cluster),
        })
    }

    /// Its address, password included.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The variables by which programs of Postgres itself, such as `psql`, find the database.
    pub fn libpq(&self) -> Vec<(&'static str, String)> {
        self.cluster
            .as_ref()
            .map(|cluster| cluster.libpq(self.name))
            .unwrap_or_default()
    }

    /// Statements for a database of the same server.
    pub fn psql(&self, url: &str) -> Psql {
        let program = self.cluster.as_ref().map(Cluster::psql_program);
        Psql::new(program.unwrap_or_else(|| PathBuf::from("psql")), url)
    }

    /// The private cluster, unless `DATABASE_URL` names another server.
    pub fn cluster(&self) -> Option<&Cluster> {
        self.cluster.as_ref()
    }
}

/// The value of `DATABASE_URL`; an empty one counts as none.
pub fn given() -> Option<String> {
    env::var(VARIABLE).ok().filter(|url| !url.is_empty())
}
