//! Reading a body: raw, bounded in bytes and in time.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap};
use actix_web::web;

/// How long a body may take to arrive. Whoever takes longer only keeps a connection busy.
const BODY_TIME_MAX: Duration = Duration::from_secs(10);

/// Why there is no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// It is larger than is taken.
    TooLarge,
    /// It did not arrive in time.
    TooSlow,
    /// The connection broke, or the body is not framed as HTTP wants it.
    Broken,
}

impl BodyError {
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Broken => StatusCode::BAD_REQUEST,
        }
    }
}

/// The whole body, byte for byte, if it has at most `bytes_max` bytes.
pub(crate) async fn read(
    headers: &HeaderMap,
    payload: web::Payload,
    bytes_max: usize,
) -> Result<web::Bytes, BodyError> {
    if announced_length(headers).is_some_and(|length| length > bytes_max as u64) {
        return Err(BodyError::TooLarge);
    }
    let whole = payload.to_bytes_limited(bytes_max);
    match tokio::time::timeout(BODY_TIME_MAX, whole).await {
        Ok(Ok(Ok(body))) => Ok(body),
        Ok(Ok(Err(_))) => Err(BodyError::Broken),
        Ok(Err(_)) => Err(BodyError::TooLarge),
        Err(_) => Err(BodyError::TooSlow),
    }
}

fn announced_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
