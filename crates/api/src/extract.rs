//! What handlers take from a request, each refused with a problem that names the field.
//!
//! Invariants:
//! - A field or parameter that is not known is refused by name: a typo must not look like success.
//! - What the client sent is not repeated in the answer: it may be a secret in the wrong field. Only
//!   a name that is none of a closed set is, shortened.

mod json;
mod query;
mod words;

#[cfg(test)]
mod tests;

use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use hawker_domain::OrderSn;
use hawker_domain::ids::{EventId, ExceptionId, JobRunId, ProfileId, RetryBatchId};
use hawker_domain::schedule::JobName;

pub(crate) use self::json::{BODY_BYTES_MAX, Json, unreadable};
pub(crate) use self::query::Query;
use crate::problem::Problem;

macro_rules! in_paths {
    ($($(#[$doc:meta])+ $name:ident = $variable:literal of $thing:literal: $id:ty, $parse:expr;)+) => {$(
        $(#[$doc])+
        pub(crate) struct $name(pub(crate) $id);

        impl FromRequest for $name {
            type Error = Problem;
            type Future = Ready<Result<Self, Problem>>;

            /// What cannot be the name of such a thing is the name of none.
            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let text = request.match_info().get($variable).unwrap_or_default();
                let parse: fn(&str) -> Option<$id> = $parse;
                ready(parse(text).map(Self).ok_or_else(|| no_such($thing, text)))
            }
        }
    )+};
}

in_paths! {
    /// The profile that the path names.
    ProfileInPath = "id" of "profile": ProfileId, ProfileId::parse;
    /// The event that the path names.
    EventInPath = "id" of "event": EventId, |text| EventId::from_str(text).ok();
    /// The exception that the path names.
    ExceptionInPath = "id" of "exception": ExceptionId, |text| ExceptionId::from_str(text).ok();
    /// The retry that the path names.
    BatchInPath = "batch" of "retry": RetryBatchId, |text| RetryBatchId::from_str(text).ok();
    /// The order that the path names.
    OrderInPath = "sn" of "order": OrderSn, OrderSn::parse;
    /// The job that the path names.
    JobInPath = "job" of "job": JobName, |text| JobName::from_str(text).ok();
    /// The run of a job that the path names.
    RunInPath = "id" of "run": JobRunId, |text| JobRunId::from_str(text).ok();
}

fn no_such(thing: &str, text: &str) -> Problem {
    let shown: String = text.chars().take(64).collect();
    Problem::no_such(thing, &shown)
}
