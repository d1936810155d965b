//! Who asks: whose data the request sees, what it may do, and by what name it is remembered.
//!
//! Invariants:
//! - The tenant follows from the proof of who asks and from nothing else in the request.
//! - There is one place where a proof becomes an identity: [`Identity::of`]. A session of a person
//!   who signed in becomes another [`Caller`] there; nothing behind it changes.

#[cfg(test)]
mod tests;

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use hawker_domain::TenantSlug;
use hawker_domain::api_access::ApiScope;
use hawker_domain::audit::Actor;
use hawker_domain::ids::ApiTokenId;
use hawker_usecases::ApiBearers;
use secrecy::SecretString;

use crate::problem::{Kind, Problem};

/// What a client must send.
const CHALLENGE: &str = "Bearer realm=\"hawker\"";

/// The same to a client that sent a token which is not (or no more) good.
const CHALLENGE_INVALID: &str = "Bearer realm=\"hawker\", error=\"invalid_token\"";

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Whose data is seen and changed.
    pub(crate) tenant: TenantSlug,
    /// What may be done.
    pub(crate) scopes: Vec<ApiScope>,
    /// By what means it is known.
    pub(crate) caller: Caller,
}

/// By what means it is known who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// The bearer of a token.
    Bearer {
        /// The token's id.
        id: ApiTokenId,
        /// Its name.
        name: String,
    },
}

impl Identity {
    /// Finds out who asks.
    pub(crate) async fn of(request: &HttpRequest, bearers: &ApiBearers) -> Result<Self, Problem> {
        let Some(token) = bearer_token(request) else {
            return Err(Problem::new(
                Kind::Unauthenticated,
                "No token came with the request. Make one with `hawker api-token create` and send \
                 it as `Authorization: Bearer hwk_…`.",
            )
            .challenging(CHALLENGE));
        };
        let Some(bearer) = bearers.authenticate(&token).await? else {
            return Err(Problem::new(
                Kind::Unauthenticated,
                "The token is not known, has ended or was revoked. `hawker api-token list` shows \
                 those that are good.",
            )
            .challenging(CHALLENGE_INVALID));
        };
        Ok(Self {
            tenant: bearer.tenant,
            scopes: bearer.scopes,
            caller: Caller::Bearer {
                id: bearer.id,
                name: bearer.name,
            },
        })
    }

    /// Refuses what is not allowed, naming what it would take.
    pub(crate) fn require(&self, needed: ApiScope) -> Result<(), Problem> {
        if self.scopes.iter().any(|scope| scope.covers(needed)) {
            return Ok(());
        }
        let challenge =
            format!("Bearer realm=\"hawker\", error=\"insufficient_scope\", scope=\"{needed}\"");
        let detail = format!(
            "This needs the scope `{needed}`, which the token does not have. Make a token that has \
             it with `hawker api-token create`."
        );
        Err(Problem::new(Kind::ScopeMissing, detail)
            .with_needed_scope(needed.as_str())
            .challenging(&challenge))
    }

    /// By what name the audit log remembers it.
    pub(crate) fn actor(&self) -> Actor {
        let Caller::Bearer { id, name } = &self.caller;
        Actor::api_token(name, *id)
    }

    /// The token that it came with.
    pub(crate) fn bearer(&self) -> ApiTokenId {
        let Caller::Bearer { id, .. } = self.caller;
        id
    }
}

/// The token of `Authorization: Bearer …`; the name of the scheme is not case-sensitive.
fn bearer_token(request: &HttpRequest) -> Option<SecretString> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| SecretString::from(token))
}

impl FromRequest for Identity {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    /// What the guard of the route found out. A route that anybody may use has nobody to tell.
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let known = request.extensions().get::<Self>().cloned();
        ready(known.ok_or_else(|| {
            Problem::new(
                Kind::Unauthenticated,
                "Nobody is known to ask for this. Send a token as `Authorization: Bearer hwk_…`.",
            )
            .challenging(CHALLENGE)
        }))
    }
}
