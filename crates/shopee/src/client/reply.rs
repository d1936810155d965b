//! What came back: the payload of a reply, or what the refusal means (shopee.md §7.1).

use std::borrow::Cow;

use reqwest::StatusCode;
use serde_json::value::RawValue;

use super::endpoint::ReplyShape;
use super::refusal::{Refusal, RefusalClass};
use crate::json;

/// Enough of a message to act upon.
const MESSAGE_CHARS_MAX: usize = 300;

/// The payload of a call that succeeded.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// JSON: the member `response`, or the whole body where the endpoint replies flat; `null`
    /// where there was no such member.
    pub payload: String,
    /// The platform's id of the call.
    pub request_id: Option<String>,
}

/// Shows nothing of the payload: it may be personal data or a token.
impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply")
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

/// Judges an answer by its body where that is JSON, by its status else: business failures come as
/// 200, and the edge answers with HTML before the gateway has seen anything.
pub(super) fn judge(
    status: StatusCode,
    body: Vec<u8>,
    shape: ReplyShape,
) -> Result<Reply, Refusal> {
    let Ok(body) = String::from_utf8(body) else {
        return Err(by_status(status, None));
    };
    let Ok([error, message, misspelt, short, request_id, response]) = json::pick(
        &body,
        [
            "error",
            "message",
            // Misspelt by search_package_list and split_order.
            "mesage",
            "msg",
            "request_id",
            "response",
        ],
    ) else {
        return Err(by_status(status, None));
    };
    let request_id = said(request_id);
    if let Some(code) = said(error) {
        let message = said(message)
            .or_else(|| said(misspelt))
            .or_else(|| said(short))
            .unwrap_or_default();
        let class = match RefusalClass::of(&code, &message) {
            RefusalClass::Business if status == StatusCode::TOO_MANY_REQUESTS => {
                RefusalClass::Throttled
            }
            class => class,
        };
        return Err(Refusal {
            class,
            code,
            message,
            request_id,
        });
    }
    if !status.is_success() {
        return Err(by_status(status, request_id));
    }
    let payload = match shape {
        ReplyShape::Enveloped => response.map_or("null", RawValue::get).to_owned(),
        ReplyShape::Flat => body,
    };
    Ok(Reply {
        payload,
        request_id,
    })
}

/// A text that says something: neither blank nor `-`, the placeholder of the platform's samples.
fn said(raw: Option<&RawValue>) -> Option<String> {
    let text = raw.and_then(json::scalar).unwrap_or(Cow::Borrowed(""));
    let text = text.trim();
    (!matches!(text, "" | "-")).then(|| text.chars().take(MESSAGE_CHARS_MAX).collect())
}

fn by_status(status: StatusCode, request_id: Option<String>) -> Refusal {
    let (class, message) = match status {
        StatusCode::TOO_MANY_REQUESTS => (RefusalClass::Throttled, "too many calls"),
        StatusCode::REQUEST_TIMEOUT => (RefusalClass::Transient, "the request timed out"),
        status if status.is_server_error() => (RefusalClass::Transient, ""),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => (
            RefusalClass::Misconfigured,
            "refused before the API was reached; is this server's address on the app's IP \
             allow-list?",
        ),
        status if status.is_redirection() || status == StatusCode::NOT_FOUND => (
            RefusalClass::Misconfigured,
            "there is no API at this address; is the base URL right?",
        ),
        status if status.is_success() => (RefusalClass::Malformed, "the answer is not JSON"),
        _ => (RefusalClass::Malformed, "an unexpected HTTP status"),
    };
    Refusal {
        class,
        code: format!("http_{}", status.as_u16()),
        message: message.to_owned(),
        request_id,
    }
}
