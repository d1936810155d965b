//! Reading the body of a push: raw, bounded in bytes and in time.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::{HttpRequest, web};

/// The largest body that is taken. The largest push on record has a few KiB.
pub const PUSH_BODY_BYTES_MAX: usize = 1024 * 1024;

/// How long a body may take to arrive. The platform itself gives up after 3 s; whoever takes longer
/// only keeps a connection busy.
const BODY_TIME_MAX: Duration = Duration::from_secs(10);

/// Why there is no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyError {
    /// It is larger than is taken.
    TooLarge,
    /// It did not arrive in time.
    TooSlow,
    /// The connection broke, or the body is not framed as HTTP wants it.
    Broken,
}

impl BodyError {
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Broken => StatusCode::BAD_REQUEST,
        }
    }
}

/// The whole body, byte for byte.
pub(super) async fn read(
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<Vec<u8>, BodyError> {
    if announced_length(request).is_some_and(|length| length > PUSH_BODY_BYTES_MAX as u64) {
        return Err(BodyError::TooLarge);
    }
    let whole = payload.to_bytes_limited(PUSH_BODY_BYTES_MAX);
    match tokio::time::timeout(BODY_TIME_MAX, whole).await {
        Ok(Ok(Ok(body))) => Ok(body.into()),
        Ok(Ok(Err(_))) => Err(BodyError::Broken),
        Ok(Err(_)) => Err(BodyError::TooLarge),
        Err(_) => Err(BodyError::TooSlow),
    }
}

fn announced_length(request: &HttpRequest) -> Option<u64> {
    request
        .headers()
        .get(CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}
