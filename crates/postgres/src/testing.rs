//! A database for each test, in milliseconds: a copy of a template that has all migrations.
//!
//! The template is made once per cluster and version of the schema, whichever test process comes
//! first. A database is dropped with its [`TestDatabase`]; what a killed test left behind is swept
//! by a later one.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::str::FromStr as _;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::PgConnectOptions;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection, PgPool,
};

use crate::migrate::{self, Silent};
use crate::store::{PgOptions, PgStore};

/// A database that a test left behind is dropped after this time: no test runs so long.
const LEFT_BEHIND_SECONDS: i64 = 3600;

/// Enough for a test and a service in the same process, far from what a server allows in total.
const CONNECTIONS_MAX: u32 = 12;

/// Databases that this process has made.
static MADE: AtomicU32 = AtomicU32::new(0);

/// A database of one's own, dropped with this value.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    url: String,
    admin_url: String,
    store: PgStore,
}

impl TestDatabase {
    /// With all migrations, the tenant `default` included.
    pub async fn new() -> Self {
        Self::at(admin_url()).await
    }

    /// The same on the server of another URL, whose user may create databases.
    pub async fn at(admin_url: String) -> Self {
        let mut admin = connect(&admin_url).await;
        let template = ensure_template(&mut admin, &admin_url).await;
        Self::create(admin, admin_url, Some(&template)).await
    }

    /// With nothing at all, for tests of the migrations themselves.
    pub async fn empty() -> Self {
        let admin_url = admin_url();
        let admin = connect(&admin_url).await;
        Self::create(admin, admin_url, None).await
    }

    async fn create(mut admin: PgConnection, admin_url: String, template: Option<&str>) -> Self {
        let now = seconds(&mut admin).await;
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("hawker_test_{now}_{}_{number}", std::process::id());
        sweep(&mut admin, now).await;
        let from = template.unwrap_or("template0");
        execute(
            &mut admin,
            format!("CREATE DATABASE \"{name}\" TEMPLATE \"{from}\""),
        )
        .await;
        admin.close().await.expect("the admin connection closes");
        let url = with_database(&admin_url, &name);
        let options = PgOptions::new(&url)
            .connections_max(CONNECTIONS_MAX)
            .application_name("hawker-test");
        let store = PgStore::connect_lazy(&options).expect("DATABASE_URL is usable");
        Self {
            name,
            url,
            admin_url,
            store,
        }
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A store on it.
    pub const fn store(&self) -> &PgStore {
        &self.store
    }

    /// The pool of that store: the owner's view, bound to no tenant.
    pub fn pool(&self) -> &PgPool {
        self.store.pool()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (admin_url, name) = (self.admin_url.clone(), self.name.clone());
        let drop_it = move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            // What cannot be dropped now is swept later.
            let Ok(runtime) = runtime else { return };
            runtime.block_on(async {
                if let Ok(mut admin) = PgConnection::connect(&admin_url).await {
                    let drop = format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");
                    admin.execute(AssertSqlSafe(drop)).await.ok();
                }
            });
        };
        // A runtime cannot be entered from within another: this runs in a thread of its own.
        std::thread::spawn(drop_it).join().ok();
    }
}

fn admin_url() -> String {
    std::env::var("DATABASE_URL")
        .ok()
        .filter(|url| !url.is_empty())
        .expect("DATABASE_URL is not set: run the tests with `cargo xtask test`")
}

async fn connect(url: &str) -> PgConnection {
    PgConnectOptions::from_str(url)
        .expect("DATABASE_URL is a URL of Postgres")
        .connect()
        .await
        .expect("the server of DATABASE_URL can be reached")
}

async fn execute(connection: &mut PgConnection, statement: String) {
    connection
        .execute(AssertSqlSafe(statement.as_str()))
        .await
        .unwrap_or_else(|error| panic!("{statement}: {error}"));
}

