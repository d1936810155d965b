//! The way that every call takes.

use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::{Map, Value};

use super::authorise::{Caller, authorise};
use super::endpoint::Endpoint;
use super::error::ApiError;
use super::fault::Fault;
use super::query::Query;
use crate::shared::Shared;
use crate::sync::lock;
use crate::world::World;

/// A checked call, with the world locked for its answer.
pub(super) struct Call<'a> {
    pub caller: Caller,
    pub query: &'a Query,
    pub body: &'a [u8],
    pub world: &'a World,
    pub shared: &'a Shared,
}

/// What a successful call answers besides `error`, `message` and `request_id`.
pub(super) enum Reply {
    /// In `response`.
    Enveloped(Value),
    /// Beside them.
    Flat(Map<String, Value>),
}

/// The raw connection, by which a reply can be made to never arrive.
#[derive(Clone)]
pub(crate) struct Wire(pub Arc<TcpStream>);

const EDGE_PAGE: &str = "<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body>\r\n\
    <center><h1>403 Forbidden</h1></center>\r\n<hr><center>SGW</center>\r\n</body>\r\n</html>\r\n";

pub(super) async fn answer(
    shared: web::Data<Shared>,
    endpoint: Endpoint,
    request: HttpRequest,
    body: &[u8],
    work: impl FnOnce(&Call<'_>) -> Result<Reply, ApiError>,
) -> HttpResponse {
    lock(&shared.tally).called(endpoint);
    let fault = lock(&shared.faults).take(endpoint);
    if fault.is_some() {
        lock(&shared.tally).spoiled(endpoint);
    }
    let attempt = || {
        if !lock(&shared.limiter).admits(Instant::now()) {
            return refusal(&shared, &ApiError::too_many_requests());
        }
        let query = Query::parse(request.query_string());
        let world = lock(&shared.world);
        let outcome = authorise(&world, endpoint, &query, shared.wall.now()).and_then(|caller| {
            work(&Call {
                caller,
                query: &query,
                body,
                world: &world,
                shared: &shared,
            })
        });
        drop(world);
        match outcome {
            Ok(reply) => success(&shared, reply),
            Err(error) => refusal(&shared, &error),
        }
    };
    match fault {
        None => attempt().into_response(),
        Some(fault) => spoil(&shared, &request, fault, attempt).await,
    }
}

/// An answer that is not on the wire yet.
struct Rendered {
    status: StatusCode,
    body: Vec<u8>,
}

impl Rendered {
    fn into_response(self) -> HttpResponse {
        HttpResponse::build(self.status)
            .content_type(ContentType::json())
            .body(self.body)
    }
}

#[derive(Serialize)]
struct ReplyWire<'a> {
    error: &'a str,
    message: &'a str,
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<Value>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

fn success(shared: &Shared, reply: Reply) -> Rendered {
    let (response, rest) = match reply {
        Reply::Enveloped(response) => (Some(response), Map::new()),
        Reply::Flat(rest) => (None, rest),
    };
    render(shared, StatusCode::OK, "", "", response, rest)
}

fn refusal(shared: &Shared, error: &ApiError) -> Rendered {
    lock(&shared.tally).refused(error.code);
    let always_200 = lock(&shared.switches).always_http_200;
    let status = if always_200 {
        StatusCode::OK
    } else {
        error.status
    };
    render(shared, status, error.code, &error.message, None, Map::new())
}

fn render(
    shared: &Shared,
    status: StatusCode,
    error: &str,
    message: &str,
    response: Option<Value>,
    rest: Map<String, Value>,
) -> Rendered {
    let wire = ReplyWire {
        error,
        message,
        request_id: shared.request_id(),
        response,
        rest,
    };
    // Values and text keys: serialising cannot fail.
    Rendered {
        status,
        body: serde_json::to_vec(&wire).unwrap_or_default(),
    }
}

async fn spoil(
    shared: &Shared,
    request: &HttpRequest,
    fault: Fault,
    attempt: impl FnOnce() -> Rendered,
) -> HttpResponse {
    match fault {
        Fault::Status { code, body } => {
            let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let json = body.trim_start().starts_with(['{', '[']);
            let content_type = if json {
                ContentType::json()
            } else {
                ContentType::html()
            };
            HttpResponse::build(status)
                .content_type(content_type)
                .body(body)
        }
        Fault::Error { code, message } => {
            render(shared, StatusCode::OK, &code, &message, None, Map::new()).into_response()
        }
        Fault::Inner => refusal(shared, &ApiError::inner()).into_response(),
        Fault::RateLimited { retry_after } => {
            let Rendered { status, body } = refusal(shared, &ApiError::too_many_requests());
            let mut response = HttpResponse::build(status);
            if let Some(seconds) = retry_after {
                response.insert_header((RETRY_AFTER, seconds));
            }
            response.content_type(ContentType::json()).body(body)
        }
        Fault::EdgeForbidden => HttpResponse::Forbidden()
            .content_type(ContentType::html())
            .body(EDGE_PAGE),
        Fault::Hang { millis } => {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            hang_up(request)
        }
        Fault::Slow { millis } => {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            attempt().into_response()
        }
        Fault::Drop => hang_up(request),
        Fault::LostReply => {
            attempt();
            hang_up(request)
        }
        Fault::TruncatedJson => {
            let mut rendered = attempt();
            rendered.body.truncate(rendered.body.len() / 2);
            rendered.into_response()
        }
        Fault::Garbage => HttpResponse::Ok()
            .content_type(ContentType::json())
            .body(&b"\x1f\x8b\x00garbage\xff"[..]),
    }
}

/// Closes the connection under the answer, so that not a byte of it arrives.
fn hang_up(request: &HttpRequest) -> HttpResponse {
    if let Some(Wire(stream)) = request.conn_data::<Wire>() {
        // It fails only when the caller has gone already.
        drop(stream.shutdown(Shutdown::Both));
    }
    HttpResponse::InternalServerError().finish()
}

/// Any other path: what the gateway says to it.
pub(super) async fn no_such_api(shared: web::Data<Shared>) -> HttpResponse {
    refusal(&shared, &ApiError::no_such_path()).into_response()
}
