//! What every part of the benchmark stands on: the private Postgres with the settings of production,
//! databases on it, the programs as they are shipped, and a place for what is written.

use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use anyhow::Context as _;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _, PgConnection};
use xtask::postgres::{Cluster, Profile};
use xtask::workspace::Workspace;

use super::progress::say;

/// The database that connections about databases go to.
const HOME: &str = "postgres";

/// What every part of the benchmark stands on. Dropping it stops Postgres.
pub struct Ground {
    cluster: Cluster,
    root: PathBuf,
    folder: PathBuf,
    is_quick: bool,
}

impl Ground {
    /// Starts the cluster of this checkout's benchmark. It keeps its data, so that what takes long to
    /// load is there the next time.
    pub async fn prepare(is_quick: bool) -> anyhow::Result<Self> {
        let prepared = tokio::task::spawn_blocking(|| {
            let workspace = Workspace::locate()?;
            let cluster = Cluster::open(&workspace, Profile::Bench)?;
            anyhow::Ok((workspace, cluster))
        });
        let (workspace, cluster) = prepared
            .await?
            .context("the benchmark's own Postgres cannot be started")?;
        let folder = workspace.target().join("bench");
        std::fs::create_dir_all(folder.join("logs"))?;
        Ok(Self {
            cluster,
            root: workspace.root().to_owned(),
            folder,
            is_quick,
        })
    }

    /// Whether everything is to be smaller.
    pub const fn is_quick(&self) -> bool {
        self.is_quick
    }

    /// One or the other size, by [`Ground::is_quick`].
    pub fn sized<T>(&self, full: T, quick: T) -> T {
        if self.is_quick { quick } else { full }
    }

    /// The checkout.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `target/bench`: where results, logs and plans are written.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The process of the Postgres server, whose children are its backends.
    pub fn server(&self) -> u32 {
        self.cluster.server_pid()
    }

    /// Where the cluster's files are.
    pub fn cluster_folder(&self) -> PathBuf {
        let [_, home] = self.cluster.folders();
        home
    }

    /// A superuser's address of a database.
    pub fn url(&self, database: &str) -> String {
        self.cluster.url(database)
    }

    /// By which programs of Postgres itself find a database.
    pub fn libpq(&self, database: &str) -> Vec<(&'static str, String)> {
        self.cluster.libpq(database)
    }

    /// A program of Postgres itself, such as `pgbench`; whether it is installed is another matter.
    pub fn postgres_program(&self, name: &str) -> PathBuf {
        self.cluster.psql_program().with_file_name(name)
    }

    /// A connection to a database, as a superuser, with a name that is not the service's.
    pub async fn connect(&self, database: &str) -> anyhow::Result<PgConnection> {
        let options = PgConnectOptions::from_str(&self.url(database))?;
        let options = options.application_name("hawker-bench");
        options
            .connect()
            .await
            .with_context(|| format!("the database {database} cannot be reached"))
    }

    /// A connection that is not to a database of a measurement.
    pub async fn connect_home(&self) -> anyhow::Result<PgConnection> {
        self.connect(HOME).await
    }

    /// An empty database of this name; what was there is dropped.
    pub async fn empty_database(&self, name: &str) -> anyhow::Result<()> {
        self.drop_database(name).await?;
        let mut home = self.connect_home().await?;
        run(&mut home, &format!("CREATE DATABASE \"{name}\"")).await
    }

    /// Drops a database if it is there.
    pub async fn drop_database(&self, name: &str) -> anyhow::Result<()> {
        let mut home = self.connect_home().await?;
        let drop = format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");
        run(&mut home, &drop).await
    }

    /// Makes all that is changed durable now, so that every round begins with the same debts.
    pub async fn checkpoint(&self) -> anyhow::Result<()> {
        run(&mut self.connect_home().await?, "CHECKPOINT").await
    }
}

/// Runs statements that answer nothing. They are written here and by no stranger.
pub async fn run(connection: &mut PgConnection, statements: &str) -> anyhow::Result<()> {
    connection
        .execute(AssertSqlSafe(statements))
        .await
        .with_context(|| statements.to_owned())?;
    Ok(())
}

/// Tells that a part of the benchmark begins.
pub fn begin(section: &str) {
    say(format_args!("{section} …"));
}
