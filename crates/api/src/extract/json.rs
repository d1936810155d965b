//! A body of JSON.

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::{FutureExt as _, LocalBoxFuture};
use serde::de::DeserializeOwned;

use super::words::{Complaint, field_of};
use crate::body::{self, BodyError};
use crate::problem::{FieldError, Kind, Problem};

/// The largest body of a request of the API. The largest form has a few KiB.
pub(crate) const BODY_BYTES_MAX: usize = 64 * 1024;

/// A body of JSON that is a `T`.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest for Json<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let headers = request.headers().clone();
        let payload = web::Payload::from_request(request, payload);
        async move {
            let is_json = headers
                .get(CONTENT_TYPE)
                .and_then(|value| value.to_str().ok())
                .is_some_and(is_json);
            let payload = payload.await.map_err(|_| unreadable(BodyError::Broken))?;
            let read = body::read(&headers, payload, BODY_BYTES_MAX).await;
            let body = read.map_err(unreadable)?;
            if !is_json {
                return Err(Problem::new(
                    Kind::NotJson,
                    "The body must be JSON and be declared as such. Send the header \
                     `Content-Type: application/json`.",
                ));
            }
            parse(&body).map(Self)
        }
        .boxed_local()
    }
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// A body that could not be read.
pub(crate) fn unreadable(error: BodyError) -> Problem {
    match error {
        BodyError::TooLarge => Problem::new(
            Kind::BodyTooLarge,
            format!("A body may have {BODY_BYTES_MAX} bytes at the most. Send less at once."),
        ),
        BodyError::TooSlow => Problem::new(
            Kind::BodyTooSlow,
            "The body did not arrive in time. Send the request again.",
        ),
        BodyError::Broken => Problem::new(
            Kind::Malformed,
            "The body broke off, or is not framed as HTTP wants it. Send the request again.",
        ),
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        if error.classify() == serde_json::error::Category::Data {
            invalid(&path, &error.to_string())
        } else {
            no_json(&error)
        }
    })?;
    deserializer.end().map_err(|error| no_json(&error))?;
    Ok(value)
}

fn no_json(error: &serde_json::Error) -> Problem {
    Problem::new(
        Kind::Malformed,
        format!(
            "The body is no JSON: look at line {}, column {}.",
            error.line(),
            error.column()
        ),
    )
}

fn invalid(path: &str, words: &str) -> Problem {
    let complaint = Complaint::of(words);
    let field = field_of(path, &complaint);
    let detail = format!("`{field}`: {}.", complaint.message);
    let message = complaint.message;
    Problem::new(Kind::Invalid, detail).with_errors(vec![FieldError { field, message }])
}
