//! Bearer tokens of the API, as the control plane keeps them.

use anyhow::Context as _;
use chrono::TimeDelta;
use hawker_domain::api_access::ApiScope;
use hawker_domain::ids::ApiTokenId;
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::StoreError;
use hawker_ports::api_tokens::{ApiToken, ApiTokens as _, NewApiToken};
use hawker_ports::sealing::Digest;
use hawker_ports::testing::SequentialIds;
use hawker_ports::testing::examples::{after_noon, noon};
use hawker_postgres::testing::TestDatabase;

const DIGEST: Digest = Digest([7; 32]);

fn token(tenant: &str) -> NewApiToken {
    NewApiToken {
        id: ApiTokenId::fresh(&SequentialIds::default()),
        tenant: tenant.parse().expect("a slug"),
        name: "erp".into(),
        scopes: vec![ApiScope::ConnectorsRead, ApiScope::AuditRead],
        digest: DIGEST,
        hint: "beef".into(),
        expires_at: None,
    }
}

async fn with_token() -> anyhow::Result<TestDatabase> {
    let database = TestDatabase::new().await;
    database.store().add(&token("default"), noon()).await?;
    Ok(database)
}

async fn used(database: &TestDatabase, now: Timestamp) -> anyhow::Result<ApiToken> {
    let found = database.store().by_digest(&DIGEST, now).await?;
    found.context("the token is known")
}

/// Which transaction wrote the row last.
async fn writer(database: &TestDatabase) -> anyhow::Result<String> {
    Ok(
        sqlx::query_scalar("SELECT xmin::text FROM public.api_token")
            .fetch_one(database.pool())
            .await?,
    )
}

#[tokio::test]
async fn a_busy_bearer_writes_once_a_minute() -> anyhow::Result<()> {
    let database = with_token().await?;
    assert_eq!(
        used(&database, after_noon(1)).await?.last_used_at,
        Some(after_noon(1))
    );
    let first = writer(&database).await?;
    used(&database, after_noon(60)).await?;
    assert_eq!(writer(&database).await?, first);
    let later = after_noon(1) + TimeDelta::minutes(1);
    assert_eq!(used(&database, later).await?.last_used_at, Some(later));
    assert_ne!(writer(&database).await?, first);
    Ok(())
}

#[tokio::test]
async fn a_scope_of_a_newer_version_allows_nothing_and_stops_nobody() -> anyhow::Result<()> {
    let database = with_token().await?;
    sqlx::query("UPDATE public.api_token SET scopes = '{weather:write,audit:read}'")
        .execute(database.pool())
        .await?;
    let scopes = used(&database, noon()).await?.scopes;
    assert_eq!(scopes, [ApiScope::AuditRead]);
    Ok(())
}

#[tokio::test]
async fn a_token_is_for_a_tenant_that_exists_and_goes_with_it() -> anyhow::Result<()> {
    let database = TestDatabase::new().await;
    let nobody: TenantSlug = "nobody".parse()?;
    let refused = database.store().add(&token("nobody"), noon()).await;
    assert!(
        matches!(&refused, Err(StoreError::NoSuchTenant(tenant)) if *tenant == nobody),
        "{refused:?}"
    );
    database.store().add(&token("default"), noon()).await?;
    used(&database, noon()).await?;
    sqlx::query("DELETE FROM public.tenant")
        .execute(database.pool())
        .await?;
    assert_eq!(database.store().by_digest(&DIGEST, noon()).await?, None);
    Ok(())
}
