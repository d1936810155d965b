//! A migration that cannot run in a transaction, among others that do; a database of the version
//! before.

mod before_versions;
mod from_before;
mod half_done;

use hawker_domain::TenantSlug;
use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};

use super::{Silent, TENANT, connect, tenant};
use crate::testing::TestDatabase;

fn migration(version: i64, sql: &'static str, no_tx: bool) -> Migration {
    let kind = MigrationType::Simple;
    Migration::new(version, "of a test".into(), kind, sql.into_sql_str(), no_tx)
}

/// What there is, then an index that is built concurrently, then something that needs it.
fn with_concurrent_index() -> Migrator {
    let index = "CREATE INDEX CONCURRENTLY of_a_test_idx ON product (created_at)";
    let later = "COMMENT ON INDEX of_a_test_idx IS 'made before'";
    let mut migrations: Vec<_> = TENANT.iter().cloned().collect();
    migrations.push(migration(99_990_101_000_000, index, true));
    migrations.push(migration(99_990_101_000_001, later, false));
    Migrator::with_migrations(migrations)
}

#[tokio::test]
async fn an_index_is_built_concurrently_between_other_migrations() {
    let database = TestDatabase::new().await;
    let (slug, migrations) = (TenantSlug::default_tenant(), with_concurrent_index());
    let mut one = connect(database.store()).await.unwrap();
    let mut other = connect(database.store()).await.unwrap();
    let (one, other) = tokio::join!(
        tenant::bring_up_with(&mut one, &slug, &migrations, &Silent),
        tenant::bring_up_with(&mut other, &slug, &migrations, &Silent),
    );
    assert_eq!(
        one.unwrap() + other.unwrap(),
        2,
        "each migration is applied once"
    );
    let comment: Option<String> =
        sqlx::query_scalar("SELECT obj_description('tenant_default.of_a_test_idx'::regclass)")
            .fetch_one(database.pool())
            .await
            .unwrap();
    assert_eq!(comment.as_deref(), Some("made before"));
    let published: i64 = sqlx::query_scalar("SELECT count(*) FROM public.shopee_raw_event")
        .fetch_one(database.pool())
        .await
        .unwrap();
    assert_eq!(published, 0);
}
