//! Migrations: from nothing, twice, at the same time, and beside a tenant that fails.

use std::sync::Mutex;

use hawker_domain::TenantSlug;
use hawker_ports::tenants::{Readiness, StoreHealth as _, TenantDirectory as _};
use hawker_postgres::migrate::{self, MigrateError, MigrationProgress, Silent};
use hawker_postgres::testing::TestDatabase;
use hawker_postgres::{PgOptions, PgStore};

fn slug(text: &str) -> TenantSlug {
    text.parse().expect("a slug")
}

#[tokio::test]
async fn an_empty_database_becomes_ready() -> anyhow::Result<()> {
    let database = TestDatabase::empty().await;
    let store = database.store();
    assert!(matches!(
        store.readiness().await?,
        Readiness::MigrationsPending { pending } if pending > 0
    ));
    let report = migrate::run(store, &Silent).await?;
    assert!(report.control_applied > 0);
    assert!(report.failures().next().is_none());
    assert_eq!(store.tenants().await?, [TenantSlug::default_tenant()]);
    assert_eq!(store.readiness().await?, Readiness::Ready);
    Ok(())
}

#[tokio::test]
async fn a_second_run_has_nothing_to_do() -> anyhow::Result<()> {
    let database = TestDatabase::new().await;
    let report = migrate::run(database.store(), &Silent).await?;
    assert_eq!(report.control_applied, 0);
    let applied: Vec<_> = report
        .tenants
        .iter()
        .map(|one| one.outcome.as_ref().ok())
        .collect();
    assert_eq!(applied, [Some(&0)]);
    Ok(())
}

#[tokio::test]
async fn processes_that_start_at_the_same_time_wait_for_each_other() -> anyhow::Result<()> {
    let database = TestDatabase::empty().await;
    let other = PgStore::connect(&PgOptions::new(database.url())).await?;
    let third = PgStore::connect(&PgOptions::new(database.url())).await?;
    let (one, two, three) = tokio::join!(
        migrate::run(database.store(), &Silent),
        migrate::run(&other, &Silent),
        migrate::run(&third, &Silent),
    );
    let reports = [one?, two?, three?];
    assert!(
        reports
            .iter()
            .all(|report| report.failures().next().is_none())
    );
    let did_it: u64 = reports
        .iter()
        .map(|report| u64::from(report.control_applied > 0))
        .sum();
    assert_eq!(did_it, 1);
    let places: i64 = sqlx::query_scalar("SELECT count(*) FROM tenant_default.stock_location")
        .fetch_one(database.pool())
        .await?;
    assert_eq!(places, 1);
    Ok(())
}

#[derive(Default)]
struct Told(Mutex<Vec<String>>);

impl Told {
    fn tell(&self, text: String) {
        self.0.lock().expect("the list").push(text);
    }
}

impl MigrationProgress for Told {
    fn control_plane_done(&self, _: u64) {}
    fn tenant_started(&self, _: &TenantSlug) {}
    fn tenant_done(&self, tenant: &TenantSlug, applied: u64) {
        self.tell(format!("{tenant}: {applied}"));
    }
    fn tenant_failed(&self, tenant: &TenantSlug, _: &MigrateError) {
        self.tell(format!("{tenant}: failed"));
    }
    fn warning(&self, text: &str) {
        self.tell(text.to_owned());
    }
}

#[tokio::test]
async fn a_tenant_that_fails_stops_nobody_else() -> anyhow::Result<()> {
    let database = TestDatabase::new().await;
    migrate::create_tenant(database.store(), &slug("broken"), &Silent).await?;
    // It forgot its last migrations, the first of which adds a column and cannot be applied twice.
    let forgotten =
        sqlx::query("DELETE FROM tenant_broken.hawker_migration WHERE version >= 20261121150200")
            .execute(database.pool())
            .await?
            .rows_affected();
    sqlx::query(
        "INSERT INTO public.tenant VALUES ('zealous', 'tenant_zealous', 'hawker_tenant_zealous')",
    )
    .execute(database.pool())
    .await?;
    let pending = database.store().readiness().await?;
    let Readiness::MigrationsPending { pending } = pending else {
        panic!("the database is not ready: {pending:?}");
    };
    assert!(
        pending > forgotten,
        "{pending} pending, {forgotten} forgotten"
    );

    let told = Told::default();
    let report = migrate::run(database.store(), &told).await?;
    let failed: Vec<_> = report
        .failures()
        .map(|(tenant, _)| tenant.as_str())
        .collect();
    assert_eq!(failed, ["broken"]);
    let told = told.0.into_inner()?;
    assert!(told.contains(&"broken: failed".to_owned()), "{told:?}");
    assert!(told.contains(&"default: 0".to_owned()), "{told:?}");
    assert!(
        told.contains(&format!("zealous: {}", pending - forgotten)),
        "{told:?}"
    );
    assert_eq!(
        database.store().readiness().await?,
        Readiness::MigrationsPending { pending: forgotten }
    );
    Ok(())
}

#[tokio::test]
async fn what_belongs_to_something_else_is_left_alone() -> anyhow::Result<()> {
    let database = TestDatabase::empty().await;
    sqlx::raw_sql(
        "CREATE TABLE public.shopee_escrow (theirs int);
         CREATE SCHEMA tenant_taken; CREATE TABLE tenant_taken.product (theirs int)",
    )
    .execute(database.pool())
    .await?;
    let told = Told::default();
    migrate::run(database.store(), &told).await?;
    let warnings = told.0.into_inner()?;
    assert!(
        warnings
            .iter()
            .any(|text| text.contains("public.shopee_escrow")),
        "{warnings:?}"
    );
    let theirs: i64 = sqlx::query_scalar("SELECT count(theirs) FROM public.shopee_escrow")
        .fetch_one(database.pool())
        .await?;
    assert_eq!(theirs, 0);

    let taken = migrate::create_tenant(database.store(), &slug("taken"), &Silent).await;
    assert!(
        matches!(taken, Err(MigrateError::Foreign { .. })),
        "{taken:?}"
    );
    let columns: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'tenant_taken'",
    )
    .fetch_one(database.pool())
    .await?;
    assert_eq!(columns, 1);
    Ok(())
}

#[tokio::test]
async fn ids_that_the_database_makes_are_ids_like_any_other() -> anyhow::Result<()> {
    let database = TestDatabase::new().await;
    let ids: Vec<String> =
        sqlx::query_scalar("SELECT tenant_default.fresh_id('cex') FROM generate_series(1, 100)")
            .fetch_all(database.pool())
            .await?;
    for id in &ids {
        id.parse::<hawker_domain::ids::ExceptionId>()?;
    }
    let location: String = sqlx::query_scalar("SELECT id FROM tenant_default.stock_location")
        .fetch_one(database.pool())
        .await?;
    location.parse::<hawker_domain::ids::LocationId>()?;
    Ok(())
}
