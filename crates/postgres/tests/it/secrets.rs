//! Every secret of a tenant: none is forgotten, and sealing one anew changes nothing else.

use std::collections::BTreeSet;

use anyhow::Context as _;
use hawker_domain::ConnectorName;
use hawker_ports::Store as _;
use hawker_ports::secrets::{Resealed, SECRET_COLUMNS, SecretPlace, StoredSecret};
use hawker_ports::testing::examples::{self, noon, profile_id, sealed};
use hawker_postgres::{PgOptions, PgStore};

use crate::workshop::{PROFILE, Workshop};

async fn secrets(workshop: &Workshop, size: u32) -> anyhow::Result<Vec<StoredSecret>> {
    let mut uow = workshop.begin().await?;
    let mut walked = Vec::<StoredSecret>::new();
    loop {
        let after = walked.last().map(|secret| secret.place.clone());
        let page = uow.secrets().page(after.as_ref(), size).await?;
        if page.is_empty() {
            return Ok(walked);
        }
        walked.extend(page);
    }
}

#[tokio::test]
async fn every_encrypted_column_is_listed() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let columns: BTreeSet<String> = sqlx::query_scalar(
        r"SELECT relname || '.' || attname
          FROM pg_attribute
          JOIN pg_class ON pg_class.oid = attrelid
          WHERE relnamespace = 'tenant_default'::regnamespace
            AND relkind IN ('r', 'p')
            AND NOT attisdropped
            AND attname LIKE '%\_encrypted'",
    )
    .fetch_all(workshop.database.pool())
    .await?
    .into_iter()
    .collect();
    assert_eq!(columns, SECRET_COLUMNS.map(str::to_owned).into());
    Ok(())
}

/// Whatever the collation of the database: a walk that goes on elsewhere leaves nothing out.
#[tokio::test]
async fn places_are_in_the_order_of_their_bytes() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let mut uow = workshop.begin().await?;
    for id in ["a", "B", "b-", "_a", "b", "A1", "a_1"] {
        let mut profile = examples::profile(id);
        profile.registered_url = None;
        uow.profiles().save(&profile, noon()).await?;
    }
    uow.tokens()
        .keep(&examples::token("b", &workshop.ids), noon())
        .await?;
    uow.commit().await?;

    let walked: Vec<SecretPlace> = secrets(&workshop, 3)
        .await?
        .into_iter()
        .map(|secret| secret.place)
        .collect();
    let mut sorted = walked.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(walked, sorted);
    assert_eq!(walked.len(), 8 * 2 + 2);
    Ok(())
}

#[tokio::test]
async fn sealing_anew_is_no_change_of_the_profile() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let mut uow = workshop.begin().await?;
    uow.tokens()
        .keep(&examples::token(PROFILE, &workshop.ids), noon())
        .await?;
    uow.commit().await?;
    let resealed: Vec<Resealed> = secrets(&workshop, 100)
        .await?
        .into_iter()
        .map(|secret| Resealed {
            new: sealed(&format!("anew:{}", secret.place.column)),
            place: secret.place,
            old: secret.sealed,
        })
        .collect();
    assert_eq!(resealed.len(), 4);

    // One connection: what is set for the statement must not outlive it there.
    let options = PgOptions::new(workshop.database.url()).connections_max(1);
    let store = PgStore::connect(&options).await?;
    let mut uow = store.begin(&workshop.tenant).await?;
    assert_eq!(uow.secrets().replace(&resealed).await?, 4);
    let profile = uow.profiles().find(&profile_id(PROFILE)).await?;
    let profile = profile.context("the profile of the workshop")?;
    assert_eq!(profile.version, 1);
    assert_eq!(
        profile.partner_key,
        Some(sealed("anew:connector_profile.partner_key_encrypted"))
    );
    let pair = uow.tokens().find(examples::token_key()).await?;
    let pair = pair.context("the pair of the shop")?;
    assert_eq!(pair.generation, 1);
    assert_eq!(
        pair.refresh_token,
        sealed("anew:connector_token.refresh_token_encrypted")
    );

    // A change in the same unit of work counts again.
    uow.profiles().put(&profile, noon()).await?;
    let changed = uow.profiles().find(&profile_id(PROFILE)).await?;
    assert_eq!(changed.context("it is there")?.version, 2);
    uow.commit().await?;
    Ok(())
}

/// A save locks the profiles in the order of their ids; an update of many rows takes them as it finds
/// them, here from the last one on, as the rows lie in the table.
#[tokio::test]
async fn sealing_anew_waits_for_saves_and_never_the_two_for_each_other() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let mut uow = workshop.begin().await?;
    for number in (0..40).rev() {
        let mut profile = examples::profile(&format!("prof_{number:02}"));
        profile.registered_url = None;
        uow.profiles().save(&profile, noon()).await?;
    }
    uow.commit().await?;

    let rounds = 0..30;
    let rotation = async {
        for round in rounds.clone() {
            let anew: Vec<_> = secrets(&workshop, 100)
                .await?
                .into_iter()
                .map(|StoredSecret { place, sealed: old }| {
                    let new = sealed(&format!("{round}:{}", place.row));
                    Resealed { place, old, new }
                })
                .collect();
            let mut uow = workshop.begin().await?;
            uow.secrets().replace(&anew).await?;
            uow.commit().await?;
        }
        anyhow::Ok(())
    };
    let saves = async {
        for _ in rounds.clone() {
            let mut uow = workshop.begin().await?;
            uow.profiles().lock(ConnectorName::Shopee).await?;
            for profile in uow
                .profiles()
                .of_connector(ConnectorName::Shopee, false)
                .await?
            {
                uow.profiles().put(&profile, noon()).await?;
            }
            uow.commit().await?;
        }
        anyhow::Ok(())
    };
    tokio::try_join!(rotation, saves)?;
    Ok(())
}

#[tokio::test]
async fn sealing_anew_holds_the_lock_of_saves_before_it_touches_a_row() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let anew: Vec<_> = secrets(&workshop, 100)
        .await?
        .into_iter()
        .map(|StoredSecret { place, sealed: old }| Resealed {
            place,
            old,
            new: sealed("anew"),
        })
        .collect();
    let mut rotation = workshop.begin().await?;
    assert_eq!(rotation.secrets().replace(&anew).await?, 2);
    let free: bool = sqlx::query_scalar(
        "SELECT pg_try_advisory_lock(
             hashtextextended('tenant_default.connector_profile:shopee', 0)
         )",
    )
    .fetch_one(workshop.database.pool())
    .await?;
    assert!(!free, "a save would wait here, holding nothing");
    rotation.commit().await?;
    Ok(())
}
