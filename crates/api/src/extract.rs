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
use hawker_domain::ids::{EventId, ProfileId};

pub(crate) use self::json::{BODY_BYTES_MAX, Json, unreadable};
pub(crate) use self::query::Query;
use crate::problem::Problem;

/// The profile that the path names.
pub(crate) struct ProfileInPath(pub(crate) ProfileId);

impl FromRequest for ProfileInPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    /// What cannot be the id of a profile is the id of none.
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(in_path(request, "profile", ProfileId::parse).map(Self))
    }
}

/// The event that the path names.
pub(crate) struct EventInPath(pub(crate) EventId);

impl FromRequest for EventInPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parse = |text: &str| EventId::from_str(text).ok();
        ready(in_path(request, "event", parse).map(Self))
    }
}

fn in_path<T>(
    request: &HttpRequest,
    thing: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, Problem> {
    let text = request.match_info().get("id").unwrap_or_default();
    parse(text).ok_or_else(|| {
        let shown: String = text.chars().take(64).collect();
        Problem::no_such(thing, &shown)
    })
}
