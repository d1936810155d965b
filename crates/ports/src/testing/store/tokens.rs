//! Token pairs, and the right to renew one.

use async_trait::async_trait;
use hawker_domain::ids::LeaseId;
use hawker_domain::token::{RefreshStatus, TokenState};
use hawker_domain::{ConnectorName, Environment, ShopId, Timestamp};

use super::state::{State, refused};
use super::unit_of_work::InMemoryUnitOfWork;
use crate::StoreError;
use crate::tokens::{NewToken, RefreshAttempt, RefreshEnd, StoredToken, TokenKey, TokenRepository};

/// A shop's pair.
#[derive(Clone, Debug)]
pub(super) struct TokenRow {
    /// What the marketplace gave; a renewal puts its tokens and times in place.
    pub(super) kept: NewToken,
    obtained_at: Timestamp,
    authorised_at: Timestamp,
    refresh_token_last_used_at: Option<Timestamp>,
    state: TokenState,
    state_reason: Option<String>,
    last_attempt: Option<RefreshAttempt>,
    in_doubt_since: Option<Timestamp>,
    generation: i64,
    right: Option<Right>,
}

/// The right to renew.
#[derive(Clone, Copy, Debug)]
struct Right {
    lease: LeaseId,
    begun_at: Timestamp,
    until: Timestamp,
}

#[async_trait]
impl TokenRepository for InMemoryUnitOfWork {
    async fn find(&mut self, key: TokenKey) -> Result<Option<StoredToken>, StoreError> {
        self.read(|state| state.tokens.get(&key).map(TokenRow::stored))
    }

    async fn of_connector(
        &mut self,
        connector: ConnectorName,
    ) -> Result<Vec<StoredToken>, StoreError> {
        self.read(|state| {
            let rows = state.tokens.values().map(TokenRow::stored);
            let mut tokens: Vec<_> = rows
                .filter(|token| token.key.connector == connector)
                .collect();
            tokens.sort_by_key(|token| (token.key.shop, token.key.environment));
            tokens
        })
    }

    async fn keep(&mut self, token: &NewToken, now: Timestamp) -> Result<(), StoreError> {
        self.write(|state| state.keep_token(token, now)).await
    }

    async fn begin_refresh(
        &mut self,
        key: TokenKey,
        generation: i64,
        lease: LeaseId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<StoredToken>, StoreError> {
        let right = Right {
            lease,
            begun_at: now,
            until,
        };
        self.write(|state| {
            let row = state.tokens.get_mut(&key);
            let row = row.filter(|row| row.generation == generation);
            Ok(row.and_then(|row| row.begin_refresh(right)))
        })
        .await
    }

    async fn end_refresh(
        &mut self,
        key: TokenKey,
        lease: LeaseId,
        end: &RefreshEnd,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write(|state| {
            let row = state.tokens.get_mut(&key);
            Ok(row.is_some_and(|row| row.end_refresh(lease, end, now)))
        })
        .await
    }

    async fn withdraw(
        &mut self,
        connector: ConnectorName,
        environment: Environment,
        shops: &[ShopId],
        before: Timestamp,
        state: TokenState,
        reason: &str,
    ) -> Result<Vec<ShopId>, StoreError> {
        self.write(|rows| {
            let of_shops = rows.tokens.iter_mut().filter(|(key, row)| {
                (key.connector, key.environment) == (connector, environment)
                    && shops.contains(&key.shop)
                    && row.authorised_at < before
                    && row.state != state
                    && (row.state, state) != (TokenState::Revoked, TokenState::NeedsReauthorisation)
            });
            let withdrawn = of_shops.map(|(key, row)| {
                row.state = state;
                row.state_reason = Some(reason.to_owned());
                key.shop
            });
            Ok(withdrawn.collect())
        })
        .await
    }

    async fn withdraw_pair(
        &mut self,
        key: TokenKey,
        generation: i64,
        state: TokenState,
        reason: &str,
    ) -> Result<bool, StoreError> {
        self.write(|rows| {
            let row = rows.tokens.get_mut(&key);
            let row =
                row.filter(|row| row.generation == generation && row.state == TokenState::Active);
            let Some(row) = row else { return Ok(false) };
            row.state = state;
            row.state_reason = Some(reason.to_owned());
            Ok(true)
        })
        .await
    }

    async fn note_authorisation_ends(
        &mut self,
        connector: ConnectorName,
        environment: Environment,
        ends: &[(ShopId, Timestamp)],
    ) -> Result<(), StoreError> {
        self.write(|state| {
            for (shop, ends_at) in ends {
                let key = TokenKey {
                    connector,
                    environment,
                    shop: *shop,
                };
                if let Some(row) = state.tokens.get_mut(&key) {
                    row.kept.authorisation_ends_at = Some(*ends_at);
                }
            }
            Ok(())
        })
        .await
    }
}

impl State {
    fn keep_token(&mut self, token: &NewToken, now: Timestamp) -> Result<(), StoreError> {
        if !self.profiles.contains_key(&token.profile) {
            return Err(refused("token", "there is no such profile"));
        }
        let key = key_of(token);
        let known = self.tokens.get(&key);
        let row = TokenRow {
            kept: NewToken {
                id: known.map_or(token.id, |known| known.kept.id),
                ..token.clone()
            },
            obtained_at: now,
            authorised_at: now,
            refresh_token_last_used_at: known.and_then(|known| known.refresh_token_last_used_at),
            state: TokenState::Active,
            state_reason: None,
            last_attempt: None,
            in_doubt_since: None,
            generation: known.map_or(0, |known| known.generation) + 1,
            right: None,
        };
        self.tokens.insert(key, row);
        Ok(())
    }
}

impl TokenRow {
    pub(super) fn stored(&self) -> StoredToken {
        let kept = &self.kept;
        StoredToken {
            id: kept.id,
            key: key_of(kept),
            profile: kept.profile.clone(),
            partner_id: kept.partner_id,
            access_token: kept.access_token.clone(),
            refresh_token: kept.refresh_token.clone(),
            expires_at: kept.expires_at,
            obtained_at: self.obtained_at,
            authorised_at: self.authorised_at,
            refresh_token_ends_at: kept.refresh_token_ends_at,
            refresh_token_last_used_at: self.refresh_token_last_used_at,
            authorisation_ends_at: kept.authorisation_ends_at,
            state: self.state,
            state_reason: self.state_reason.clone(),
            last_attempt: self.last_attempt.clone(),
            in_doubt_since: self.in_doubt_since,
            generation: self.generation,
            main_account: kept.main_account,
        }
    }

