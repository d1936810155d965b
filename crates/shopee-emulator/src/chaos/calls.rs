//! Chances for calls.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::api::{AuthText, Endpoint, Fault};
use crate::push::millis;

/// Chances of one call; together they should not be more than 1.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CallChaos {
    /// 429, with a `Retry-After` or without.
    pub rate_limited: f64,
    /// A 5xx with HTML, or `error_inner`.
    pub server_error: f64,
    /// No answer for [`CallChaos::hang_for`], then a closed connection. Nothing was done.
    pub hang: f64,
    /// Real time.
    #[serde(with = "millis", rename = "hang_ms")]
    pub hang_for: Duration,
    pub edge_html: f64,
    pub truncated: f64,
    pub garbage: f64,
    /// Everything was done, and the answer got lost.
    pub lost_reply: f64,
    /// `error_auth` with a text that has nothing to do with tokens.
    pub overloaded_auth: f64,
    /// Of calls that give tokens, for which `lost_reply` and `truncated` do not count: such a loss
    /// ends the authorisation, because nobody else knows the new pair.
    pub lost_token_reply: f64,
}

impl Default for CallChaos {
    fn default() -> Self {
        Self {
            rate_limited: 0.0,
            server_error: 0.0,
            hang: 0.0,
            hang_for: Duration::from_millis(500),
            edge_html: 0.0,
            truncated: 0.0,
            garbage: 0.0,
            lost_reply: 0.0,
            overloaded_auth: 0.0,
            lost_token_reply: 0.0,
        }
    }
}

/// What went wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CallTrouble {
    RateLimited,
    ServerError,
    Hang,
    EdgeHtml,
    Truncated,
    Garbage,
    LostReply,
    OverloadedAuth,
    LostTokenReply,
}

/// The first part of an endpoint's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointFamily {
    Auth,
    Public,
    Shop,
    Push,
    Order,
    Payment,
    Logistics,
    Returns,
    Product,
}

impl EndpointFamily {
    pub fn of(endpoint: Endpoint) -> Self {
        let (family, _) = endpoint.name().split_once('/').unwrap_or_default();
        match family {
            "auth" => Self::Auth,
            "shop" => Self::Shop,
            "push" => Self::Push,
            "order" => Self::Order,
            "payment" => Self::Payment,
            "logistics" => Self::Logistics,
            "returns" => Self::Returns,
            "product" => Self::Product,
            _ => Self::Public,
        }
    }
}

impl CallChaos {
    pub(super) fn roll(
        &self,
        gives_tokens: bool,
        random: &mut fastrand::Rng,
    ) -> Option<CallTrouble> {
        let of_tokens = |chance: f64| if gives_tokens { chance } else { 0.0 };
        let of_others = |chance: f64| if gives_tokens { 0.0 } else { chance };
        let drawn = random.f64();
        let mut reached = 0.0;
        [
            (CallTrouble::RateLimited, self.rate_limited),
            (CallTrouble::ServerError, self.server_error),
            (CallTrouble::Hang, self.hang),
            (CallTrouble::EdgeHtml, self.edge_html),
            (CallTrouble::Truncated, of_others(self.truncated)),
            (CallTrouble::Garbage, self.garbage),
            (CallTrouble::LostReply, of_others(self.lost_reply)),
            (CallTrouble::OverloadedAuth, self.overloaded_auth),
            (
                CallTrouble::LostTokenReply,
                of_tokens(self.lost_token_reply),
            ),
        ]
        .into_iter()
        .find_map(|(trouble, chance)| {
            reached += chance;
            (drawn < reached).then_some(trouble)
        })
    }

    pub(super) fn fault(&self, trouble: CallTrouble, random: &mut fastrand::Rng) -> Fault {
        match trouble {
            CallTrouble::RateLimited => Fault::RateLimited {
                retry_after: random.bool().then_some(1),
            },
            CallTrouble::ServerError => match random.u8(..4) {
                0 => Fault::Inner,
                1 => Fault::status(500, "<html>Internal Server Error</html>"),
                2 => Fault::status(502, "<html>Bad Gateway</html>"),
                _ => Fault::status(503, "<html>Service Unavailable</html>"),
            },
            CallTrouble::Hang => Fault::hang(self.hang_for),
            CallTrouble::EdgeHtml => Fault::EdgeForbidden,
            CallTrouble::Truncated => Fault::TruncatedJson,
            CallTrouble::Garbage => Fault::Garbage,
            CallTrouble::LostReply | CallTrouble::LostTokenReply => Fault::LostReply,
            CallTrouble::OverloadedAuth => {
                let texts = AuthText::OF_BUSINESS;
                Fault::Auth(texts[random.usize(..texts.len())])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_belongs_to_the_family_of_its_path() {
        for endpoint in Endpoint::ALL.iter().copied() {
            let family = serde_json::to_value(EndpointFamily::of(endpoint)).unwrap();
            assert_eq!(endpoint.name().split('/').next(), family.as_str());
        }
    }
}
