//! The routes: one table that is both what is registered and what tests and readers go by.

#[cfg(test)]
mod tests;

use std::future::ready;

use actix_web::http::header::ALLOW;
use actix_web::http::{Method, StatusCode};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Resource, guard};

use crate::state::ApiState;
use crate::{probes, problem, webhook};

/// Something that can be asked for.
#[derive(Debug)]
pub struct Route {
    /// The method. A route for GET answers HEAD too.
    pub method: Method,
    /// The path, with its variable parts in braces.
    pub path: &'static str,
    /// Who may ask.
    pub permission: Permission,
    endpoint: Endpoint,
}

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Anybody who reaches the service. What may be seen and done is nobody's secret: a push proves
    /// itself by its signature, and the operator decides at the proxy who reaches the probes.
    Public,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Endpoint {
    Push,
    Health,
    Ready,
    Version,
    Metrics,
}

impl Route {
    const fn public(method: Method, path: &'static str, endpoint: Endpoint) -> Self {
        Self {
            method,
            path,
            permission: Permission::Public,
            endpoint,
        }
    }
}

/// Every route of the API.
pub static ROUTES: &[Route] = &[
    Route::public(Method::POST, "/connectors/shopee/webhook", Endpoint::Push),
    Route::public(
        Method::POST,
        "/connectors/shopee/webhook/{env}",
        Endpoint::Push,
    ),
    // The registered URL may end in a slash; it is part of what is signed, so it is kept as it is.
    Route::public(Method::POST, "/connectors/shopee/webhook/", Endpoint::Push),
    Route::public(
        Method::POST,
        "/connectors/shopee/webhook/{env}/",
        Endpoint::Push,
    ),
    Route::public(Method::GET, "/health", Endpoint::Health),
    Route::public(Method::GET, "/healthz", Endpoint::Health),
    Route::public(Method::GET, "/readyz", Endpoint::Ready),
    Route::public(Method::GET, "/version", Endpoint::Version),
    Route::public(Method::GET, "/metrics", Endpoint::Metrics),
];

/// Registers [`ROUTES`] and the answer for everything else.
pub fn configure(state: web::Data<ApiState>) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        config.app_data(state);
        for route in ROUTES {
            config.service(resource(route));
        }
        config.default_service(web::to(problem::not_found));
    }
}

/// The one route of a path. (A path with several methods would need them in one resource, because
/// the first resource that matches a path answers for all of its methods.)
fn resource(route: &'static Route) -> Resource {
    web::resource(route.path)
        .route(route.handler())
        .default_service(web::to(move |request: HttpRequest| {
            ready(method_not_allowed(route, &request))
        }))
}

impl Route {
    fn handler(&self) -> actix_web::Route {
        let guarded = if self.method == Method::GET {
            web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
        } else {
            web::method(self.method.clone())
        };
        match self.endpoint {
            Endpoint::Push => guarded.to(webhook::receive),
            Endpoint::Health => guarded.to(probes::health),
            Endpoint::Ready => guarded.to(probes::ready),
            Endpoint::Version => guarded.to(probes::version),
            Endpoint::Metrics => guarded.to(probes::metrics),
        }
    }

    fn allowed(&self) -> &str {
        if self.method == Method::GET {
            "GET, HEAD"
        } else {
            self.method.as_str()
        }
    }
}

fn method_not_allowed(route: &Route, request: &HttpRequest) -> HttpResponse {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let mut answer = HttpResponse::build(status);
    answer.insert_header((ALLOW, route.allowed()));
    match route.endpoint {
        Endpoint::Push => answer.finish(),
        Endpoint::Health | Endpoint::Ready | Endpoint::Version | Endpoint::Metrics => {
            let detail = format!("This path answers {} only.", route.allowed());
            problem::answer(answer, status, &detail, request)
        }
    }
}
