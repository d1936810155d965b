//! Token pairs of shops, and the right to renew one: of any number of callers in any number of
//! processes, one holds it.

use async_trait::async_trait;
use hawker_domain::ids::{LeaseId, ProfileId, TokenId};
use hawker_domain::token::{RefreshStatus, TokenState};
use hawker_domain::{ConnectorName, Environment, ShopId, Timestamp};

use crate::{Sealed, StoreError};

/// Whose pair it is. A shop has one pair in each environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenKey {
    /// The marketplace.
    pub connector: ConnectorName,
    /// Sandbox or live.
    pub environment: Environment,
    /// The shop.
    pub shop: ShopId,
}

/// A token pair to be kept.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// The id of the row, used when the shop has none yet.
    pub id: TokenId,
    /// The marketplace.
    pub connector: ConnectorName,
    /// Sandbox or live.
    pub environment: Environment,
    /// The profile through which it was obtained.
    pub profile: ProfileId,
    /// The partner (app) id of the app that it was obtained with, where it is known.
    pub partner_id: Option<i64>,
    /// The shop.
    pub shop: ShopId,
    /// The access token.
    pub access_token: Sealed,
    /// The refresh token.
    pub refresh_token: Sealed,
    /// When the access token ends; now or earlier where it has to be renewed before its first use.
    pub expires_at: Timestamp,
    /// When the refresh token ends.
    pub refresh_token_ends_at: Timestamp,
    /// When the authorisation ends, where it is known.
    pub authorisation_ends_at: Option<Timestamp>,
    /// The main account through which the seller authorised, if any.
    pub main_account: Option<i64>,
    /// Shops of the same authorisation.
    pub shops: Vec<ShopId>,
    /// Merchants of the same authorisation.
    pub merchants: Vec<i64>,
    /// Suppliers of the same authorisation.
    pub suppliers: Vec<i64>,
    /// The marketplace's answer without the tokens.
    pub payload: serde_json::Map<String, serde_json::Value>,
}

/// How the last attempt to renew a pair went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshAttempt {
    /// When.
    pub at: Timestamp,
    /// How it ended.
    pub status: RefreshStatus,
    /// Why it failed, shortened.
    pub error: Option<String>,
    /// Before this there is no use in another attempt, where the failure said so.
    pub again_at: Option<Timestamp>,
}

/// A pair as it is stored.
#[derive(Clone, Debug)]
pub struct StoredToken {
    /// Its id.
    pub id: TokenId,
    /// Whose it is.
    pub key: TokenKey,
    /// The profile through which it was obtained.
    pub profile: ProfileId,
    /// The partner (app) id of the app that it was obtained with; `None` where nobody noted it. Only
    /// this app may renew it or call with it.
    pub partner_id: Option<i64>,
    /// The access token.
    pub access_token: Sealed,
    /// The refresh token.
    pub refresh_token: Sealed,
    /// When the access token ends.
    pub expires_at: Timestamp,
    /// When this pair was obtained, by authorisation or by renewal.
    pub obtained_at: Timestamp,
    /// When the seller authorised, as far as we saw it: a renewal does not change it.
    pub authorised_at: Timestamp,
    /// When the refresh token ends.
    pub refresh_token_ends_at: Timestamp,
    /// When a refresh token of this shop was last used.
    pub refresh_token_last_used_at: Option<Timestamp>,
    /// When the authorisation ends, where it is known.
    pub authorisation_ends_at: Option<Timestamp>,
    /// What it is good for.
    pub state: TokenState,
    /// Why it is not good for calls, in words, where it is not.
    pub state_reason: Option<String>,
    /// How the last attempt to renew it went.
    pub last_attempt: Option<RefreshAttempt>,
    /// Since when it is not known whether the refresh token was used up: a renewal was begun then and
    /// its end was never stored.
    pub in_doubt_since: Option<Timestamp>,
    /// Increases with each pair of the shop.
    pub generation: i64,
    /// The main account through which the seller authorised, if any.
    pub main_account: Option<i64>,
}

impl StoredToken {
    /// The app that the pair was obtained with, where it is known to be another one than this.
    pub fn other_app(&self, partner_id: i64) -> Option<i64> {
        self.partner_id.filter(|own| *own != partner_id)
    }
}

