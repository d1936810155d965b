//! Scripted failures: what goes wrong with the next calls of an endpoint.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde::Deserialize;

use super::endpoint::Endpoint;

/// One way for a call to go wrong.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Any status with any body; it is called JSON when it begins like JSON.
    Status { code: u16, body: String },
    /// A refusal in the platform's envelope.
    Error { code: String, message: String },
    /// `error_auth`, which the platform says for many reasons that have nothing to do with tokens.
    Auth(AuthText),
    /// `error_inner`.
    Inner,
    /// `error_rate_limit` with 429, with a `Retry-After` if given.
    RateLimited { retry_after: Option<u32> },
    /// The edge turns the caller away with an HTML page, before the gateway.
    EdgeForbidden,
    /// No answer for that long (or until the emulator stops), then a closed connection.
    Hang { millis: u64 },
    /// The right answer, that much later.
    Slow { millis: u64 },
    /// Everything is done at once, and the answer comes that much later.
    SlowReply { millis: u64 },
    /// The connection is closed without a byte of an answer; nothing was done.
    Drop,
    /// Everything was done, and the answer got lost with the connection.
    LostReply,
    /// The right answer, cut off in the middle of the JSON.
    TruncatedJson,
    /// Bytes that are no JSON, under the type of JSON.
    Garbage,
}

impl Fault {
    pub fn status(code: u16, body: impl Into<String>) -> Self {
        Self::Status {
            code,
            body: body.into(),
        }
    }

    pub fn error(code: &str, message: &str) -> Self {
        Self::Error {
            code: code.to_owned(),
            message: message.to_owned(),
        }
    }

    pub fn slow_reply(time: Duration) -> Self {
        Self::SlowReply {
            millis: u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
        }
    }

    pub fn hang(time: Duration) -> Self {
        Self::Hang {
            millis: u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// What an `error_auth` may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthText {
    /// The one text that is about the token.
    InvalidAccessToken,
    /// The link between app and shop is gone.
    InvalidPartnerOrShop,
    NoPermission,
    InvalidPartnerId,
    AppDeleted,
    LackOfLocation,
    LocationNotMatched,
    StockBelowReserved,
    ForeignLocation,
    ModelLevelDts,
    SystemError,
}

impl AuthText {
    /// The texts that have nothing to do with tokens, apps or links.
    pub const OF_BUSINESS: [Self; 6] = [
        Self::LackOfLocation,
        Self::LocationNotMatched,
        Self::StockBelowReserved,
        Self::ForeignLocation,
        Self::ModelLevelDts,
        Self::SystemError,
    ];

    /// As the specifications word it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidAccessToken => "Invalid access_token.",
            Self::InvalidPartnerOrShop => "Invalid partner_id or shopid.",
            Self::NoPermission => "No permission to current api.",
            Self::InvalidPartnerId => "partner_id is invalid",
            Self::AppDeleted => "The App is deleted, and you'll be unable to make any API call.",
            Self::LackOfLocation => "Lack of location_id, please double check.",
            Self::LocationNotMatched => {
                "The location_id input is not matched the shop's location_id(more/wrong). Please \
                 double check."
            }
            Self::StockBelowReserved => "Total stock must be more than reserved stock.",
            Self::ForeignLocation => {
                "You do not have right to use seller location_id, please only fill seller_stock \
                 filed."
            }
            Self::ModelLevelDts => "Your shop can not use model level dts",
            Self::SystemError => "System error, please try again later.",
        }
    }
}

/// Faults that wait for calls: each endpoint has a queue of its own, and the endpoints that give
/// tokens have one in common besides.
#[derive(Debug, Default)]
pub(crate) struct FaultQueue {
    waiting: BTreeMap<Endpoint, Queue>,
    of_token_calls: Queue,
}

type Queue = VecDeque<(Fault, u32)>;

impl FaultQueue {
    pub fn add(&mut self, endpoint: Endpoint, fault: Fault, times: u32) {
        if times > 0 {
            self.waiting
                .entry(endpoint)
                .or_default()
                .push_back((fault, times));
        }
    }

    /// For the next calls that give tokens, whichever they are.
    pub fn add_to_token_calls(&mut self, fault: Fault, times: u32) {
        if times > 0 {
            self.of_token_calls.push_back((fault, times));
        }
    }

    /// An endpoint's own faults come first.
    pub fn take(&mut self, endpoint: Endpoint) -> Option<Fault> {
        let own = self.waiting.get_mut(&endpoint).and_then(take_first);
        if own.is_none() && endpoint.gives_tokens() {
            return take_first(&mut self.of_token_calls);
        }
        own
    }

    pub fn clear(&mut self) {
        self.waiting.clear();
        self.of_token_calls.clear();
    }
}

fn take_first(queue: &mut Queue) -> Option<Fault> {
    let (fault, left) = queue.front_mut()?;
    let fault = fault.clone();
    *left -= 1;
    if *left == 0 {
        queue.pop_front();
    }
    Some(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_used_up_in_order_and_by_endpoint() {
        let mut faults = FaultQueue::default();
        faults.add(Endpoint::OrderDetail, Fault::Inner, 2);
        faults.add(Endpoint::OrderDetail, Fault::Drop, 1);
        assert_eq!(faults.take(Endpoint::OrderList), None);
        let taken: Vec<_> = (0..4).map(|_| faults.take(Endpoint::OrderDetail)).collect();
        assert_eq!(
            taken,
            [
                Some(Fault::Inner),
                Some(Fault::Inner),
                Some(Fault::Drop),
                None
            ]
        );
    }
}
