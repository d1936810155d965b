//! What a scripted fault makes of an answer.

use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use actix_web::{HttpRequest, HttpResponse};

use super::call::{Rendered, refusal, refused};
use super::error::ApiError;
use super::fault::Fault;
use crate::shared::Shared;

/// The raw connection, by which a reply can be made to never arrive.
#[derive(Clone)]
pub(crate) struct Wire(pub Arc<TcpStream>);

const EDGE_PAGE: &str = "<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body>\r\n\
    <center><h1>403 Forbidden</h1></center>\r\n<hr><center>SGW</center>\r\n</body>\r\n</html>\r\n";

pub(super) async fn spoil(
    shared: &Shared,
    request: &HttpRequest,
    fault: Fault,
    attempt: impl AsyncFnOnce() -> Rendered,
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
            refused(shared, StatusCode::OK, &code, &message, false).into_response()
        }
        Fault::Auth(text) => refused(
            shared,
            StatusCode::FORBIDDEN,
            "error_auth",
            text.as_str(),
            false,
        )
        .into_response(),
        Fault::Inner => refusal(shared, &ApiError::inner()).into_response(),
        Fault::RateLimited { retry_after } => {
            refusal(shared, &ApiError::too_many_requests(retry_after)).into_response()
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
            attempt().await.into_response()
        }
        Fault::SlowReply { millis } => {
            let rendered = attempt().await;
            tokio::time::sleep(Duration::from_millis(millis)).await;
            rendered.into_response()
        }
        Fault::Drop => hang_up(request),
        Fault::LostReply => {
            attempt().await;
            hang_up(request)
        }
        Fault::TruncatedJson => {
            let mut rendered = attempt().await;
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
