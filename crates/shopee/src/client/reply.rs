//! What came back: the payload of a reply, or what the refusal means (shopee.md §7.1).

use std::borrow::Cow;
use std::fmt;

use hawker_domain::Timestamp;
use hawker_ports::MarketplaceError;
use hawker_ports::marketplace::Fault;
use reqwest::StatusCode;
use serde_json::value::RawValue;

use super::call::{Call, ReadReply};
use super::endpoint::{Endpoint, ReplyShape};
use super::refusal::{Refusal, RefusalClass};
use crate::json;
use crate::wire::Document;

/// Enough of a message to act upon.
const MESSAGE_CHARS_MAX: usize = 300;

/// What a reply holds.
#[derive(Clone, PartialEq, Eq)]
pub enum Payload {
    /// JSON: the member `response`, or the whole body where the endpoint replies flat; `null`
    /// where there was no such member.
    Json(String),
    /// A file.
    File(Document),
}

/// The reply to a call that succeeded.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// What it holds.
    pub payload: Payload,
    /// The platform's id of the call.
    pub request_id: Option<String>,
    /// What the platform adds although the call succeeded, as JSON: a text or a list, by endpoint.
    pub warning: Option<String>,
}

/// Shows nothing of the payload: it may be personal data or a token.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

impl Reply {
    /// The payload as JSON; of a file, `null`.
    pub fn json(&self) -> &str {
        match &self.payload {
            Payload::Json(json) => json,
            Payload::File(_) => "null",
        }
    }

    /// The reply, read. What changed something and answered what cannot be understood may have
    /// happened: a refresh without tokens in its reply has used the old one up.
    pub fn read<T: ReadReply>(self, endpoint: &Endpoint) -> Result<Answer<T>, MarketplaceError> {
        match T::read(&self.payload) {
            Ok(reply) => Ok(Answer {
                reply,
                request_id: self.request_id,
                warning: self.warning,
            }),
            Err(complaint) => Err(not_understood(endpoint, complaint.to_string())),
        }
    }
}

/// The error of an answer whose payload is not what is documented.
pub(crate) fn not_understood(endpoint: &Endpoint, reason: String) -> MarketplaceError {
    let endpoint_name = endpoint.name;
    if endpoint.is_repeatable {
        MarketplaceError::Malformed {
            endpoint: endpoint_name,
            reason,
        }
    } else {
        MarketplaceError::MaybeApplied {
            endpoint: endpoint_name,
            reason,
            cause: None,
        }
    }
}

/// The reply to a typed call that succeeded.
#[derive(Clone, Debug)]
pub struct Answer<T> {
    /// What it says.
    pub reply: T,
    /// The platform's id of the call, to be quoted to its support.
    pub request_id: Option<String>,
    /// What the platform adds although the call succeeded, as JSON.
    pub warning: Option<String>,
}

/// What the client makes of an answer to `C`: a recorded one, or whatever bytes there are. `now` by
/// the platform's clock.
pub fn understand<C: Call>(
    status: StatusCode,
    content_type: Option<&str>,
    body: Vec<u8>,
    now: Timestamp,
) -> Result<Answer<C::Reply>, MarketplaceError> {
    let endpoint = C::ENDPOINT;
    let received = Received {
        status,
        content_type,
        body,
    };
    judge(received, endpoint.reply)
        .map_err(|refusal| refusal.into_error(&endpoint, None, now))?
        .read(&endpoint)
}

/// An answer as the transport brought it.
pub(super) struct Received<'a> {
    pub status: StatusCode,
    pub content_type: Option<&'a str>,
    pub body: Vec<u8>,
}

/// Judges an answer by its body where that is JSON, by its status else: business failures come as
/// 200, and the edge answers with HTML before the gateway has seen anything.
pub(super) fn judge(received: Received<'_>, shape: ReplyShape) -> Result<Reply, Refusal> {
    let status = received.status;
    if shape == ReplyShape::File && status.is_success() && !is_envelope(&received) {
        return file(received);
    }
    let Ok(body) = String::from_utf8(received.body) else {
        return Err(by_status(status, None));
    };
    let Some(envelope) = Envelope::of(&body) else {
        return Err(by_status(status, None));
    };
    if let Some(refusal) = envelope.refusal(status) {
        return Err(refusal);
    }
    let request_id = envelope.request_id;
    if !status.is_success() {
        return Err(by_status(status, request_id));
    }
    let payload = match shape {
        ReplyShape::Enveloped => envelope.response.map_or("null", RawValue::get).to_owned(),
        ReplyShape::Flat => body.clone(),
        ReplyShape::File => return Err(by_status(status, request_id)),
    };
    let warning = envelope.warning.map(|warning| warning.get().to_owned());
    Ok(Reply {
        payload: Payload::Json(payload),
        request_id,
        warning,
    })
}

/// Where a file is expected, JSON is told by its `Content-Type`; and a refusal is one under any.
fn is_envelope(received: &Received<'_>) -> bool {
    let is_json = received
        .content_type
        .is_some_and(|kind| kind.to_ascii_lowercase().contains("json"));
    is_json
        || std::str::from_utf8(&received.body)
            .ok()
            .and_then(Envelope::of)
            .is_some_and(|envelope| envelope.code.is_some())
}

fn file(received: Received<'_>) -> Result<Reply, Refusal> {
    if received.body.is_empty() {
        return Err(Refusal {
            class: RefusalClass::Malformed,
            code: format!("http_{}", received.status.as_u16()),
            message: "the file is empty".to_owned(),
            request_id: None,
        });
    }
    let content_type = received.content_type.unwrap_or("application/octet-stream");
    Ok(Reply {
        payload: Payload::File(Document {
            content_type: content_type.to_owned(),
            bytes: received.body,
        }),
        request_id: None,
        warning: None,
    })
}

/// The members that every reply has.
struct Envelope<'a> {
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
    warning: Option<&'a RawValue>,
    response: Option<&'a RawValue>,
}

impl<'a> Envelope<'a> {
    fn of(body: &'a str) -> Option<Self> {
        let [
            error,
            message,
            misspelt,
            short,
            request_id,
            warning,
            response,
        ] = json::pick(
            body,
            [
                "error",
                "message",
                // Misspelt by search_package_list and split_order.
                "mesage",
                "msg",
                "request_id",
                "warning",
                "response",
            ],
        )
        .ok()?;
        Some(Self {
            code: said(error),
            message: said(message)
                .or_else(|| said(misspelt))
                .or_else(|| said(short)),
            request_id: said(request_id),
            warning: warning.filter(|warning| !matches!(warning.get(), r#""""# | r#""-""# | "[]")),
            response,
        })
    }

    fn refusal(&self, status: StatusCode) -> Option<Refusal> {
        let code = self.code.clone()?;
        let message = self.message.clone().unwrap_or_default();
        let class = match RefusalClass::of(&code, &message) {
            RefusalClass::Business if status == StatusCode::TOO_MANY_REQUESTS => {
                RefusalClass::Throttled
            }
            class => class,
        };
        Some(Refusal {
            class,
            code,
            message,
            request_id: self.request_id.clone(),
        })
    }
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
            RefusalClass::Misconfigured(Fault::IpAllowList),
            "refused before the API was reached: by the app's IP allow-list, if this server's \
             address is not on it, or by a proxy or firewall in between",
        ),
        status if status.is_redirection() || status == StatusCode::NOT_FOUND => (
            RefusalClass::Misconfigured(Fault::Host),
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
