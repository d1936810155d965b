//! The routes: one table that is both what is registered and what tests, the OpenAPI document and
//! readers go by.

mod endpoint;
mod table;
#[cfg(test)]
mod tests;

use actix_web::http::{Method, header};
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Resource, guard};
use hawker_domain::Environment;
use hawker_domain::api_access::ApiScope;

pub(crate) use self::endpoint::Endpoint;
pub use self::table::ROUTES;
use crate::guard::{guard as stand_before, not_found, refuse_unrouted};
use crate::problem;
use crate::state::ApiState;

/// The part of a path that names an environment.
const ENVIRONMENT: &str = "{env}";

/// Something that can be asked for.
#[derive(Debug)]
pub struct Route {
    /// The method. A route for GET answers HEAD too, unless asking has an effect.
    pub method: Method,
    /// The path, with its variable parts in braces.
    pub path: &'static str,
    /// Who may ask.
    pub permission: Permission,
    pub(crate) endpoint: Endpoint,
    /// Whether asking changes something although the method is GET.
    pub(crate) has_effect: bool,
}

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Anybody who reaches the service. What may be seen and done is nobody's secret: a push proves
    /// itself by its signature, a seller who comes back by a nonce, and the operator decides at the
    /// proxy who reaches the probes.
    Public,
    /// Whoever is known, whatever they may do.
    SignedIn,
    /// Whoever holds this scope.
    Scope(ApiScope),
}

impl Route {
    const fn public(method: Method, path: &'static str, endpoint: Endpoint) -> Self {
        Self::of(method, path, Permission::Public, endpoint)
    }

    const fn of(
        method: Method,
        path: &'static str,
        permission: Permission,
        endpoint: Endpoint,
    ) -> Self {
        Self {
            method,
            path,
            permission,
            endpoint,
            has_effect: false,
        }
    }

    /// Asking changes something although the method is GET.
    const fn with_effect(mut self) -> Self {
        self.has_effect = true;
        self
    }

    fn answers_head(&self) -> bool {
        self.method == Method::GET && !self.has_effect
    }

    fn handler(&'static self) -> actix_web::Route {
        let guarded = if self.answers_head() {
            web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
        } else {
            web::method(self.method.clone())
        };
        let handled = self.endpoint.handled_by(guarded);
        if self.endpoint.is_push() {
            // A push is answered with nothing but a status, and has its own proof.
            return handled;
        }
        handled.wrap(from_fn(move |request, next| {
            stand_before(self, request, next)
        }))
    }
}

/// Registers [`ROUTES`] and the answer for everything else.
pub fn configure(state: web::Data<ApiState>) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        config.app_data(state);
        for (path, routes) in by_path() {
            for plain in plain_paths(path, &routes) {
                config.service(resource(&plain, routes.clone()));
            }
            config.service(resource(path, routes));
        }
        config.default_service(web::to(not_found));
    }
}

/// The routes of each path, in the order of the table. They have to be in one resource, because the
/// first resource that matches a path answers for all of its methods.
fn by_path() -> Vec<(&'static str, Vec<&'static Route>)> {
    let mut paths: Vec<(&'static str, Vec<&'static Route>)> = Vec::new();
    for route in ROUTES {
        match paths.iter_mut().find(|(path, _)| *path == route.path) {
            Some((_, routes)) => routes.push(route),
            None => paths.push((route.path, vec![route])),
        }
    }
    paths
}

/// The paths of pushes without a variable part. A path with one is compared by a regular expression, which would
/// be a twelfth of what a push costs the service; text is not.
fn plain_paths(path: &str, routes: &[&Route]) -> Vec<String> {
    if !path.contains(ENVIRONMENT) || !routes.iter().any(|route| route.endpoint.is_push()) {
        return Vec::new();
    }
    let of = |environment: &Environment| path.replace(ENVIRONMENT, environment.as_str());
    Environment::ALL.iter().map(of).collect()
}

fn resource(path: &str, routes: Vec<&'static Route>) -> Resource {
    let allowed = allowed(&routes);
    let is_push = routes.iter().any(|route| route.endpoint.is_push());
    let mut resource = web::resource(path);
    for route in routes {
        resource = resource.route(route.handler());
    }
    resource.default_service(web::to(move |request: HttpRequest| {
        method_not_allowed(request, allowed.clone(), is_push)
    }))
}

/// The methods of a path, as the header `Allow` lists them.
fn allowed(routes: &[&'static Route]) -> String {
    let mut methods = Vec::new();
    for route in routes {
        methods.push(route.method.as_str());
        if route.answers_head() {
            methods.push(Method::HEAD.as_str());
        }
    }
    methods.join(", ")
}

async fn method_not_allowed(request: HttpRequest, allowed: String, is_push: bool) -> HttpResponse {
    if is_push {
        let mut answer = HttpResponse::MethodNotAllowed();
        return answer.insert_header((header::ALLOW, allowed)).finish();
    }
    refuse_unrouted(request, problem::method_not_allowed(&allowed)).await
}
