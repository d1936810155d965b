//! Versions of things as entity tags: `"v7"`. Who changes something may say which version was read,
//! and is told when another one is there by now.

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderName};
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};

use crate::problem::{Kind, Problem};

/// The tag of a version.
pub(crate) fn tag(version: i64) -> String {
    format!("\"v{version}\"")
}

/// The version that the client expects to change (`If-Match`); none when it does not say, or says
/// that any will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expected(pub(crate) Option<i64>);

impl Expected {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let Some(text) = text_of(request, &header::IF_MATCH)? else {
            return Ok(Self(None));
        };
        if text == "*" {
            return Ok(Self(None));
        }
        let version = text
            .strip_prefix("\"v")
            .and_then(|rest| rest.strip_suffix('"'))
            .and_then(|version| version.parse().ok());
        match version {
            Some(version) => Ok(Self(Some(version))),
            None => Err(unreadable()),
        }
    }
}

impl FromRequest for Expected {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

/// Whether the client has this version already (`If-None-Match`).
pub(crate) fn is_known(request: &HttpRequest, version: i64) -> bool {
    let Ok(Some(text)) = text_of(request, &header::IF_NONE_MATCH) else {
        return false;
    };
    let ours = tag(version);
    text.split(',')
        .map(str::trim)
        .any(|theirs| theirs == "*" || theirs.strip_prefix("W/").unwrap_or(theirs) == ours)
}

fn text_of<'a>(request: &'a HttpRequest, name: &HeaderName) -> Result<Option<&'a str>, Problem> {
    let mut values = request.headers().get_all(name);
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(unreadable());
    }
    value
        .to_str()
        .map(|text| Some(text.trim()))
        .map_err(|_| unreadable())
}

fn unreadable() -> Problem {
    Problem::new(
        Kind::Malformed,
        "If-Match holds no single version of the form \"v7\". Send the ETag of what you read, \
         quotes included, or leave the header out.",
    )
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn expected(value: &str) -> Option<Expected> {
        let request = TestRequest::default().insert_header((header::IF_MATCH, value));
        Expected::of(&request.to_http_request()).ok()
    }

    #[test]
    fn the_tag_of_a_version_is_what_names_it() {
        assert_eq!(expected(&tag(7)), Some(Expected(Some(7))));
        assert_eq!(expected("*"), Some(Expected(None)));
        let without = TestRequest::default().to_http_request();
        assert_eq!(Expected::of(&without).ok(), Some(Expected(None)));
    }

    #[test]
    fn a_tag_that_is_not_ours_is_refused_and_not_ignored() {
        for text in ["v7", "\"7\"", "W/\"v7\"", "\"v7\", \"v8\"", "\"vx\"", ""] {
            assert_eq!(expected(text), None, "{text}");
        }
    }

    #[test]
    fn a_copy_is_known_by_its_tag_weak_or_not() {
        for (text, is_known_of_7) in [
            ("\"v7\"", true),
            ("W/\"v7\"", true),
            ("\"v1\", \"v7\"", true),
            ("*", true),
            ("\"v1\"", false),
            ("\"v77\"", false),
        ] {
            let request = TestRequest::default().insert_header((header::IF_NONE_MATCH, text));
            assert_eq!(
                is_known(&request.to_http_request(), 7),
                is_known_of_7,
                "{text}"
            );
        }
    }
}
