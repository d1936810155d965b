//! Refresh tokens: each works once for each shop and merchant that it was issued to.

use std::collections::BTreeMap;

use crate::world::consent::Grantee;
use crate::world::ids::Timestamp;

/// What is remembered of them, used ones included: a client that repeats one is told apart from
/// one that invents one.
#[derive(Debug, Default)]
pub(crate) struct RefreshTokens {
    by_text: BTreeMap<String, BTreeMap<Grantee, RefreshToken>>,
}

#[derive(Clone, Copy, Debug)]
struct RefreshToken {
    state: State,
    expires_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Live,
    /// Used, or replaced by another authorisation.
    Spent,
}

/// Why a refresh token does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    Unknown,
    /// It was issued to others.
    NotYours,
    Spent,
    Expired,
}

impl RefreshTokens {
    pub fn issue(&mut self, text: &str, grantees: &[Grantee], expires_at: Timestamp) {
        let state = State::Live;
        let issued = self.by_text.entry(text.to_owned()).or_default();
        issued.extend(
            grantees
                .iter()
                .map(|grantee| (*grantee, RefreshToken { state, expires_at })),
        );
    }

    pub fn spend(&mut self, text: &str, grantee: Grantee, now: Timestamp) -> Result<(), Unfit> {
        let issued = self.by_text.get_mut(text).ok_or(Unfit::Unknown)?;
        let token = issued.get_mut(&grantee).ok_or(Unfit::NotYours)?;
        match token.state {
            State::Spent => Err(Unfit::Spent),
            State::Live if token.expires_at <= now => Err(Unfit::Expired),
            State::Live => {
                token.state = State::Spent;
                Ok(())
            }
        }
    }

    /// Whatever they had works no more.
    pub fn replace(&mut self, grantee: Grantee) {
        for issued in self.by_text.values_mut() {
            if let Some(token) = issued.get_mut(&grantee) {
                token.state = State::Spent;
            }
        }
    }

    /// As if thirty days had passed.
    pub fn expire(&mut self, grantee: Grantee, at: Timestamp) {
        for issued in self.by_text.values_mut() {
            if let Some(token) = issued.get_mut(&grantee) {
                token.expires_at = token.expires_at.min(at);
            }
        }
    }

    /// The one that would work now.
    pub fn current(&self, grantee: Grantee, now: Timestamp) -> Option<&str> {
        self.by_text.iter().find_map(|(text, issued)| {
            issued
                .get(&grantee)
                .filter(|token| token.state == State::Live && now < token.expires_at)
                .map(|_| text.as_str())
        })
    }
}