/// How a renewal ended.
#[derive(Clone, Debug)]
pub enum RefreshEnd {
    /// The marketplace gave a new pair.
    Renewed {
        /// Which of the shop's pairs it takes the place of.
        generation: i64,
        /// The access token.
        access_token: Sealed,
        /// The refresh token.
        refresh_token: Sealed,
        /// When the access token ends.
        expires_at: Timestamp,
        /// When the refresh token ends.
        refresh_token_ends_at: Timestamp,
        /// The marketplace's answer without the tokens.
        payload: serde_json::Map<String, serde_json::Value>,
    },
    /// Nothing happened at the marketplace: the pair is what it was.
    Failed {
        /// Why, in words.
        error: String,
        /// Before this there is no use in another attempt.
        again_at: Timestamp,
    },
    /// It is not known whether the refresh token was used up.
    InDoubt {
        /// Why, in words.
        error: String,
    },
    /// The pair cannot be renewed any more.
    Dead {
        /// What the pair is good for from now on.
        state: TokenState,
        /// Why, in words.
        error: String,
    },
}

/// Token pairs.
#[async_trait]
pub trait TokenRepository: Send {
    /// The pair of a shop.
    async fn find(&mut self, key: TokenKey) -> Result<Option<StoredToken>, StoreError>;

    /// Every pair of a connector, in the order of shops.
    async fn of_connector(
        &mut self,
        connector: ConnectorName,
    ) -> Result<Vec<StoredToken>, StoreError>;

    /// Keeps a pair that a seller's authorisation gave; the one that the shop has is replaced: it is
    /// active, not in doubt, of the next generation, and a renewal that is under way for the older
    /// one finds its lease gone.
    async fn keep(&mut self, token: &NewToken, now: Timestamp) -> Result<(), StoreError>;

    /// Takes the right to renew the pair of this generation until `until`; answers the pair as it is
    /// stored. `None` when somebody else holds the right, when the pair is of another generation by
    /// now or not [`TokenState::Active`].
    ///
    /// A right that ran out without [`end_refresh`](Self::end_refresh) was held by a process that
    /// died: the pair is answered (and stays) in doubt since then.
    async fn begin_refresh(
        &mut self,
        key: TokenKey,
        generation: i64,
        lease: LeaseId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<StoredToken>, StoreError>;

    /// Stores how the renewal ended and gives the right back. `false`, and nothing is stored, when
    /// the lease is not held any more.
    ///
    /// A new pair is stored whatever became of the lease, as long as the shop's pair is the one that
    /// it takes the place of: the older one is worth nothing. It is active and not in doubt, whatever
    /// an attempt in between made of the older one; but what was revoked stays revoked, here as with
    /// [`RefreshEnd::Dead`].
    async fn end_refresh(
        &mut self,
        key: TokenKey,
        lease: LeaseId,
        end: &RefreshEnd,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Takes the right of calling from pairs of these shops that were authorised before `before`;
    /// answers the shops that it was taken from. A pair that is of this state already is left alone,
    /// and so is a revoked one that would have to be authorised again anyway.
    async fn withdraw(
        &mut self,
        connector: ConnectorName,
        environment: Environment,
        shops: &[ShopId],
        before: Timestamp,
        state: TokenState,
        reason: &str,
    ) -> Result<Vec<ShopId>, StoreError>;

    /// Takes the right of calling from this very pair: `false`, and nothing is stored, when the shop
    /// has a pair of another generation by now, or its pair is not [`TokenState::Active`].
    async fn withdraw_pair(
        &mut self,
        key: TokenKey,
        generation: i64,
        state: TokenState,
        reason: &str,
    ) -> Result<bool, StoreError>;

    /// Gives the right of calling back to pairs of these shops that were authorised before `before`
    /// and from which it was taken by mistake; answers the shops that have it back.
    async fn reinstate(
        &mut self,
        connector: ConnectorName,
        environment: Environment,
        shops: &[ShopId],
        before: Timestamp,
        reason: &str,
    ) -> Result<Vec<ShopId>, StoreError> {
        let state = TokenState::Active;
        self.withdraw(connector, environment, shops, before, state, reason)
            .await
    }

    /// Notes when authorisations end.
    async fn note_authorisation_ends(
        &mut self,
        connector: ConnectorName,
        environment: Environment,
        ends: &[(ShopId, Timestamp)],
    ) -> Result<(), StoreError>;
}
