//! A token pair as the three calls that give one reply it (shopee.md §3). Which ids are there depends
//! on who authorised; a shop's authorisation names none.

use std::time::Duration;

use hawker_domain::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;

use crate::wire::{Complaint, Fault, Field, List};

/// How long an access token lives by the documents; they call it `expire_in`, which may be left out.
pub const ACCESS_TOKEN_LIFE: Duration = Duration::from_hours(4);

/// An `expire_in` beyond this is no duration but a moment: the platform's own sample has one.
const DURATION_MAX_S: i64 = 1_000_000_000;

/// A token pair.
#[derive(Debug, Deserialize)]
pub struct TokenWire {
    pub access_token: Field<SecretString>,
    pub refresh_token: Field<SecretString>,
    /// In seconds.
    pub expire_in: Field<i64>,
    pub partner_id: Field<i64>,
    pub shop_id: Field<i64>,
    #[serde(default)]
    pub shop_id_list: List<Field<i64>>,
    #[serde(default)]
    pub merchant_id_list: List<Field<i64>>,
    #[serde(default)]
    pub supplier_id_list: List<Field<i64>>,
}

impl TokenWire {
    /// The pair: access and refresh token.
    pub fn pair(&self) -> Result<(SecretString, SecretString), Complaint> {
        let token = |member, token: &Field<SecretString>| {
            let missing = || Complaint::of(member, &Fault::Missing);
            token.0.clone().ok_or_else(missing)
        };
        Ok((
            token("access_token", &self.access_token)?,
            token("refresh_token", &self.refresh_token)?,
        ))
    }

    /// How long the access token lives from `now` on, by the platform's clock.
    pub fn expires_in(&self, now: Timestamp) -> Duration {
        let seconds = match *self.expire_in {
            None => return ACCESS_TOKEN_LIFE,
            Some(moment) if moment > DURATION_MAX_S => moment.saturating_sub(now.timestamp()),
            Some(seconds) => seconds,
        };
        Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
    }
}

/// The ids of a list that are ones.
pub(crate) fn ids(list: &List<Field<i64>>) -> impl Iterator<Item = i64> + '_ {
    list.iter().filter_map(|id| **id)
}