    /// Takes the right, unless somebody holds it whose time has not run out.
    fn begin_refresh(&mut self, right: Right) -> Option<StoredToken> {
        if self.state != TokenState::Active {
            return None;
        }
        if let Some(held) = self.right {
            if held.until > right.begun_at {
                return None;
            }
            // Whoever held it died: it may have used the refresh token up.
            self.in_doubt_since.get_or_insert(held.begun_at);
        }
        self.right = Some(right);
        Some(self.stored())
    }

    /// A new pair asks for no right: only for the pair that it takes the place of.
    fn end_refresh(&mut self, lease: LeaseId, end: &RefreshEnd, now: Timestamp) -> bool {
        let (error, again_at) = match end {
            RefreshEnd::Renewed {
                generation,
                access_token,
                refresh_token,
                expires_at,
                refresh_token_ends_at,
                payload,
            } => {
                if *generation != self.generation {
                    return false;
                }
                self.kept.access_token = access_token.clone();
                self.kept.refresh_token = refresh_token.clone();
                self.kept.expires_at = *expires_at;
                self.kept.refresh_token_ends_at = *refresh_token_ends_at;
                self.kept.payload.clone_from(payload);
                self.succeed(now);
                return true;
            }
            RefreshEnd::Failed { error, again_at } => (error, Some(*again_at)),
            RefreshEnd::InDoubt { error } | RefreshEnd::Dead { error, .. } => (error, None),
        };
        let Some(held) = self.right.take_if(|held| held.lease == lease) else {
            return false;
        };
        match end {
            RefreshEnd::InDoubt { .. } => {
                self.in_doubt_since.get_or_insert(held.begun_at);
            }
            RefreshEnd::Dead { state, error } if self.state != TokenState::Revoked => {
                self.state = *state;
                self.state_reason = Some(error.clone());
            }
            _ => {}
        }
        self.last_attempt = Some(RefreshAttempt {
            at: now,
            status: RefreshStatus::Failure,
            error: Some(error.clone()),
            again_at,
        });
        true
    }

    /// The pair is the next one.
    fn succeed(&mut self, now: Timestamp) {
        self.obtained_at = now;
        self.refresh_token_last_used_at = Some(now);
        self.in_doubt_since = None;
        self.generation += 1;
        self.right = None;
        if self.state == TokenState::NeedsReauthorisation {
            self.state = TokenState::Active;
            self.state_reason = None;
        }
        self.last_attempt = Some(RefreshAttempt {
            at: now,
            status: RefreshStatus::Success,
            error: None,
            again_at: None,
        });
    }
}

const fn key_of(token: &NewToken) -> TokenKey {
    TokenKey {
        connector: token.connector,
        environment: token.environment,
        shop: token.shop,
    }
}
