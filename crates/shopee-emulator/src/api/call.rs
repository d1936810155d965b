//! The way that every call takes.

use std::net::IpAddr;
use std::time::Instant;

use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, DATE, HeaderValue, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::DateTime;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::authorise::{Caller, authorise};
use super::endpoint::Endpoint;
use super::error::ApiError;
use super::query::Query;
use super::spoiling::spoil;
use crate::clock::WallClock;
use crate::shared::Shared;
use crate::sync::lock;
use crate::world::{Timestamp, World};

/// A checked call, with the world locked for its answer.
pub(super) struct Call<'a> {
    pub caller: Caller,
    pub query: &'a Query,
    pub body: &'a [u8],
    pub world: &'a mut World,
    pub shared: &'a Shared,
    /// By the wall clock.
    pub now: Timestamp,
}

impl Call<'_> {
    /// The body as JSON of that shape; `expected` says to the caller what that is.
    pub fn form<T: DeserializeOwned>(&self, expected: &str) -> Result<T, ApiError> {
        form(self.body, expected)
    }
}

pub(super) fn form<T: DeserializeOwned>(body: &[u8], expected: &str) -> Result<T, ApiError> {
    serde_json::from_slice(body)
        .map_err(|_| ApiError::wrong_parameters(&format!("{expected} expected in the body")))
}

/// What a successful call answers besides `error`, `message` and `request_id`.
pub(super) enum Reply {
    /// In `response`.
    Enveloped(Value),
    /// Beside them.
    Flat(Value),
    /// Beside `request_id` alone: the answer has no `error` and no `message`.
    Bare(Value),
    /// Nothing.
    Done,
}

/// An answer that is not on the wire yet.
pub(super) struct Rendered {
    pub status: StatusCode,
    pub body: Vec<u8>,
    pub retry_after: Option<u32>,
}

impl Rendered {
    pub fn into_response(self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if let Some(seconds) = self.retry_after {
            response.insert_header((RETRY_AFTER, seconds));
        }
        response.content_type(ContentType::json()).body(self.body)
    }
}

/// For calls that are answered at once: signature, token and work under one lock.
pub(super) async fn answer(
    shared: web::Data<Shared>,
    endpoint: Endpoint,
    request: HttpRequest,
    body: &[u8],
    work: impl FnOnce(&mut Call<'_>) -> Result<Reply, ApiError>,
) -> HttpResponse {
    conduct(&shared, endpoint, &request, async || {
        let query = Query::parse(request.query_string());
        let now = shared.wall.now();
        let mut world = lock(&shared.world);
        let caller = checked(&shared, &world, endpoint, &request, &query, now)?;
        work(&mut Call {
            caller,
            query: &query,
            body,
            world: &mut world,
            shared: &shared,
            now,
        })
    })
    .await
}

/// For calls whose work has to wait for something, and so holds no lock.
pub(super) async fn answer_later(
    shared: web::Data<Shared>,
    endpoint: Endpoint,
    request: HttpRequest,
    work: impl AsyncFnOnce(Caller) -> Result<Reply, ApiError>,
) -> HttpResponse {
    conduct(&shared, endpoint, &request, async || {
        let query = Query::parse(request.query_string());
        let now = shared.wall.now();
        let caller = {
            let world = lock(&shared.world);
            checked(&shared, &world, endpoint, &request, &query, now)?
        };
        work(caller).await
    })
    .await
}

/// Counts a call, lets a fault have its way with it, scripted or by chance, and renders its
/// outcome.
async fn conduct(
    shared: &Shared,
    endpoint: Endpoint,
    request: &HttpRequest,
    work: impl AsyncFnOnce() -> Result<Reply, ApiError>,
) -> HttpResponse {
    shared.run_due();
    lock(&shared.tally).called(endpoint);
    let scripted = lock(&shared.faults).take(endpoint);
    let fault = scripted.or_else(|| lock(&shared.dice).call(endpoint));
    if fault.is_some() {
        lock(&shared.tally).spoiled(endpoint);
    }
    let attempt = async || {
        let admitted = lock(&shared.gateway).admit(Instant::now());
        let outcome = match admitted {
            Ok(()) => work().await,
            Err(refused) => Err(refused),
        };
        match outcome {
            Ok(reply) => success(shared, reply),
            Err(error) => refusal(shared, &error),
        }
    };
    let response = match fault {
        None => attempt().await.into_response(),
        Some(fault) => spoil(shared, request, fault, attempt).await,
    };
    dated(shared, response)
}

fn checked(
    shared: &Shared,
    world: &World,
    endpoint: Endpoint,
    request: &HttpRequest,
    query: &Query,
    now: Timestamp,
) -> Result<Caller, ApiError> {
    let from: Option<IpAddr> = request.peer_addr().map(|address| address.ip());
    authorise(world, endpoint, query, now, |partner_id| {
        lock(&shared.gateway).admit_app(partner_id, from, now)
    })
}

/// The gateway's own time, by which a caller can set its clock.
fn dated(shared: &Shared, mut response: HttpResponse) -> HttpResponse {
    let date = DateTime::from_timestamp(shared.wall.now(), 0)
        .unwrap_or_default()
        .format("%a, %d %b %Y %H:%M:%S GMT")
        .to_string();
    if let Ok(date) = HeaderValue::try_from(date) {
        response.headers_mut().insert(DATE, date);
    }
    response
}

#[derive(Serialize)]
struct ReplyWire<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<Value>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

fn success(shared: &Shared, reply: Reply) -> Rendered {
    let (blank, response, rest) = match reply {
        Reply::Enveloped(response) => (Some(""), Some(response), Value::Null),
        Reply::Flat(rest) => (Some(""), None, rest),
        Reply::Bare(rest) => (None, None, rest),
        Reply::Done => (Some(""), None, Value::Null),
    };
    let rest = match rest {
        Value::Object(rest) => rest,
        _ => Map::new(),
    };
    render(
        StatusCode::OK,
        &ReplyWire {
            error: blank,
            message: blank,
            request_id: shared.request_id(),
            response,
            rest,
        },
    )
}

pub(super) fn refusal(shared: &Shared, error: &ApiError) -> Rendered {
    let always_200 = lock(&shared.switches).always_http_200;
    let status = if always_200 {
        StatusCode::OK
    } else {
        error.status
    };
    Rendered {
        retry_after: error.retry_after,
        ..refused(
            shared,
            status,
            error.code,
            &error.message,
            error.null_response,
        )
    }
}

pub(super) fn refused(
    shared: &Shared,
    status: StatusCode,
    code: &str,
    message: &str,
    null_response: bool,
) -> Rendered {
    lock(&shared.tally).refused(code);
    render(
        status,
        &ReplyWire {
            error: Some(code),
            message: Some(message),
            request_id: shared.request_id(),
            response: null_response.then_some(Value::Null),
            rest: Map::new(),
        },
    )
}

fn render(status: StatusCode, wire: &ReplyWire<'_>) -> Rendered {
    Rendered {
        status,
        // Values and text keys: serialising cannot fail.
        body: serde_json::to_vec(wire).unwrap_or_default(),
        retry_after: None,
    }
}

/// Any other path: what the gateway says to it.
pub(super) async fn no_such_api(shared: web::Data<Shared>) -> HttpResponse {
    let response = refusal(&shared, &ApiError::no_such_path()).into_response();
    dated(&shared, response)
}

/// A refusal outside of the signed calls, such as of a link.
pub(crate) fn refuse(shared: &Shared, error: &ApiError) -> HttpResponse {
    dated(shared, refusal(shared, error).into_response())
}
