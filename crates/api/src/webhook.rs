//! Pushes of a marketplace.
//!
//! The body is taken as raw bytes, whatever type the sender claims: the signature is over those
//! bytes. What they mean and whether they are genuine is decided behind [`PushIntake`].
//!
//! [`PushIntake`]: hawker_ports::pushes::PushIntake

mod target;
#[cfg(test)]
mod tests;

use std::time::Instant;

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderMap, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use hawker_ports::Metrics as _;
use hawker_ports::pushes::{IntakeError, ReceivedPush};

use self::target::Target;
use crate::body::{self, BodyError};
use crate::state::ApiState;

/// The largest body of a push that is taken. The largest one on record has a few KiB.
pub const PUSH_BODY_BYTES_MAX: usize = 1024 * 1024;

/// An id of the delivery, where the sender gives one.
const EVENT_ID_HEADER: &str = "x-shopee-event-id";

/// The longest id of a delivery that is taken for one.
const EVENT_ID_LENGTH_MAX: usize = 128;

/// The longest signature header that is kept. A genuine one has 64 to 71 characters; a longer one
/// is no signature, and without it the push counts as unsigned just the same.
const AUTHORIZATION_BYTES_MAX: usize = 1_024;

/// When a push that could not be stored may come again, in seconds.
const RETRY_AFTER_SECONDS: &str = "5";

/// Take a push
///
/// Any bytes of any type. The answer has no body and does not tell whether the signature was right.
/// Without an environment in the query it is the sandbox's.
#[utoipa::path(
    post,
    path = "/connectors/shopee/webhook",
    operation_id = "receivePush",
    tag = "Pushes",
    params(target::TargetQuery),
    request_body(content = String, description = "The push, byte for byte.", content_type = "*/*"),
    responses(
        (status = 200, description = "It is stored."),
        (status = 400, description = "The body is not framed as HTTP wants it."),
        (status = 404, description = "There is no such environment."),
        (status = 408, description = "The body did not arrive in time."),
        (status = 413, description = "The body has more than 1 MiB."),
        (status = 503, description = "It could not be stored: send it again."),
    ),
)]
pub(crate) async fn receive(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<ApiState>,
) -> HttpResponse {
    let target = Target::of_query(&request);
    take_in(request, payload, state, target).await
}

/// Take a push for an environment
///
/// As without the environment in the path.
#[utoipa::path(
    post,
    path = "/connectors/shopee/webhook/{env}",
    operation_id = "receivePushOfEnvironment",
    tag = "Pushes",
    params(("env" = crate::wire::EnvironmentWire, Path, description = "Sandbox or live."),
           target::TargetQuery),
    request_body(content = String, description = "The push, byte for byte.", content_type = "*/*"),
    responses(
        (status = 200, description = "It is stored."),
        (status = 400, description = "The body is not framed as HTTP wants it."),
        (status = 404, description = "There is no such environment."),
        (status = 408, description = "The body did not arrive in time."),
        (status = 413, description = "The body has more than 1 MiB."),
        (status = 503, description = "It could not be stored: send it again."),
    ),
)]
pub(crate) async fn receive_by_environment(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<ApiState>,
) -> HttpResponse {
    let target = Target::of_path(&request);
    take_in(request, payload, state, target).await
}

async fn take_in(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<ApiState>,
    target: Option<Target>,
) -> HttpResponse {
    let body = match body::read(request.headers(), payload, PUSH_BODY_BYTES_MAX).await {
        Ok(body) => body.into(),
        Err(error) => {
            if error == BodyError::TooLarge {
                state.metrics.push_refused("too_large");
            }
            return empty(error.status());
        }
    };
    let complete_at = Instant::now();
    // After the body, so that the connection of a refused push stays usable.
    let Some(target) = target else {
        return empty(StatusCode::NOT_FOUND);
    };
    let result = accept(&request, target, body, &state).await;
    state.metrics.push_acknowledged(complete_at.elapsed());
    match result {
        Ok(()) => empty(StatusCode::OK),
        Err(error) => {
            state.metrics.push_refused(reason_of(&error));
            tracing::debug!(event = "push.refused", %error);
            HttpResponse::ServiceUnavailable()
                .insert_header((RETRY_AFTER, RETRY_AFTER_SECONDS))
                .finish()
        }
    }
}

async fn accept(
    request: &HttpRequest,
    Target {
        environment,
        profile,
    }: Target,
    body: Vec<u8>,
    state: &ApiState,
) -> Result<(), IntakeError> {
    let received_at = state.clock.now();
    let tenant = state.tenants.route(profile.as_ref()).await.map_err(|error| {
        tracing::warn!(event = "push.unrouted", %error, "whose a push is could not be found out");
        IntakeError::NotStored { reason: error.to_string() }
    })?;
    let push = ReceivedPush {
        tenant,
        environment,
        profile,
        body,
        authorization: authorization_of(request.headers()),
        event_id: event_id_of(request.headers()),
        received_at,
    };
    state.intake.accept(push).await
}

/// The signature header. One that is not UTF-8 cannot be kept as it came and is left out; no scheme
/// has a signature like that.
fn authorization_of(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(AUTHORIZATION)?.as_bytes();
    let text = str::from_utf8(value).ok()?;
    (value.len() <= AUTHORIZATION_BYTES_MAX).then(|| text.to_owned())
}

/// The id of the delivery, if the header holds something that can be one.
fn event_id_of(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(EVENT_ID_HEADER)?.to_str().ok()?.trim();
    let fits = (1..=EVENT_ID_LENGTH_MAX).contains(&text.len());
    (fits && text.bytes().all(|byte| byte.is_ascii_graphic())).then(|| text.to_owned())
}

const fn reason_of(error: &IntakeError) -> &'static str {
    match error {
        IntakeError::Full => "full",
        IntakeError::NotStored { .. } => "not_stored",
        IntakeError::Stopping => "stopping",
    }
}

/// An answer without a body: the marketplace counts only such a one as success.
pub(crate) fn empty(status: StatusCode) -> HttpResponse {
    HttpResponse::build(status).finish()
}
