//! What stands before every handler but the webhook's: who asks, whether it may, whether it was
//! answered before; and what is seen to behind it.
//!
//! Invariants:
//! - No handler of a route with a permission runs before the permission was shown.
//! - A request that may change something is brought to its end even if the client goes away: half a
//!   change would be worse than an answer that nobody reads.
//! - Each problem names the request.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpRequest, HttpResponse, rt, web};

use crate::identity::Identity;
use crate::keyed;
use crate::problem::{self, Problem};
use crate::routes::{Permission, Route};
use crate::state::ApiState;

/// Wraps the handler of a route.
pub(crate) async fn guard(
    route: &'static Route,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse, Error> {
    match permit(route.permission, request.request()).await {
        Err(problem) => Ok(refuse(request, problem)),
        Ok(None) => serve(route, request, next).await,
        Ok(Some(identity)) => {
            let key = request.headers().get(keyed::KEY_HEADER).cloned();
            request.extensions_mut().insert(identity.clone());
            match key.filter(|_| !route.method.is_safe()) {
                Some(key) => {
                    whole(async move { keyed::serve(&identity, &key, request, next).await }).await
                }
                None => serve(route, request, next).await,
            }
        }
    }
}

async fn serve(
    route: &'static Route,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse, Error> {
    let answering = async move { next.call(request).await.map(name_request) };
    if route.changes_something() {
        whole(answering).await
    } else {
        answering.await
    }
}

/// Answers what has no handler: who asks for something below `/admin` has to show a token first, so
/// that nobody else learns what is there.
pub(crate) async fn refuse_unrouted(request: HttpRequest, problem: Problem) -> HttpResponse {
    let path = request.path();
    if path != "/admin" && !path.starts_with("/admin/") {
        return problem.answer(&request);
    }
    match permit(Permission::SignedIn, &request).await {
        Ok(_) => problem.answer(&request),
        Err(unauthenticated) => unauthenticated.answer(&request),
    }
}

/// There is nothing at this path.
pub(crate) async fn not_found(request: HttpRequest) -> HttpResponse {
    refuse_unrouted(request, problem::nothing_here()).await
}

async fn permit(
    permission: Permission,
    request: &HttpRequest,
) -> Result<Option<Identity>, Problem> {
    let needed = match permission {
        Permission::Public => return Ok(None),
        Permission::SignedIn => None,
        Permission::Scope(scope) => Some(scope),
    };
    let Some(state) = request.app_data::<web::Data<ApiState>>() else {
        return Err(Problem::internal(&NoState));
    };
    let identity = Identity::of(request, &state.admin.bearers).await?;
    if let Some(needed) = needed {
        identity.require(needed)?;
    }
    Ok(Some(identity))
}

#[derive(Debug, thiserror::Error)]
#[error("the application has no state of the API: `configure` was not used")]
struct NoState;

/// Runs something to its end, whether anybody waits for it or not.
async fn whole(
    work: impl Future<Output = Result<ServiceResponse, Error>> + 'static,
) -> Result<ServiceResponse, Error> {
    let span = tracing::Span::current();
    match rt::spawn(tracing::Instrument::instrument(work, span)).await {
        Ok(answer) => answer,
        Err(error) => Err(Problem::internal(&error).into()),
    }
}

pub(crate) fn refuse(request: ServiceRequest, problem: Problem) -> ServiceResponse {
    let answer = problem.answer(request.request());
    request.into_response(answer)
}

/// Puts the id of the request into a problem that a handler or an extractor answered.
pub(crate) fn name_request(answer: ServiceResponse) -> ServiceResponse {
    let problem = answer.response().extensions().get::<Problem>().cloned();
    match problem {
        Some(problem) => {
            let named = problem.answer(answer.request());
            answer.into_response(named)
        }
        None => answer,
    }
}

impl Route {
    /// Whether its handler may change something; a look at what is there may be broken off.
    fn changes_something(&self) -> bool {
        !self.method.is_safe() || self.has_effect
    }
}
