//! Bearer tokens of the API, in the control plane: read and written as the owner of the database,
//! because no tenant's role has any right there.

use async_trait::async_trait;
use chrono::TimeDelta;
use hawker_domain::api_access::ApiScope;
use hawker_domain::ids::ApiTokenId;
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::StoreError;
use hawker_ports::api_tokens::{ApiToken, ApiTokens, NewApiToken};
use hawker_ports::sealing::Digest;
use sqlx::PgPool;

use crate::fault::{Fault, is_missing_reference, read};
use crate::store::PgStore;
use crate::text::stored;

const API_TOKEN: &str = "API token";

/// How often it is noted that a token is used: a busy client must not write with every request.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

#[async_trait]
impl ApiTokens for PgStore {
    async fn add(&self, token: &NewApiToken, now: Timestamp) -> Result<(), StoreError> {
        match add(self.pool(), token, now).await {
            Err(Fault::Sql(error)) if is_missing_reference(&error) => {
                Err(StoreError::NoSuchTenant(token.tenant.clone()))
            }
            done => done.map_err(told),
        }
    }

    async fn by_digest(
        &self,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<ApiToken>, StoreError> {
        by_digest(self.pool(), digest, now).await.map_err(told)
    }

    async fn of_tenant(&self, tenant: &TenantSlug) -> Result<Vec<ApiToken>, StoreError> {
        of_tenant(self.pool(), tenant).await.map_err(told)
    }

    async fn revoke(
        &self,
        tenant: &TenantSlug,
        id: ApiTokenId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        revoke(self.pool(), tenant, id, now).await.map_err(told)
    }
}

fn told(fault: Fault) -> StoreError {
    fault.into_store_error(API_TOKEN)
}

struct TokenRow {
    id: String,
    tenant_slug: String,
    name: String,
    scopes: Vec<String>,
    hint: String,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
}

impl TryFrom<TokenRow> for ApiToken {
    type Error = Fault;

    fn try_from(row: TokenRow) -> Result<Self, Fault> {
        let TokenRow {
            id,
            tenant_slug,
            name,
            scopes,
            hint,
            created_at,
            expires_at,
            last_used_at,
            revoked_at,
        } = row;
        // A scope that a newer version gave stands for nothing that this one does.
        let scopes: Vec<ApiScope> = scopes
            .iter()
            .filter_map(|scope| scope.parse().ok())
            .collect();
        Ok(Self {
            tenant: read(API_TOKEN, &id, &tenant_slug)?,
            id: read(API_TOKEN, &id, &id)?,
            name,
            scopes,
            hint,
            created_at,
            expires_at,
            last_used_at,
            revoked_at,
        })
    }
}

async fn add(pool: &PgPool, token: &NewApiToken, now: Timestamp) -> Result<(), Fault> {
    let NewApiToken {
        id,
        tenant,
        name,
        scopes,
        digest,
        hint,
        expires_at,
    } = token;
    let scopes: Vec<String> = scopes.iter().map(ToString::to_string).collect();
    sqlx::query!(
        "INSERT INTO public.api_token (
             id, tenant_slug, name, scopes, digest, hint, expires_at, created_at
         )
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        id.to_string(),
        tenant.as_str(),
        stored(name),
        &scopes,
        &digest.0,
        stored(hint),
        *expires_at,
        now,
    )
    .execute(pool)
    .await?;
    Ok(())
}

async fn by_digest(
    pool: &PgPool,
    digest: &Digest,
    now: Timestamp,
) -> Result<Option<ApiToken>, Fault> {
    let row = sqlx::query_file_as!(TokenRow, "src/api_tokens/by_digest.sql", &digest.0,)
        .fetch_optional(pool)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let mut token = ApiToken::try_from(row)?;
    let is_noted = token
        .last_used_at
        .is_some_and(|noted| noted + NOTED_EVERY > now);
    if !is_noted {
        note_use(pool, token.id, now).await?;
        token.last_used_at = Some(now);
    }
    Ok(Some(token))
}

/// Of several that note the same minute, the last condition lets one write.
async fn note_use(pool: &PgPool, id: ApiTokenId, now: Timestamp) -> Result<(), Fault> {
    sqlx::query!(
        "UPDATE public.api_token
         SET last_used_at = $2
         WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)",
        id.to_string(),
        now,
        now - NOTED_EVERY,
    )
    .execute(pool)
    .await?;
    Ok(())
}

async fn of_tenant(pool: &PgPool, tenant: &TenantSlug) -> Result<Vec<ApiToken>, Fault> {
    sqlx::query_as!(
        TokenRow,
        "SELECT id, tenant_slug, name, scopes, hint, created_at, expires_at, last_used_at, revoked_at
         FROM public.api_token
         WHERE tenant_slug = $1
         ORDER BY created_at DESC, id DESC",
        tenant.as_str(),
    )
    .fetch_all(pool)
    .await?
    .into_iter()
    .map(ApiToken::try_from)
    .collect()
}

async fn revoke(
    pool: &PgPool,
    tenant: &TenantSlug,
    id: ApiTokenId,
    now: Timestamp,
) -> Result<bool, Fault> {
    let revoked = sqlx::query!(
        "UPDATE public.api_token
         SET revoked_at = coalesce(revoked_at, $3)
         WHERE id = $1 AND tenant_slug = $2",
        id.to_string(),
        tenant.as_str(),
        now,
    )
    .execute(pool)
    .await?;
    Ok(revoked.rows_affected() > 0)
}
