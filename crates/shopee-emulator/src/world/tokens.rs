//! Tokens, and the codes that become tokens. Their lives are measured on the wall clock, like the
//! platform's.
//!
//! Invariant: a shop or merchant has at most one refresh token that would work.

mod access;
mod codes;
mod refresh;

use std::fmt;

use super::consent::Grantee;
use super::ids::{Serials, Timestamp};

pub(crate) use access::AccessTokens;
pub(crate) use codes::{CodeRefusal, Codes, Redeemed};
pub(crate) use refresh::{RefreshTokens, Unfit};

/// Four hours.
pub const ACCESS_TOKEN_SECONDS: i64 = 4 * 3600;
/// Thirty days.
pub const REFRESH_TOKEN_SECONDS: i64 = 30 * 86_400;
/// How long an access token still opens after its successor was issued.
pub const GRACE_SECONDS: i64 = 300;
/// How long the code of a redirect can be exchanged.
pub const CODE_SECONDS: i64 = 600;

/// An access token with the refresh token that renews it.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenPair {
    pub access_token: String,
    pub refresh_token: String,
    pub expires_at: Timestamp,
    pub refresh_expires_at: Timestamp,
}

/// The times alone: tokens are not for logs.
impl fmt::Debug for TokenPair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TokenPair")
            .field("expires_at", &self.expires_at)
            .field("refresh_expires_at", &self.refresh_expires_at)
            .finish_non_exhaustive()
    }
}

/// How long new tokens live, in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lives {
    pub access: i64,
    pub refresh: i64,
}

impl Default for Lives {
    fn default() -> Self {
        Self {
            access: ACCESS_TOKEN_SECONDS,
            refresh: REFRESH_TOKEN_SECONDS,
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Tokens {
    pub access: AccessTokens,
    pub refresh: RefreshTokens,
    pub codes: Codes,
    pub lives: Lives,
}

impl Tokens {
    /// A pair that all of them share. It replaces the pairs that they had, at once.
    pub fn grant(
        &mut self,
        grantees: &[Grantee],
        serials: &mut Serials,
        now: Timestamp,
    ) -> TokenPair {
        let pair = self.new_pair(serials, now);
        self.seed(grantees, &pair, now);
        pair
    }

    /// The same with tokens from outside.
    pub fn seed(&mut self, grantees: &[Grantee], pair: &TokenPair, now: Timestamp) {
        for grantee in grantees {
            self.access.retire(*grantee, now);
            self.refresh.replace(*grantee);
        }
        self.access
            .issue(&pair.access_token, grantees, pair.expires_at);
        self.refresh
            .issue(&pair.refresh_token, grantees, pair.refresh_expires_at);
    }

    /// Uses a refresh token up; the access tokens before it open for [`GRACE_SECONDS`] more.
    pub fn rotate(
        &mut self,
        text: &str,
        grantee: Grantee,
        serials: &mut Serials,
        now: Timestamp,
    ) -> Result<TokenPair, Unfit> {
        self.refresh.spend(text, grantee, now)?;
        let pair = self.new_pair(serials, now);
        self.access.retire(grantee, now + GRACE_SECONDS);
        self.access
            .issue(&pair.access_token, &[grantee], pair.expires_at);
        self.refresh
            .issue(&pair.refresh_token, &[grantee], pair.refresh_expires_at);
        Ok(pair)
    }

    /// The authorisation is gone, and all that came of it.
    pub fn end_all_of(&mut self, grantee: Grantee, now: Timestamp) {
        self.access.retire(grantee, now);
        self.refresh.replace(grantee);
        self.codes.void(grantee);
    }

    fn new_pair(&self, serials: &mut Serials, now: Timestamp) -> TokenPair {
        TokenPair {
            access_token: serials.hex32(),
            refresh_token: serials.hex32(),
            expires_at: now + self.lives.access,
            refresh_expires_at: now + self.lives.refresh,
        }
    }
}

#[cfg(test)]
mod tests;
