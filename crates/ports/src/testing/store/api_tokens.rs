//! Bearer tokens of the API: rows of the control plane, no tenant's.

use std::cmp::Reverse;

use async_trait::async_trait;
use chrono::TimeDelta;
use hawker_domain::ids::ApiTokenId;
use hawker_domain::{TenantSlug, Timestamp};

use super::InMemoryStore;
use super::state::refused;
use crate::StoreError;
use crate::api_tokens::{ApiToken, ApiTokens, NewApiToken};
use crate::sealing::Digest;
use crate::testing::locked;

/// A use within so much of the last one that was noted is not noted.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// A token with the digest that it is found by.
#[derive(Debug)]
pub(super) struct ApiTokenRow {
    digest: Digest,
    token: ApiToken,
}

#[async_trait]
impl ApiTokens for InMemoryStore {
    async fn add(&self, token: &NewApiToken, now: Timestamp) -> Result<(), StoreError> {
        self.tenant(&token.tenant)?;
        let mut rows = locked(&self.shared.api_tokens);
        let is_taken = |row: &ApiTokenRow| row.digest == token.digest || row.token.id == token.id;
        if rows.iter().any(is_taken) {
            return Err(refused("API token", "the id or the digest is taken"));
        }
        rows.push(ApiTokenRow {
            digest: token.digest,
            token: ApiToken {
                id: token.id,
                tenant: token.tenant.clone(),
                name: token.name.clone(),
                scopes: token.scopes.clone(),
                hint: token.hint.clone(),
                created_at: now,
                expires_at: token.expires_at,
                last_used_at: None,
                revoked_at: None,
            },
        });
        Ok(())
    }

    async fn by_digest(
        &self,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<ApiToken>, StoreError> {
        let mut rows = locked(&self.shared.api_tokens);
        let row = rows.iter_mut().find(|row| row.digest == *digest);
        Ok(row.map(|row| {
            let last_noted = row.token.last_used_at;
            if last_noted.is_none_or(|noted| noted + NOTED_EVERY <= now) {
                row.token.last_used_at = Some(now);
            }
            row.token.clone()
        }))
    }

    async fn of_tenant(&self, tenant: &TenantSlug) -> Result<Vec<ApiToken>, StoreError> {
        let rows = locked(&self.shared.api_tokens);
        let of_tenant = rows.iter().filter(|row| row.token.tenant == *tenant);
        let mut tokens: Vec<_> = of_tenant.map(|row| row.token.clone()).collect();
        tokens.sort_by_key(|token| Reverse((token.created_at, token.id)));
        Ok(tokens)
    }

    async fn revoke(
        &self,
        tenant: &TenantSlug,
        id: ApiTokenId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut rows = locked(&self.shared.api_tokens);
        let row = rows
            .iter_mut()
            .find(|row| row.token.id == id && row.token.tenant == *tenant);
        Ok(row.is_some_and(|row| {
            row.token.revoked_at.get_or_insert(now);
            true
        }))
    }
}
