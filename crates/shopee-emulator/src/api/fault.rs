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

    pub fn hang(time: Duration) -> Self {
        Self::Hang {
            millis: u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// Faults that wait for calls: each endpoint has a queue of its own.
#[derive(Debug, Default)]
pub(crate) struct FaultQueue {
    waiting: BTreeMap<Endpoint, VecDeque<(Fault, u32)>>,
}

impl FaultQueue {
    pub fn add(&mut self, endpoint: Endpoint, fault: Fault, times: u32) {
        if times > 0 {
            self.waiting
                .entry(endpoint)
                .or_default()
                .push_back((fault, times));
        }
    }

    pub fn take(&mut self, endpoint: Endpoint) -> Option<Fault> {
        let queue = self.waiting.get_mut(&endpoint)?;
        let (fault, left) = queue.front_mut()?;
        let fault = fault.clone();
        *left -= 1;
        if *left == 0 {
            queue.pop_front();
        }
        Some(fault)
    }

    pub fn clear(&mut self) {
        self.waiting.clear();
    }
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
