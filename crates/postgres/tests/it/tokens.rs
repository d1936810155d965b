//! Token pairs that are touched by hand, and what the documented view tells of them.

use anyhow::Context as _;
use hawker_domain::ids::LeaseId;
use hawker_domain::token::{REFRESH_TOKEN_LIFE, TokenState};
use hawker_domain::{ConnectorName, Environment};
use hawker_ports::testing::examples::{self, SHOP, after_noon, noon, sealed, token_key};
use hawker_ports::tokens::{RefreshEnd, StoredToken};

use crate::workshop::{PROFILE, Workshop};

async fn keep(workshop: &Workshop) -> anyhow::Result<()> {
    let mut uow = workshop.begin().await?;
    uow.tokens()
        .keep(&examples::token(PROFILE, &workshop.ids), noon())
        .await?;
    Ok(uow.commit().await?)
}

async fn pair(workshop: &Workshop) -> anyhow::Result<StoredToken> {
    let mut uow = workshop.begin().await?;
    let found = uow.tokens().find(token_key()).await?;
    found.context("the pair of the shop")
}

#[tokio::test]
async fn a_pair_that_is_put_in_by_hand_is_a_new_pair() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    keep(&workshop).await?;
    let lease = LeaseId::fresh(&workshop.ids);
    let mut uow = workshop.begin().await?;
    let begun = uow
        .tokens()
        .begin_refresh(token_key(), 1, lease, after_noon(1), after_noon(61))
        .await?;
    assert!(begun.is_some());
    let shops = uow
        .tokens()
        .withdraw(
            ConnectorName::Shopee,
            Environment::Sandbox,
            &[SHOP],
            after_noon(2),
            TokenState::Revoked,
            "taken back",
        )
        .await?;
    assert_eq!(shops, [SHOP]);
    uow.commit().await?;

    workshop
        .psql(
            "UPDATE shopee_auth_token
             SET access_token_encrypted = 'plain:by-hand', refreshed_at = '2026-02-01 00:00Z'",
        )
        .await?;
    let by_hand = pair(&workshop).await?;
    assert_eq!(by_hand.access_token, sealed("by-hand"));
    assert_eq!((by_hand.generation, by_hand.state), (2, TokenState::Active));
    assert_eq!(
        (by_hand.state_reason.clone(), by_hand.partner_id),
        (None, None)
    );
    assert_eq!(by_hand.authorised_at, by_hand.obtained_at);
    assert_eq!(
        by_hand.refresh_token_ends_at,
        by_hand.obtained_at + REFRESH_TOKEN_LIFE
    );

    let mut uow = workshop.begin().await?;
    let failed = RefreshEnd::Failed {
        error: "too late".into(),
        again_at: after_noon(13),
    };
    let is_held = uow
        .tokens()
        .end_refresh(token_key(), lease, &failed, after_noon(3))
        .await?;
    assert!(!is_held, "the right was for the older pair");
    Ok(())
}

#[tokio::test]
async fn a_long_reason_is_shortened_and_made_readable() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    keep(&workshop).await?;
    let lease = LeaseId::fresh(&workshop.ids);
    let mut uow = workshop.begin().await?;
    uow.tokens()
        .begin_refresh(token_key(), 1, lease, noon(), after_noon(60))
        .await?
        .context("nobody else renews")?;
    let dead = RefreshEnd::Dead {
        state: TokenState::NeedsReauthorisation,
        error: format!("a\0{}", "é".repeat(5_000)),
    };
    assert!(
        uow.tokens()
            .end_refresh(token_key(), lease, &dead, after_noon(1))
            .await?
    );
    uow.commit().await?;
    let reason = pair(&workshop).await?.state_reason.context("a reason")?;
    assert!(reason.starts_with("a\u{fffd}é"), "{reason}");
    assert_eq!(reason.chars().count(), 1000);
    Ok(())
}

/// The columns that were documented first stay where they are; what came later holds no secret.
#[tokio::test]
async fn the_documented_view_tells_the_life_of_a_pair() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    keep(&workshop).await?;
    let (state, generation): (String, i64) =
        sqlx::query_as("SELECT state, generation FROM shopee_auth_token WHERE authorised_at = $1")
            .bind(noon())
            .fetch_one(workshop.database.pool())
            .await?;
    assert_eq!((state.as_str(), generation), ("active", 1));
    let columns: Vec<String> = sqlx::query_scalar(
        "SELECT column_name::text FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name = 'shopee_auth_token'
         ORDER BY ordinal_position",
    )
    .fetch_all(workshop.database.pool())
    .await?;
    let first = [
        "id",
        "shop_id",
        "access_token_encrypted",
        "refresh_token_encrypted",
        "expire_in",
        "expired_at",
        "merchant_id_list",
        "shop_id_list",
        "supplier_id_list",
        "raw_token_payload",
        "profile_id",
        "env_type",
        "created_at",
    ];
    assert_eq!(columns[..first.len()], first);
    let secret: Vec<_> = columns[first.len()..]
        .iter()
        .filter(|column| column.ends_with("_encrypted") || column.contains("lease"))
        .collect();
    assert!(secret.is_empty(), "{secret:?}");
    Ok(())
}