async fn seconds(connection: &mut PgConnection) -> i64 {
    sqlx::query_scalar("SELECT extract(epoch FROM now())::bigint")
        .fetch_one(connection)
        .await
        .expect("the time")
}

/// The same server, another database.
fn with_database(url: &str, name: &str) -> String {
    let (base, query) = match url.split_once('?') {
        Some((base, query)) => (base, format!("?{query}")),
        None => (url, String::new()),
    };
    let authority = base.find("://").map_or(0, |at| at + 3);
    let end = base[authority..]
        .find('/')
        .map_or(base.len(), |at| authority + at);
    format!("{}/{name}{query}", &base[..end])
}

/// The name of the template; changes with whatever makes it.
fn template_name() -> String {
    let mut hasher = DefaultHasher::new();
    for migration in migrate::embedded() {
        migration.version.hash(&mut hasher);
        migration.checksum.hash(&mut hasher);
    }
    include_str!("migrate/tenant.rs").hash(&mut hasher);
    include_str!("migrate/publish.rs").hash(&mut hasher);
    format!("hawker_template_{:016x}", hasher.finish())
}

async fn exists(connection: &mut PgConnection, database: &str) -> bool {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = $1)")
        .bind(database)
        .fetch_one(connection)
        .await
        .expect("the list of databases")
}

/// Makes the template unless it is there. Built under another name, so that it is whole as soon as
/// it has its own.
async fn ensure_template(admin: &mut PgConnection, admin_url: &str) -> String {
    let template = template_name();
    if exists(admin, &template).await {
        return template;
    }
    execute(
        admin,
        "SELECT pg_advisory_lock(hashtextextended('hawker.template', 0))".to_owned(),
    )
    .await;
    if !exists(admin, &template).await {
        let building = format!("{template}_building");
        execute(
            admin,
            format!("DROP DATABASE IF EXISTS \"{building}\" WITH (FORCE)"),
        )
        .await;
        execute(
            admin,
            format!("CREATE DATABASE \"{building}\" TEMPLATE template0"),
        )
        .await;
        let options = PgOptions::new(with_database(admin_url, &building)).connections_max(1);
        let store = PgStore::connect_lazy(&options).expect("DATABASE_URL is usable");
        let report = migrate::run(&store, &Silent)
            .await
            .expect("the migrations apply");
        if let Some((tenant, error)) = report.failures().next() {
            panic!("the tenant {tenant} cannot be migrated: {error:?}");
        }
        store.close().await;
        execute(
            admin,
            format!("ALTER DATABASE \"{building}\" RENAME TO \"{template}\""),
        )
        .await;
    }
    execute(
        admin,
        "SELECT pg_advisory_unlock(hashtextextended('hawker.template', 0))".to_owned(),
    )
    .await;
    template
}

/// Drops what killed tests left behind. Several processes may sweep at once: whoever comes second
/// finds nothing.
async fn sweep(admin: &mut PgConnection, now: i64) {
    let names: Vec<String> = sqlx::query_scalar(
        r"SELECT datname::text FROM pg_catalog.pg_database WHERE datname LIKE 'hawker\_test\_%'",
    )
    .fetch_all(&mut *admin)
    .await
    .expect("the list of databases");
    for name in names {
        let made_at = name
            .split('_')
            .nth(2)
            .and_then(|seconds| seconds.parse::<i64>().ok());
        if made_at.is_some_and(|made_at| made_at + LEFT_BEHIND_SECONDS < now) {
            let drop = format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");
            admin.execute(AssertSqlSafe(drop)).await.ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn another_database_of_the_same_server_keeps_everything_else() {
        for (url, expected) in [
            ("postgres://u:p@h:1/a", "postgres://u:p@h:1/x"),
            (
                "postgres://u@h/a?sslmode=disable",
                "postgres://u@h/x?sslmode=disable",
            ),
            ("postgres://h", "postgres://h/x"),
            ("postgres:///a?host=/run/pg", "postgres:///x?host=/run/pg"),
        ] {
            assert_eq!(with_database(url, "x"), expected);
        }
    }
}
