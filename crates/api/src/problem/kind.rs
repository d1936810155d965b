//! The kinds of problems, each with its stable URI, its words and its status.

use actix_web::http::StatusCode;
use serde::{Serialize, Serializer};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $slug:literal, $status:ident, $title:literal;)+) => {
        /// A kind of problem.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Kind { $($(#[$doc])* $name,)+ }

        impl Kind {
            #[cfg(test)]
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its URI: stable, and no address.
            pub(crate) const fn uri(self) -> &'static str {
                match self { $(Self::$name => concat!("urn:hawker:problem:", $slug),)+ }
            }

            pub(crate) const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)+ }
            }

            pub(crate) const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)+ }
            }
        }
    };
}

kinds! {
    /// The request cannot be read.
    Malformed = "malformed-request", BAD_REQUEST, "The request cannot be read";
    /// Who asks is not known.
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "A valid token is needed";
    /// Who asks may not.
    ScopeMissing = "scope-missing", FORBIDDEN, "The token does not allow this";
    /// It is not there for whoever asks.
    NotFound = "not-found", NOT_FOUND, "Not found";
    /// The path has other methods.
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, "Method not allowed";
    /// The body did not arrive in time.
    BodyTooSlow = "body-too-slow", REQUEST_TIMEOUT, "The body did not arrive in time";
    /// Somebody else changed the same thing at the same time.
    Conflict = "conflict", CONFLICT, "Changed by somebody else at the same time";
    /// Something has to be filled in first.
    NotConfigured = "not-configured", CONFLICT, "Not fully configured";
    /// The profile is in use.
    ProfileIsActive = "profile-is-active", CONFLICT, "The profile is active";
    /// Another request with the same key is being worked on.
    RequestUnderWay = "request-under-way", CONFLICT, "The same request is under way";
    /// The marketplace cannot be called for the profile as it is.
    ConnectionBlocked = "connection-blocked", CONFLICT, "The marketplace cannot be called";
    /// Another version was expected.
    VersionMismatch = "version-mismatch", PRECONDITION_FAILED, "Changed since it was read";
    /// The body is too long.
    BodyTooLarge = "body-too-large", PAYLOAD_TOO_LARGE, "The body is too large";
    /// The body is no JSON.
    NotJson = "not-json", UNSUPPORTED_MEDIA_TYPE, "The body is not declared as JSON";
    /// Fields or parameters are not as they must be.
    Invalid = "validation-failed", UNPROCESSABLE_ENTITY, "Some values are not valid";
    /// The key was used for another request.
    KeyReused = "idempotency-key-reused", UNPROCESSABLE_ENTITY, "The key belongs to another request";
    /// The marketplace said no.
    MarketplaceRefused = "marketplace-refused", BAD_GATEWAY, "The marketplace refused";
    /// What the marketplace did is not known.
    MarketplaceInDoubt = "marketplace-in-doubt", BAD_GATEWAY, "What the marketplace did is not known";
    /// The marketplace cannot be reached.
    MarketplaceUnavailable = "marketplace-unavailable", SERVICE_UNAVAILABLE, "The marketplace cannot be reached";
    /// The database cannot be reached.
    StoreUnavailable = "store-unavailable", SERVICE_UNAVAILABLE, "The database cannot be reached";
    /// It is our fault.
    Internal = "internal", INTERNAL_SERVER_ERROR, "Something went wrong here";
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.uri())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `docs/api.md` is where a client's author looks a kind up.
    #[test]
    fn every_kind_is_documented_with_its_status() {
        let page = include_str!("../../../../docs/api.md");
        for kind in Kind::ALL {
            let slug = kind.uri().rsplit(':').next().expect("a slug");
            let row = format!("| `{slug}` | {} |", kind.status().as_u16());
            assert!(page.contains(&row), "docs/api.md has no row {row}");
        }
    }

    #[test]
    fn no_two_kinds_share_a_uri() {
        let mut uris: Vec<_> = Kind::ALL.iter().map(|kind| kind.uri()).collect();
        uris.sort_unstable();
        uris.dedup();
        assert_eq!(uris.len(), Kind::ALL.len());
    }
}
