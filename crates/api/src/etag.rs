//! Versions of things as entity tags: `"v7"`, or `"prof_….v7"` where the path does not name the
//! profile. Who changes something may say which version was read, and is told when another one is
//! there by now.
//!
//! Invariants:
//! - A tag stands for what can be changed, and for nothing else that an answer shows (the state of a
//!   token, what is due): it is good for `If-Match` and never for leaving a body out.
//! - A tag that is marked as weak counts like the tag itself: whoever compresses answers on their way
//!   marks them so, and the version is the same.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use hawker_domain::ids::ProfileId;

use crate::problem::{Kind, Problem};

/// The tag of a version.
pub(crate) fn tag(version: i64) -> String {
    format!("\"v{version}\"")
}

/// The tag of a version of a profile where the path does not say which profile it is.
pub(crate) fn tag_of(profile: &ProfileId, version: i64) -> String {
    format!("\"{profile}.v{version}\"")
}

/// The version that the client expects to change (`If-Match`); none when it does not say, or says
/// that any will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expected(pub(crate) Option<i64>);

impl Expected {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let Some(tag) = tag_in(request).map_err(|_| unreadable("v7"))? else {
            return Ok(Self(None));
        };
        let version = version_in(tag).ok_or_else(|| unreadable("v7"))?;
        Ok(Self(Some(version)))
    }
}

impl FromRequest for Expected {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

/// The profile, and its version, that the client expects to change where the path does not say which
/// profile it is; none when it does not say, or says that any will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExpectedProfile(pub(crate) Option<(ProfileId, i64)>);

impl ExpectedProfile {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let refused = || unreadable("prof_….v7");
        let Some(tag) = tag_in(request).map_err(|_| refused())? else {
            return Ok(Self(None));
        };
        let (profile, version) = tag.rsplit_once('.').ok_or_else(refused)?;
        let profile = ProfileId::parse(profile).ok_or_else(refused)?;
        let version = version_in(version).ok_or_else(refused)?;
        Ok(Self(Some((profile, version))))
    }
}

impl FromRequest for ExpectedProfile {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

/// `If-Match` holds something else than one tag.
struct NoTag;

/// What stands between the quotes of the tag in `If-Match`; none where the header is left out or `*`.
fn tag_in(request: &HttpRequest) -> Result<Option<&str>, NoTag> {
    let mut values = request.headers().get_all(header::IF_MATCH);
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(NoTag);
    }
    let text = value.to_str().map_err(|_| NoTag)?.trim();
    if text == "*" {
        return Ok(None);
    }
    let tag = text.strip_prefix("W/").unwrap_or(text);
    let inside = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
    inside.map(Some).ok_or(NoTag)
}

fn version_in(text: &str) -> Option<i64> {
    text.strip_prefix('v')?.parse().ok()
}

fn unreadable(form: &str) -> Problem {
    Problem::new(
        Kind::Malformed,
        format!(
            "If-Match holds no single version of the form \"{form}\". Send the ETag of what you \
             read, quotes included, or leave the header out."
        ),
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
    fn a_tag_that_was_marked_as_weak_on_its_way_is_the_same_tag() {
        assert_eq!(expected("W/\"v7\""), Some(Expected(Some(7))));
    }

    #[test]
    fn a_tag_that_is_not_ours_is_refused_and_not_ignored() {
        for text in [
            "v7",
            "\"7\"",
            "w/\"v7\"",
            "W/v7",
            "\"v7\", \"v8\"",
            "\"vx\"",
            "\"prof_1.v7\"",
            "\"",
            "",
        ] {
            assert_eq!(expected(text), None, "{text}");
        }
    }

    fn expected_profile(value: &str) -> Option<ExpectedProfile> {
        let request = TestRequest::default().insert_header((header::IF_MATCH, value));
        ExpectedProfile::of(&request.to_http_request()).ok()
    }

    #[test]
    fn a_tag_names_the_profile_where_the_path_does_not() {
        let profile = ProfileId::parse("prof_1").expect("an id");
        let tag = tag_of(&profile, 7);
        let both = Some(ExpectedProfile(Some((profile, 7))));
        assert_eq!(expected_profile(&tag), both);
        assert_eq!(expected_profile(&format!("W/{tag}")), both);
        assert_eq!(expected_profile("*"), Some(ExpectedProfile(None)));
        for text in [
            "\"v7\"",
            "\".v7\"",
            "\"prof_1\"",
            "\"prof_1.7\"",
            "prof_1.v7",
        ] {
            assert_eq!(expected_profile(text), None, "{text}");
        }
    }
}
