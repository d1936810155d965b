//! What tells of the service itself: alive, ready, which version, how it is going.

use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, web};
use serde::Serialize;

use crate::readiness::Report;
use crate::state::ApiState;

#[derive(Serialize)]
struct Alive {
    status: &'static str,
}

#[derive(Serialize)]
struct Version {
    name: &'static str,
    version: &'static str,
}

/// The process answers; nothing else is asked.
pub(crate) async fn health() -> HttpResponse {
    HttpResponse::Ok().json(Alive { status: "ok" })
}

/// Whether requests should be sent here.
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

/// Which version runs.
pub(crate) async fn version() -> HttpResponse {
    HttpResponse::Ok().json(Version {
        name: "hawker",
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// Everything that is counted, in the format of `OpenMetrics`, which Prometheus reads.
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
