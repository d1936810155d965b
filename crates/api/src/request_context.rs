//! What every request is wrapped in: an id that runs through its log lines and its answer, one line
//! in the access log, and headers that every answer should carry.

use std::fmt;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, web};
use tracing::Instrument as _;

use crate::state::ApiState;

/// Carries the id of a request: taken from the request where a proxy has set it, always given back.
pub const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken over.
const REQUEST_ID_LENGTH_MAX: usize = 64;

/// The id of a request; handlers find it among the request's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// Takes over an id that is safe to log and to send back: letters, digits, `-`, `_` and `.`.
    fn parse(value: &HeaderValue) -> Option<Self> {
        let text = value.to_str().ok()?;
        let fits = (1..=REQUEST_ID_LENGTH_MAX).contains(&text.len());
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        (fits && text.bytes().all(is_plain)).then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Wraps a request. To be used by the app around everything it serves:
/// `App::new().wrap(actix_web::middleware::from_fn(hawker_api::request_context))`.
pub async fn request_context<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let id = id_for(&request);
    let began = Instant::now();
    let method = request.method().clone();
    let span = tracing::info_span!(
        "http.request",
        request_id = id.as_ref().map(|id| id.0.as_str())
    );
    if let Some(id) = &id {
        request.extensions_mut().insert(id.clone());
    }
    let mut response = next.call(request).instrument(span.clone()).await?;

    let took = began.elapsed();
    span.in_scope(|| {
        if !tracing::enabled!(tracing::Level::DEBUG) {
            return;
        }
        // The pattern and not the path: a path may hold anything, and patterns can be counted. To
        // find it takes as long as to route the request.
        let route = response.request().match_pattern();
        tracing::debug!(
            event = "http.answered",
            %method,
            route = route.as_deref().unwrap_or("none"),
            status = response.status().as_u16(),
            took_ms = took.as_secs_f64() * 1_000.0,
        );
    });
    let headers = response.headers_mut();
    if let Some(value) = id.and_then(|id| HeaderValue::try_from(id.0).ok()) {
        headers.insert(REQUEST_ID_HEADER, value);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

fn id_for(request: &ServiceRequest) -> Option<RequestId> {
    let given = request
        .headers()
        .get(REQUEST_ID_HEADER)
        .and_then(RequestId::parse);
    given.or_else(|| {
        let state = request.app_data::<web::Data<ApiState>>()?;
        Some(RequestId(state.ids.next().to_string()))
    })
}
