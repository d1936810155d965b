//! Profiles that are changed by hand while the service runs: it counts at once, and nobody's change is
//! lost unseen.

use anyhow::Context as _;
use hawker_domain::profile::Region;
use hawker_domain::{ConnectorName, TenantSlug};
use hawker_ports::profiles::Profile;
use hawker_ports::testing::examples::{self, after_noon, noon, profile_id, sealed};
use hawker_ports::{Store as _, StoreError};
use hawker_postgres::migrate::{self, Silent};
use sqlx::Connection as _;

use crate::workshop::{PROFILE, Workshop};

const SHOPEE: ConnectorName = ConnectorName::Shopee;

async fn profile(workshop: &Workshop) -> anyhow::Result<Profile> {
    let mut uow = workshop.begin().await?;
    let found = uow.profiles().find(&profile_id(PROFILE)).await?;
    found.context("the profile of the workshop")
}

/// The SQLSTATE of a statement by hand.
async fn refusal(workshop: &Workshop, statement: &'static str) -> Option<String> {
    let refused = sqlx::query(statement)
        .execute(workshop.database.pool())
        .await;
    let error = refused.err()?;
    error.as_database_error()?.code().map(Into::into)
}

#[tokio::test]
async fn a_change_by_hand_counts_at_once_and_is_another_version() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    assert_eq!(profile(&workshop).await?.version, 1);
    workshop
        .psql(
            "UPDATE shopee_connector_profile
             SET region = 'TEST_MY', push_partner_key_encrypted = 'plain:by-hand'",
        )
        .await?;

    let changed = profile(&workshop).await?;
    assert_eq!((changed.version, changed.region), (2, Region::TestMy));
    let mut uow = workshop.begin().await?;
    let calling = uow.profiles().calling(&profile_id(PROFILE)).await?;
    assert_eq!(calling.context("it is there")?.region, Region::TestMy);
    let receiving = uow.profiles().receiving(SHOPEE).await?;
    assert_eq!(receiving[0].push_key, Some(sealed("by-hand")));
    Ok(())
}

#[tokio::test]
async fn no_statement_chooses_the_version() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    workshop
        .psql("UPDATE tenant_default.connector_profile SET version = 70, display_name = 'Other'")
        .await?;
    assert_eq!(profile(&workshop).await?.version, 2);
    Ok(())
}

#[tokio::test]
async fn an_environment_has_one_active_profile_whoever_writes() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let mut uow = workshop.begin().await?;
    uow.profiles()
        .save(&examples::profile("scp_second"), noon())
        .await?;
    uow.commit().await?;
    let by_hand = refusal(
        &workshop,
        "UPDATE shopee_connector_profile SET is_active = true WHERE id = 'scp_second'",
    );
    assert_eq!(by_hand.await.as_deref(), Some("23505"));

    let second = Profile {
        id: profile_id("scp_second"),
        ..profile(&workshop).await?
    };
    let mut uow = workshop.begin().await?;
    let refused = uow.profiles().put(&second, noon()).await;
    assert!(
        matches!(refused, Err(StoreError::Conflict { .. })),
        "{refused:?}"
    );
    Ok(())
}

#[tokio::test]
async fn who_holds_the_profiles_is_not_overtaken_by_a_statement_by_hand() -> anyhow::Result<()> {
    const TOUCH: &str = "SELECT FROM tenant_default.connector_profile FOR NO KEY UPDATE NOWAIT";
    let workshop = Workshop::new().await?;
    let mut holder = workshop.begin().await?;
    holder.profiles().lock(SHOPEE).await?;
    assert_eq!(refusal(&workshop, TOUCH).await.as_deref(), Some("55P03"));

    // What only refers to a profile goes on meanwhile.
    let mut uow = workshop.begin().await?;
    uow.tokens()
        .keep(&examples::token(PROFILE, &workshop.ids), noon())
        .await?;
    uow.commit().await?;
    holder.commit().await?;
    assert_eq!(refusal(&workshop, TOUCH).await, None);
    Ok(())
}

#[tokio::test]
async fn a_second_holder_waits_and_another_tenant_does_not() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let other: TenantSlug = "other".parse()?;
    migrate::create_tenant(workshop.database.store(), &other, &Silent).await?;
    let mut holder = workshop.begin().await?;
    holder.profiles().lock(SHOPEE).await?;

    let mut theirs = workshop.database.store().begin(&other).await?;
    theirs.profiles().lock(SHOPEE).await?;
    theirs.commit().await?;

    let mut connection = workshop.database.pool().acquire().await?;
    let mut transaction = connection.begin().await?;
    let is_free: bool = sqlx::query_scalar(
        "SELECT pg_try_advisory_xact_lock(
             hashtextextended('tenant_default.connector_profile:shopee', 0)
         )",
    )
    .fetch_one(&mut *transaction)
    .await?;
    assert!(!is_free);
    holder.commit().await?;
    Ok(())
}

#[tokio::test]
async fn a_profile_is_stored_as_it_is_given() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let given = Profile {
        display_name: "With a NUL\0".into(),
        partner_key: None,
        partner_key_ends_at: Some(after_noon(90)),
        previous_push_key: Some(sealed("older")),
        deleted_at: Some(after_noon(10)),
        is_active: false,
        ..profile(&workshop).await?
    };
    let mut uow = workshop.begin().await?;
    uow.profiles().put(&given, after_noon(20)).await?;
    uow.commit().await?;

    let kept = profile(&workshop).await?;
    let expected = Profile {
        display_name: "With a NUL\u{fffd}".into(),
        version: 2,
        updated_at: after_noon(20),
        ..given
    };
    assert_eq!(format!("{kept:?}"), format!("{expected:?}"));
    assert_eq!(kept.previous_push_key, Some(sealed("older")));
    Ok(())
}
