//! Bearer tokens of the API. They are of the control plane: whose request it is has to be known
//! before any tenant is. Only a digest is stored; the token itself is shown once.

use async_trait::async_trait;
use hawker_domain::api_access::ApiScope;
use hawker_domain::ids::ApiTokenId;
use hawker_domain::{TenantSlug, Timestamp};

use crate::StoreError;
use crate::sealing::Digest;

/// A token to be kept.
#[derive(Clone, Debug)]
pub struct NewApiToken {
    /// Its id.
    pub id: ApiTokenId,
    /// Whose data it is for.
    pub tenant: TenantSlug,
    /// Its name for a person.
    pub name: String,
    /// What its bearer may do.
    pub scopes: Vec<ApiScope>,
    /// The digest of the token.
    pub digest: Digest,
    /// The last characters of the token, to recognise it by.
    pub hint: String,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// A token as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Its id.
    pub id: ApiTokenId,
    /// Whose data it is for.
    pub tenant: TenantSlug,
    /// Its name for a person.
    pub name: String,
    /// What its bearer may do.
    pub scopes: Vec<ApiScope>,
    /// The last characters of the token.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to within a minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl ApiToken {
    /// Whether it may still be used.
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|ends| ends > now)
    }
}

/// Bearer tokens.
#[async_trait]
pub trait ApiTokens: Send + Sync {
    /// Keeps a token.
    async fn add(&self, token: &NewApiToken, now: Timestamp) -> Result<(), StoreError>;

    /// The token with this digest, revoked and ended ones included; notes that it was used.
    async fn by_digest(
        &self,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<ApiToken>, StoreError>;

    /// The tokens of a tenant, newest first.
    async fn of_tenant(&self, tenant: &TenantSlug) -> Result<Vec<ApiToken>, StoreError>;

    /// Revokes a token of a tenant; `false` when there is no such token. Revoking twice is the same
    /// as once.
    async fn revoke(
        &self,
        tenant: &TenantSlug,
        id: ApiTokenId,
        now: Timestamp,
    ) -> Result<bool, StoreError>;
}
