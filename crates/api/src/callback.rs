//! A seller comes back from the marketplace, having authorised the app or not.
//!
//! Invariants:
//! - The route is public: whoever comes has nothing but a nonce, which is good for one use. Only a
//!   real visit uses it up; a look ahead by the browser does not.
//! - The code and the nonce are neither logged nor shown, and no page that follows learns them from
//!   the browser's `Referer`.
//! - Whatever happens, the seller sees where things stand: on the operator's page where one is set
//!   (`SHOPEE_OAUTH_RETURN_URL`), else on a page of our own.

mod page;
mod return_url;
mod visit;

#[cfg(test)]
mod tests;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderMap, HeaderName, LOCATION, REFERRER_POLICY};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use hawker_domain::Environment;
use hawker_domain::ids::ProfileId;
use hawker_usecases::authorise_shop::ComeBack;

pub use self::return_url::{ReturnUrl, ReturnUrlError};
use self::visit::Visit;
use crate::problem::{Problem, ProblemWire, nothing_here};
use crate::state::ApiState;

/// The status of a success.
const CONNECTED: &str = "connected";

/// The status when the database is away.
const UNAVAILABLE: &str = "unavailable";

/// How browsers mark a request that nobody has asked for yet.
const LOOK_AHEAD: [HeaderName; 3] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-moz"),
];

/// Where an authorisation stands.
#[derive(Debug, PartialEq, Eq)]
struct Standing {
    status: &'static str,
    environment: Environment,
    profile: Option<ProfileId>,
}

/// Come back with an authorisation, in the sandbox
///
/// The older form of the callback; it means the sandbox.
#[utoipa::path(
    get,
    path = "/connectors/shopee/oauth/callback",
    operation_id = "comeBack",
    tag = "Authorisation",
    params(visit::VisitQuery),
    responses(
        (status = 200, description = "A page that says where the authorisation stands; where no \
         SHOPEE_OAUTH_RETURN_URL is set.", body = String, content_type = "text/html"),
        (status = 302, description = "To SHOPEE_OAUTH_RETURN_URL, with `env`, `status` and \
         `profile_id` in its query.", headers(("Location" = String, description = "Where to."))),
        (status = 503, description = "The browser only looked ahead; nothing was done."),
    ),
)]
pub(crate) async fn come_back(
    request: HttpRequest,
    state: web::Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    serve(&request, Environment::Sandbox, &state).await
}

/// Come back with an authorisation
///
/// Where a seller's browser returns to from the marketplace. The nonce in the query is good for one
/// use, the code for ten minutes.
#[utoipa::path(
    get,
    path = "/connectors/shopee/oauth/callback/{env}",
    operation_id = "comeBackToEnvironment",
    tag = "Authorisation",
    params(
        ("env" = crate::wire::EnvironmentWire, Path, description = "Sandbox or live."),
        visit::VisitQuery,
    ),
    responses(
        (status = 200, description = "A page that says where the authorisation stands; where no \
         SHOPEE_OAUTH_RETURN_URL is set.", body = String, content_type = "text/html"),
        (status = 302, description = "To SHOPEE_OAUTH_RETURN_URL, with `env`, `status` and \
         `profile_id` in its query.", headers(("Location" = String, description = "Where to."))),
        (status = 404, description = "There is no such environment.", body = ProblemWire,
         content_type = "application/problem+json"),
        (status = 503, description = "The browser only looked ahead; nothing was done."),
    ),
)]
pub(crate) async fn come_back_by_environment(
    request: HttpRequest,
    state: web::Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let name = request.match_info().get("env").unwrap_or_default();
    let environment = name.parse().map_err(|_| nothing_here())?;
    serve(&request, environment, &state).await
}

async fn serve(
    request: &HttpRequest,
    environment: Environment,
    state: &ApiState,
) -> Result<HttpResponse, Problem> {
    if only_looks_ahead(request.headers()) {
        return Ok(discreet(StatusCode::SERVICE_UNAVAILABLE).finish());
    }
    let visit = Visit::of(request.query_string());
    let standing = settle(visit, environment, state).await;
    tracing::info!(
        event = "authorisation.came_back",
        status = standing.status,
        environment = %standing.environment,
        profile_id = standing.profile.as_ref().map(ProfileId::as_str),
    );
    Ok(match &state.return_url {
        Some(url) => discreet(StatusCode::FOUND)
            .insert_header((LOCATION, url.with(&standing)))
            .finish(),
        None => page::answer(discreet(StatusCode::OK), &standing),
    })
}

async fn settle(visit: Visit, environment: Environment, state: &ApiState) -> Standing {
    let named = visit.profile.clone();
    let standing = |status, environment, profile| Standing {
        status,
        environment,
        profile,
    };
    let tenant = match state.tenants.route(named.as_ref()).await {
        Ok(tenant) => tenant,
        Err(error) => {
            tracing::warn!(event = "authorisation.unrouted", %error);
            return standing(UNAVAILABLE, environment, named);
        }
    };
    let come_back = ComeBack {
        nonce: visit.nonce,
        profile: visit.profile,
        environment,
        code: visit.code,
        shop: visit.shop,
        main_account: visit.main_account,
    };
    match state.admin.authorise.come_back(&tenant, &come_back).await {
        Ok(done) => standing(CONNECTED, done.environment, Some(done.profile)),
        Err(error) => standing(error.status(), environment, named),
    }
}

/// Whether a browser fetches the page in case somebody wants it.
fn only_looks_ahead(headers: &HeaderMap) -> bool {
    LOOK_AHEAD.iter().any(|name| {
        let values = headers.get_all(name);
        values
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.to_ascii_lowercase().contains("pre"))
    })
}

/// An answer that gives nothing away: the URL that it answers holds a nonce and a code.
fn discreet(status: StatusCode) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    answer
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((CACHE_CONTROL, "no-store"));
    answer
}
