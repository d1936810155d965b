//! The query of a URL.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use super::words::{Complaint, field_of};
use crate::problem::{FieldError, Kind, Problem};

/// The query of a URL that is a `T`.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request.query_string()).map(Self))
    }
}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let pairs = form_urlencoded::parse(query.as_bytes());
    let deserializer = serde_urlencoded::Deserializer::new(pairs);
    serde_path_to_error::deserialize(deserializer)
        .map_err(|error| invalid(&error.path().to_string(), &error.inner().to_string()))
}

fn invalid(path: &str, words: &str) -> Problem {
    let complaint = Complaint::of(words);
    let field = field_of(path, &complaint);
    let detail = format!("`{field}` in the query of the URL: {}.", complaint.message);
    let message = complaint.message;
    Problem::new(Kind::Invalid, detail).with_errors(vec![FieldError { field, message }])
}
