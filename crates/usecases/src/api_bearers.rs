//! Bearer tokens of the API: made, listed, revoked, and recognised.
//!
//! A token is 256 random bits that are shown once; only their digest is stored. Whether a token is
//! good is asked of the store with each request, so that a revoked one is refused by the very next,
//! in every process. Who is at a terminal makes and revokes them, which the tenant's audit log keeps.

use std::sync::Arc;

use hawker_domain::api_access::ApiScope;
use hawker_domain::audit::{Actor, AuditEntry};
use hawker_domain::ids::ApiTokenId;
use hawker_domain::{IdSource, TenantSlug, Timestamp};
use hawker_ports::api_tokens::{ApiToken, ApiTokens, NewApiToken};
use hawker_ports::sealing::TokenMint;
use hawker_ports::{Clock, SealError, Store, StoreError};
use secrecy::{ExposeSecret as _, SecretString};

use crate::problems::{FieldProblem, told};

/// What every token starts with, so that one which lies about is recognised as what it is.
const PREFIX: &str = "hwk_";

/// The longest name of a token, in characters.
const NAME_CHARS_MAX: usize = 80;

/// Characters at the end of a token that are kept to recognise it by: a 16th of it.
const HINT_CHARS: usize = 4;

/// Looks after bearer tokens.
pub struct ApiBearers {
    /// Where they are kept.
    pub tokens: Arc<dyn ApiTokens>,
    /// Where the audit logs are.
    pub store: Arc<dyn Store>,
    /// Makes and recognises them.
    pub mint: Arc<dyn TokenMint>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
}

/// Who bears a token that is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bearer {
    /// The token's id.
    pub id: ApiTokenId,
    /// Whose data it is for.
    pub tenant: TenantSlug,
    /// Its name for a person.
    pub name: String,
    /// What may be done with it.
    pub scopes: Vec<ApiScope>,
}

/// Why no token was made.
#[derive(Debug, thiserror::Error)]
pub enum MakeTokenError {
    /// The input is not acceptable.
    #[error("no token was made: {}", told(.problems))]
    Invalid {
        /// Everything that is wrong with it.
        problems: Vec<FieldProblem>,
    },
    /// There were no random bits to be had.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ApiBearers {
    /// Makes a token; the text that comes with it is to be seen once and stored nowhere.
    pub async fn make(
        &self,
        tenant: &TenantSlug,
        name: &str,
        scopes: &[ApiScope],
        expires_at: Option<Timestamp>,
    ) -> Result<(ApiToken, SecretString), MakeTokenError> {
        let now = self.clock.now();
        let name = name.trim();
        let problems = problems(name, scopes, expires_at, now);
        if !problems.is_empty() {
            return Err(MakeTokenError::Invalid { problems });
        }
        let mut scopes = scopes.to_vec();
        scopes.sort_unstable();
        scopes.dedup();
        let secret = self.mint.mint(PREFIX)?;
        let text = secret.expose_secret();
        let token = NewApiToken {
            id: ApiTokenId::fresh(&*self.ids),
            tenant: tenant.clone(),
            name: name.to_owned(),
            scopes,
            digest: self.mint.digest(text.as_bytes()),
            hint: text
                .chars()
                .skip(text.chars().count().saturating_sub(HINT_CHARS))
                .collect(),
            expires_at,
        };
        self.tokens.add(&token, now).await?;
        let entry = self
            .entry("api_token.made", token.id, now)
            .with("name", token.name.as_str())
            .with("scopes", names(&token.scopes))
            .with("expires_at", expires_at.map(|end| end.to_rfc3339()));
        self.note(tenant, entry).await?;
        tracing::info!(event = "api_token.made", api_token = %token.id, %tenant);
        let made = ApiToken {
            id: token.id,
            tenant: token.tenant,
            name: token.name,
            scopes: token.scopes,
            hint: token.hint,
            created_at: now,
            expires_at,
            last_used_at: None,
            revoked_at: None,
        };
        Ok((made, secret))
    }

    /// The tokens of a tenant, newest first.
    pub async fn list(&self, tenant: &TenantSlug) -> Result<Vec<ApiToken>, StoreError> {
        self.tokens.of_tenant(tenant).await
    }

    /// Revokes a token of a tenant; `false` when there is no such token.
    pub async fn revoke(&self, tenant: &TenantSlug, id: ApiTokenId) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let is_known = self.tokens.revoke(tenant, id, now).await?;
        if is_known {
            let entry = self.entry("api_token.revoked", id, now);
            self.note(tenant, entry).await?;
            tracing::info!(event = "api_token.revoked", api_token = %id, %tenant);
        }
        Ok(is_known)
    }

    fn entry(&self, action: &'static str, id: ApiTokenId, now: Timestamp) -> AuditEntry {
        let subject = format!("api_token:{id}");
        AuditEntry::new(&Actor::terminal(), action, subject, now, &*self.ids)
    }

    /// After the deed, which is in another schema: a token that is revoked stays so whatever becomes
    /// of the entry, and revoking it again writes one.
    async fn note(&self, tenant: &TenantSlug, entry: AuditEntry) -> Result<(), StoreError> {
        let mut uow = self.store.begin(tenant).await?;
        uow.audit().record(&[entry]).await?;
        uow.commit().await
    }

    /// Who bears this token; nobody if it is not known, was revoked or has ended. Whatever the text
    /// is, its digest is looked up: how long that takes tells nothing about a token.
    pub async fn authenticate(&self, token: &SecretString) -> Result<Option<Bearer>, StoreError> {
        let now = self.clock.now();
        let digest = self.mint.digest(token.expose_secret().as_bytes());
        let known = self.tokens.by_digest(&digest, now).await?;
        let good = known.filter(|known| known.is_good(now));
        Ok(good.map(|good| Bearer {
            id: good.id,
            tenant: good.tenant,
            name: good.name,
            scopes: good.scopes,
        }))
    }
}

fn names(scopes: &[ApiScope]) -> Vec<&'static str> {
    scopes.iter().map(|scope| scope.as_str()).collect()
}

fn problems(
    name: &str,
    scopes: &[ApiScope],
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Vec<FieldProblem> {
    let chars = name.chars().count();
    let is_name = (1..=NAME_CHARS_MAX).contains(&chars) && !name.chars().any(char::is_control);
    let name = (!is_name).then(|| {
        let message = format!("has to be one line of 1 to {NAME_CHARS_MAX} characters");
        FieldProblem::new("name", message)
    });
    let scopes = scopes
        .is_empty()
        .then(|| FieldProblem::new("scopes", "are empty: say what the bearer may do"));
    let end = expires_at
        .filter(|end| *end <= now)
        .map(|_| FieldProblem::new("expires_at", "is over already: name a time to come"));
    [name, scopes, end].into_iter().flatten().collect()
}
