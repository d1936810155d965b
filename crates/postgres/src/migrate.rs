//! Brings the control plane and every tenant up to date.
//!
//! Each plane is migrated in a transaction of its own under an advisory lock that the transaction
//! holds: two processes may start at once, and a tenant that fails changes nothing and stops nobody
//! else. Every schema remembers its own migrations. No statement here is checked at build time, so
//! that a database can be prepared before the data of the checked queries is up to date.

mod error;
mod half_done;
mod plane;
mod publish;
mod report;
mod tenant;
#[cfg(all(test, feature = "testing"))]
mod tests;

use hawker_domain::TenantSlug;
use sqlx::migrate::Migrator;
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool};

pub use error::MigrateError;
pub use report::{MigrationProgress, MigrationReport, Silent, TenantMigration};

use crate::store::PgStore;
use plane::Plane;

static CONTROL: Migrator = sqlx::migrate!("../../migrations/control");
static TENANT: Migrator = sqlx::migrate!("../../migrations/tenant");

/// Where a schema remembers which migrations it has.
const BOOKKEEPING: &str = "hawker_migration";

/// Brings everything up to date and sets up the tenant `default` where there is no tenant at all.
/// Fails as a whole only where the control plane does; tenants fail one by one, in the report.
pub async fn run(
    store: &PgStore,
    progress: &dyn MigrationProgress,
) -> Result<MigrationReport, MigrateError> {
    let mut connection = connect(store).await?;
    let control_applied = Plane::control().bring_up(&mut connection, &CONTROL).await?;
    progress.control_plane_done(control_applied);
    tenant::ensure_one(&mut connection).await?;

    let mut tenants = Vec::new();
    let listed = tenant::list(&mut connection)
        .await
        .map_err(MigrateError::control)?;
    for slug in listed {
        tenants.push(migrate_tenant(store, slug, progress).await);
    }
    close(connection).await;
    Ok(MigrationReport {
        control_applied,
        tenants,
    })
}

/// Adds a tenant (or repairs one that is half set up) and brings it up to date.
pub async fn create_tenant(
    store: &PgStore,
    slug: &TenantSlug,
    progress: &dyn MigrationProgress,
) -> Result<(), MigrateError> {
    let mut connection = connect(store).await?;
    tenant::enlist(&mut connection, slug).await?;
    close(connection).await;
    migrate_tenant(store, slug.clone(), progress)
        .await
        .outcome
        .map(|_| ())
}

/// Every migration of this build, for naming a template after them.
#[cfg(feature = "testing")]
pub(crate) fn embedded() -> impl Iterator<Item = &'static sqlx::migrate::Migration> {
    CONTROL.iter().chain(TENANT.iter())
}

/// How many migrations are missing, over the control plane and all tenants.
pub async fn pending(pool: &PgPool) -> Result<u64, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let known = plane::applied_by_schema(&mut connection).await?;
    let control = missing(&CONTROL, known.get(plane::CONTROL_SCHEMA));
    if !known.contains_key(plane::CONTROL_SCHEMA) {
        // Without a control plane the tenant `default` is still to come.
        return Ok(control + missing(&TENANT, None));
    }
    let tenants = tenant::list(&mut connection).await?;
    let of_tenants: u64 = tenants
        .iter()
        .map(|slug| missing(&TENANT, known.get(&slug.schema())))
        .sum();
    Ok(control + of_tenants)
}

fn missing(migrator: &Migrator, applied: Option<&Vec<i64>>) -> u64 {
    let is_missing = |version: &i64| applied.is_none_or(|applied| !applied.contains(version));
    migrator
        .iter()
        .map(|migration| migration.version)
        .filter(is_missing)
        .map(|_| 1)
        .sum()
}

async fn migrate_tenant(
    store: &PgStore,
    slug: TenantSlug,
    progress: &dyn MigrationProgress,
) -> TenantMigration {
    progress.tenant_started(&slug);
    // A connection of its own: what went wrong with one tenant cannot reach the next.
    let outcome = match connect(store).await {
        Ok(mut connection) => {
            let outcome = tenant::bring_up(&mut connection, &slug, progress).await;
            close(connection).await;
            outcome
        }
        Err(error) => Err(error),
    };
    match &outcome {
        Ok(applied) => progress.tenant_done(&slug, *applied),
        Err(error) => progress.tenant_failed(&slug, error),
    }
    TenantMigration {
        tenant: slug,
        outcome,
    }
}

/// A connection outside the pool: migrations take longer than a pool lets anybody wait.
async fn connect(store: &PgStore) -> Result<PgConnection, MigrateError> {
    store
        .pool()
        .connect_options()
        .as_ref()
        .clone()
        .connect()
        .await
        .map_err(MigrateError::Unreachable)
}

/// Everything is committed by now: a connection that cannot be closed in good order is only logged.
async fn close(connection: PgConnection) {
    if let Err(error) = connection.close().await {
        tracing::debug!(%error, "the connection of the migrator could not be closed");
    }
}
