//! Authorising shops: the links that sellers follow, the codes they come back with, the token pairs
//! that these are exchanged for; and which authorisations were asked for.

use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::audit::Actor;
use hawker_domain::ids::ProfileId;
use hawker_domain::{ShopId, Timestamp};
use secrecy::SecretString;

use crate::marketplace::{AppAccess, MarketplaceError};
use crate::sealing::Digest;
use crate::store::StoreError;

/// For whom a seller authorised the app, as the way back from the marketplace says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grantee {
    /// One shop.
    Shop(ShopId),
    /// A main account with several shops; the answer names them.
    MainAccount(i64),
}

/// A token pair as the marketplace gave it.
#[derive(Clone, Debug)]
pub struct GrantedPair {
    /// The access token.
    pub access_token: SecretString,
    /// The refresh token: good for one use for each shop.
    pub refresh_token: SecretString,
    /// How long the access token lives from now.
    pub expires_in: Duration,
    /// The marketplace's answer without the tokens: a JSON object.
    pub payload: serde_json::Map<String, serde_json::Value>,
    /// The marketplace's own id of the call.
    pub request_id: Option<String>,
}

/// What a code was exchanged for.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The pair. Of a main account it is shared: each shop has to be refreshed for itself.
    pub pair: GrantedPair,
    /// The shops that it is for, where the answer names them.
    pub shops: Vec<ShopId>,
    /// The merchants that it is for.
    pub merchants: Vec<i64>,
    /// The suppliers that it is for.
    pub suppliers: Vec<i64>,
}

/// A shop that authorised the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorisedShop {
    /// The shop.
    pub shop: ShopId,
    /// Its market, in the marketplace's words.
    pub region: Option<String>,
    /// When the authorisation was given.
    pub authorised_at: Option<Timestamp>,
    /// When it ends.
    pub ends_at: Option<Timestamp>,
}

/// Authorises shops at the marketplace.
#[async_trait]
pub trait Authoriser: Send + Sync {
    /// Where a seller's browser is sent to authorise the app; `redirect` is where it comes back to.
    /// Good for five minutes: made when it is followed, never stored (shopee.md §2.2).
    fn authorisation_link(
        &self,
        app: &AppAccess,
        redirect: &str,
    ) -> Result<String, MarketplaceError>;

    /// The same to take an authorisation back.
    fn cancellation_link(
        &self,
        app: &AppAccess,
        redirect: &str,
    ) -> Result<String, MarketplaceError>;

    /// Exchanges a code; a code is good for ten minutes and a single use.
    async fn exchange_code(
        &self,
        app: &AppAccess,
        code: &SecretString,
        grantee: Grantee,
    ) -> Result<Grant, MarketplaceError>;

    /// Renews a shop's pair. The refresh token is used up by it, whether the answer arrives or not:
    /// [`MarketplaceError::MaybeApplied`] where it did not.
    async fn refresh(
        &self,
        app: &AppAccess,
        shop: ShopId,
        refresh_token: &SecretString,
    ) -> Result<GrantedPair, MarketplaceError>;

    /// Exchanges a resend code, which the marketplace's support gives out when a pair was lost.
    async fn redeem_resend_code(
        &self,
        app: &AppAccess,
        code: &SecretString,
    ) -> Result<Grant, MarketplaceError>;

    /// Every shop that authorises the app at this moment.
    async fn authorised_shops(
        &self,
        app: &AppAccess,
    ) -> Result<Vec<AuthorisedShop>, MarketplaceError>;
}

/// An authorisation that a seller was asked for.
#[derive(Clone, Debug)]
pub struct PendingAuthorisation {
    /// The digest of the nonce in the URL that the seller comes back to.
    pub nonce: Digest,
    /// For this profile.
    pub profile: ProfileId,
    /// Who asked.
    pub asked_by: Actor,
    /// Until when the seller may come back.
    pub expires_at: Timestamp,
}

/// What a nonce is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redeemed {
    /// It was good, and from now on it is used.
    Good {
        /// The profile that it was made for.
        profile: ProfileId,
    },
    /// It was used before.
    Used,
    /// It is too old.
    Expired,
    /// It was never given out.
    Unknown,
}

/// Authorisations that sellers were asked for.
#[async_trait]
pub trait PendingAuthorisations: Send {
    /// Keeps one; those that ended more than a day ago are dropped.
    async fn ask(&mut self, asked: &PendingAuthorisation, now: Timestamp)
    -> Result<(), StoreError>;

    /// Uses a nonce up. Of any number of callers one gets [`Redeemed::Good`].
    async fn redeem(&mut self, nonce: &Digest, now: Timestamp) -> Result<Redeemed, StoreError>;
}
