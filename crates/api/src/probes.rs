//! What tells of the service itself: alive, ready, which version, how it is going.

use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::readiness::Report;
use crate::state::ApiState;

#[derive(Serialize, ToSchema)]
struct Alive {
    /// `ok`
    status: &'static str,
}

#[derive(Serialize, ToSchema)]
struct Version {
    /// `hawker`
    name: &'static str,
    /// The version.
    version: &'static str,
}

/// Whether the process is alive
///
/// The process answers; nothing else is asked.
#[utoipa::path(
    get,
    path = "/health",
    operation_id = "showHealth",
    tag = "Service",
    responses((status = 200, description = "It is.", body = Alive)),
)]
pub(crate) async fn health() -> HttpResponse {
    HttpResponse::Ok().json(Alive { status: "ok" })
}

/// Whether requests should be sent here
///
/// Asks the database, the migrations and the key, at most once a second.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "showReadiness",
    tag = "Service",
    responses(
        (status = 200, description = "They should.", body = Report),
        (status = 503, description = "They should not; the checks say why.", body = Report),
    ),
)]
pub(crate) async fn ready(state: web::Data<ApiState>) -> HttpResponse {
    let report: Report = if state.is_stopping() {
        Report::stopping()
    } else {
        state.readiness.report().await
    };
    if report.is_ready() {
        HttpResponse::Ok().json(report)
    } else {
        HttpResponse::ServiceUnavailable().json(report)
    }
}

/// Which version runs
#[utoipa::path(
    get,
    path = "/version",
    operation_id = "showVersion",
    tag = "Service",
    responses((status = 200, description = "The version.", body = Version)),
)]
pub(crate) async fn version() -> HttpResponse {
    HttpResponse::Ok().json(Version {
        name: "hawker",
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// Everything that is counted
///
/// In the format of `OpenMetrics`, which Prometheus reads.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "showMetrics",
    tag = "Service",
    responses(
        (status = 200, description = "The metrics.", body = String,
         content_type = "application/openmetrics-text"),
        (status = 503, description = "They cannot be written.", body = String,
         content_type = "text/plain"),
    ),
)]
pub(crate) async fn metrics(state: web::Data<ApiState>) -> HttpResponse {
    match state.metrics.encode() {
        Ok(text) => HttpResponse::Ok()
            .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
            .body(text),
        Err(error) => {
            tracing::error!(event = "metrics.failed", %error, "the metrics cannot be written");
            HttpResponse::ServiceUnavailable()
                .content_type(ContentType::plaintext())
                .body("the metrics cannot be written\n")
        }
    }
}
