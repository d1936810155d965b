//! Errors as RFC 9457 problem details, for every route but the webhook's.
//!
//! Invariants:
//! - `type` is one of [`Kind`]'s URIs. They are documented in `docs/api.md` and may only be added to.
//! - `detail` names the thing, the cause and the next step. It holds no secret, no cause from a
//!   technology underneath, and no text that the client sent where that may be a secret.

mod failures;
mod kind;
mod of_marketplace;
mod of_profiles;
mod of_work;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use self::kind::Kind;
use crate::request_context::RequestId;

/// The `Content-Type` of a problem.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request was not done.
#[derive(Clone, Debug)]
pub(crate) struct Problem(Box<Content>);

#[derive(Clone, Debug)]
struct Content {
    wire: ProblemWire,
    headers: Vec<(HeaderName, HeaderValue)>,
    outcome: Outcome,
}

/// What is known of what was asked for, once it came to a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is decided: the answer stands.
    Settled,
    /// It came to nothing; the same request may succeed.
    Failed,
    /// It may have happened or not.
    Unknown,
}

/// Why a request was not done (RFC 9457).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemWire {
    /// Which kind of problem: stable, to be compared by programs.
    #[serde(rename = "type")]
    #[schema(value_type = String, format = "uri", example = "urn:hawker:problem:not-found")]
    kind: Kind,
    /// The kind in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What is wrong, why, and what to do next; for a person.
    detail: String,
    /// The id of the request, as in the log and in the header `X-Request-Id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    request_id: Option<String>,
    /// What is wrong with which field, all of it at once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
    /// Settings of the profile that have to be filled in first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    missing: Vec<&'static str>,
    /// The version that is there, where another one was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    current_version: Option<i64>,
    /// The scope that the token lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    needed_scope: Option<&'static str>,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// The field, as a path from the top of the body (`switch_on[2]`) or the name of a parameter.
    pub(crate) field: String,
    /// What is wrong with it.
    pub(crate) message: String,
}

impl Problem {
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        let wire = ProblemWire {
            kind,
            title: kind.title(),
            status: kind.status().as_u16(),
            detail: detail.into(),
            request_id: None,
            errors: Vec::new(),
            missing: Vec::new(),
            current_version: None,
            needed_scope: None,
        };
        let outcome = if kind.status().is_server_error() {
            Outcome::Failed
        } else {
            Outcome::Settled
        };
        Self(Box::new(Content {
            wire,
            headers: Vec::new(),
            outcome,
        }))
    }

    /// Nothing of that name is there for whoever asks.
    pub(crate) fn no_such(thing: &str, name: &str) -> Self {
        Self::new(
            Kind::NotFound,
            format!("There is no {thing} `{name}`. List what there is, and check the id."),
        )
    }

    /// The same request may succeed in a moment.
    pub(crate) fn later(kind: Kind, detail: impl Into<String>, seconds: u32) -> Self {
        Self::new(kind, detail).with_header(RETRY_AFTER, &seconds.to_string())
    }

    /// Where the kind alone does not tell what is known of what was asked for.
    #[must_use]
    pub(crate) fn with_outcome(mut self, outcome: Outcome) -> Self {
        self.0.outcome = outcome;
        self
    }

    /// What is known of what was asked for.
    pub(crate) fn outcome(&self) -> Outcome {
        self.0.outcome
    }

    #[must_use]
    pub(crate) fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.0.wire.errors = errors;
        self
    }

    #[must_use]
    pub(crate) fn with_missing(mut self, missing: Vec<&'static str>) -> Self {
        self.0.wire.missing = missing;
        self
    }

    #[must_use]
    pub(crate) fn with_current_version(mut self, version: i64) -> Self {
        self.0.wire.current_version = Some(version);
        self
    }

    #[must_use]
    pub(crate) fn with_needed_scope(mut self, scope: &'static str) -> Self {
        self.0.wire.needed_scope = Some(scope);
        self
    }

    /// The methods that the path answers instead.
    #[must_use]
    pub(crate) fn allowing(self, methods: &str) -> Self {
        self.with_header(ALLOW, methods)
    }

    /// How to prove who asks (RFC 6750).
    #[must_use]
    pub(crate) fn challenging(self, challenge: &str) -> Self {
        self.with_header(WWW_AUTHENTICATE, challenge)
    }

    fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.0.headers.push((name, value));
        }
        self
    }

    #[cfg(test)]
    pub(crate) fn shown(&self) -> serde_json::Value {
        serde_json::to_value(&self.0.wire).expect("JSON")
    }

    /// The answer, with the id of the request, so that it can be found in the log.
    pub(crate) fn answer(mut self, request: &HttpRequest) -> HttpResponse {
        self.0.wire.request_id = request
            .extensions()
            .get::<RequestId>()
            .map(ToString::to_string);
        self.error_response()
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.wire.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.wire.kind.status()
    }

    /// Without the id of the request, which nobody knows here: the guard of the route adds it.
    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status_code());
        for (name, value) in &self.0.headers {
            answer.insert_header((name.clone(), value.clone()));
        }
        let mut answer = answer.content_type(PROBLEM_JSON).json(&self.0.wire);
        answer.extensions_mut().insert(self.clone());
        answer
    }
}

/// There is nothing at this path.
pub(crate) fn nothing_here() -> Problem {
    Problem::new(
        Kind::NotFound,
        "There is nothing at this path. /openapi.json lists what there is.",
    )
}

/// The path is there, but not with this method.
pub(crate) fn method_not_allowed(allowed: &str) -> Problem {
    let detail = format!("This path answers {allowed} only.");
    Problem::new(Kind::MethodNotAllowed, detail).allowing(allowed)
}
