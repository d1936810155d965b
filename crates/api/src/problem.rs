//! Errors as RFC 9457 problem details, for every route but the webhook's.

use actix_web::http::StatusCode;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, HttpResponseBuilder};
use serde::Serialize;

use crate::request_context::RequestId;

#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

/// Fills `answer` with a problem that names the request, so that it can be found in the log.
pub(crate) fn answer(
    mut answer: HttpResponseBuilder,
    status: StatusCode,
    detail: &str,
    request: &HttpRequest,
) -> HttpResponse {
    let problem = Problem {
        r#type: "about:blank",
        title: status.canonical_reason().unwrap_or("Error"),
        status: status.as_u16(),
        detail,
        request_id: request
            .extensions()
            .get::<RequestId>()
            .map(ToString::to_string),
    };
    answer
        .status(status)
        .content_type("application/problem+json")
        .json(problem)
}

/// There is nothing at this path.
pub(crate) async fn not_found(request: HttpRequest) -> HttpResponse {
    let status = StatusCode::NOT_FOUND;
    answer(
        HttpResponse::build(status),
        status,
        "There is nothing at this path.",
        &request,
    )
}
