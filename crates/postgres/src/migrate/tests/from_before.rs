//! A database of the version before profiles had versions and pairs had states: its rows are filled
//! in, and the statements of that version still do what they did.

use chrono::{DateTime, TimeDelta, Utc};
use hawker_domain::TenantSlug;
use hawker_domain::token::REFRESH_TOKEN_LIFE;
use sqlx::PgConnection;
use sqlx::migrate::Migrator;

use super::super::{CONTROL, Plane, Silent, TENANT, connect, run, tenant};
use crate::testing::TestDatabase;

/// The last migration of that version, of either plane.
const BEFORE: i64 = 20_261_121_110_000;

/// What that version executes to add a profile and to keep a pair.
const SAVE: &str = "
    INSERT INTO tenant_default.connector_profile (
        id, connector, environment, display_name, region, shop_id, is_active
    )
    VALUES ($1, 'shopee', 'sandbox', 'Card shop', 'TEST_SG', 7, $2)";
const KEEP: &str = "
    INSERT INTO tenant_default.connector_token (
        id, connector, environment, profile_id, shop_id, access_token_encrypted,
        refresh_token_encrypted, access_token_expires_at, refreshed_at, created_at
    )
    VALUES (
        'sat_00000000000000000000000001', 'shopee', 'sandbox', 'scp_first', 7, $1, $1,
        $2::timestamptz + interval '4 hours', $2, $2
    )
    ON CONFLICT (connector, environment, shop_id) DO UPDATE
    SET access_token_encrypted = excluded.access_token_encrypted,
        refresh_token_encrypted = excluded.refresh_token_encrypted,
        access_token_expires_at = excluded.access_token_expires_at,
        refreshed_at = excluded.refreshed_at";

fn before(version: i64, migrations: &Migrator) -> Migrator {
    let kept = migrations
        .iter()
        .filter(|migration| migration.version < version);
    Migrator::with_migrations(kept.cloned().collect())
}

/// A database with the migrations before a certain one.
pub(super) async fn database_before(version: i64) -> anyhow::Result<(TestDatabase, PgConnection)> {
    let database = TestDatabase::empty().await;
    let slug = TenantSlug::default_tenant();
    let mut connection = connect(database.store()).await?;
    Plane::control()
        .bring_up(&mut connection, &before(version, &CONTROL))
        .await?;
    tenant::enlist(&mut connection, &slug).await?;
    tenant::bring_up_with(&mut connection, &slug, &before(version, &TENANT), &Silent).await?;
    Ok((database, connection))
}

async fn save(connection: &mut PgConnection, id: &str, is_active: bool) -> anyhow::Result<()> {
    sqlx::query(SAVE)
        .bind(id)
        .bind(is_active)
        .execute(connection)
        .await?;
    Ok(())
}

async fn keep(
    connection: &mut PgConnection,
    secret: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    sqlx::query(KEEP)
        .bind(secret)
        .bind(now)
        .execute(connection)
        .await?;
    Ok(())
}

/// What is asked of the one pair: whose turn it is, whether it is good for calls, since and until when.
type Pair = (i64, String, DateTime<Utc>, DateTime<Utc>);

async fn pair(connection: &mut PgConnection) -> anyhow::Result<Pair> {
    let pair = sqlx::query_as(
        "SELECT generation, state, authorised_at, refresh_token_ends_at
         FROM public.shopee_auth_token",
    );
    Ok(pair.fetch_one(connection).await?)
}

/// An active pair that a seller's authorisation gave.
fn authorised(generation: i64, at: DateTime<Utc>) -> Pair {
    (generation, "active".to_owned(), at, at + REFRESH_TOKEN_LIFE)
}

#[tokio::test]
async fn rows_of_the_version_before_are_filled_in() -> anyhow::Result<()> {
    let (database, mut connection) = database_before(BEFORE).await?;
    let noon = DateTime::from_timestamp(1_767_585_600, 0).unwrap();
    save(&mut connection, "scp_first", true).await?;
    keep(&mut connection, "v1:first", noon).await?;

    let report = run(database.store(), &Silent).await?;
    assert!(report.control_applied > 0);
    assert!(report.failures().next().is_none());

    assert_eq!(pair(&mut connection).await?, authorised(1, noon));
    let version: i64 = sqlx::query_scalar("SELECT version FROM tenant_default.connector_profile")
        .fetch_one(&mut connection)
        .await?;
    assert_eq!(version, 1);
    Ok(())
}

#[tokio::test]
async fn the_version_before_goes_on_working_beside_this_one() -> anyhow::Result<()> {
    let (database, mut connection) = database_before(BEFORE).await?;
    run(database.store(), &Silent).await?;
    let noon = DateTime::from_timestamp(1_767_585_600, 0).unwrap();
    save(&mut connection, "scp_first", true).await?;
    keep(&mut connection, "v1:first", noon).await?;
    assert_eq!(pair(&mut connection).await?, authorised(1, noon));

    sqlx::query("UPDATE public.shopee_auth_token SET state = 'revoked'")
        .execute(&mut connection)
        .await?;
    let later = noon + TimeDelta::hours(1);
    keep(&mut connection, "v1:second", later).await?;
    assert_eq!(pair(&mut connection).await?, authorised(2, later));
    Ok(())
}
