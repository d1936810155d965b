//! `Idempotency-Key`: whoever repeats a request with the same key gets the answer of the first.
//!
//! Only the HTTP of it is here; the sequence is [`KeyedRequests`].
//!
//! Invariants:
//! - What failed in passing (5xx, or a conflict in the database) is forgotten: it may be tried again.
//! - What may have happened or not is neither kept nor forgotten: it stays under way, so that nobody
//!   repeats it blindly, until it counts as abandoned.
//!
//! [`KeyedRequests`]: hawker_usecases::KeyedRequests

use std::future::{Ready, ready};

use actix_web::body::{BoxBody, MessageBody as _, to_bytes};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, ETAG, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage as _, HttpRequest, HttpResponse, web};
use hawker_ports::idempotency::{Begun, KeptAnswer, KeyedRequest};
use hawker_usecases::KeyedRequests;
use hawker_usecases::keyed_requests::RequestContent;

use crate::body;
use crate::extract::{BODY_BYTES_MAX, unreadable};
use crate::guard::{name_request, refuse};
use crate::identity::Identity;
use crate::problem::{FieldError, Kind, Outcome, Problem};
use crate::state::ApiState;

/// The client's key.
pub(crate) const KEY_HEADER: HeaderName = HeaderName::from_static("idempotency-key");

/// Marks an answer that was given before.
pub(crate) const REPLAYED_HEADER: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The longest key that is taken; a UUID has 36 characters.
const KEY_LENGTH_MAX: usize = 255;

/// When to ask again for a request that is under way, in seconds.
const UNDER_WAY_RETRY_SECONDS: u32 = 2;

/// The request as it was noted; none where it has no key.
pub(crate) struct Noted(pub(crate) Option<KeyedRequest>);

impl FromRequest for Noted {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(request.extensions().get().cloned())))
    }
}

/// Answers a request with a key, once or again.
pub(crate) async fn serve(
    identity: &Identity,
    key: &HeaderValue,
    mut request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse, Error> {
    let Some(state) = request.app_data::<web::Data<ApiState>>().cloned() else {
        return next.call(request).await;
    };
    let ledger = &state.admin.keyed;
    let (noted, begun) = match begin(ledger, identity, key, &mut request).await {
        Ok(begun) => begun,
        Err(problem) => return Ok(refuse(request, problem)),
    };
    match begun {
        Begun::New => {}
        Begun::Answered(kept) => return Ok(request.into_response(again(kept))),
        Begun::UnderWay => return Ok(refuse(request, under_way())),
        Begun::OtherRequest => return Ok(refuse(request, other_request())),
    }
    request.extensions_mut().insert(noted.clone());
    let answer = next.call(request).await.map(name_request);
    match (answer.as_ref().map_or(Outcome::Failed, outcome), answer) {
        (Outcome::Settled, Ok(answer)) => Ok(keep(ledger, identity, &noted, answer).await),
        (Outcome::Unknown, answer) => answer,
        (Outcome::Failed | Outcome::Settled, failed) => {
            let forgotten = ledger.forget(&identity.tenant, &noted).await;
            report(forgotten, "a failed request could not be forgotten");
            failed
        }
    }
}

/// What is known of what was asked for.
fn outcome(answer: &ServiceResponse) -> Outcome {
    let problem = answer.response().extensions().get().map(Problem::outcome);
    problem.unwrap_or(if answer.status().is_server_error() {
        Outcome::Failed
    } else {
        Outcome::Settled
    })
}

async fn begin(
    ledger: &KeyedRequests,
    identity: &Identity,
    key: &HeaderValue,
    request: &mut ServiceRequest,
) -> Result<(KeyedRequest, Begun), Problem> {
    let key = readable(key)?;
    let payload = request.extract::<web::Payload>().await;
    let payload = payload.map_err(|_| unreadable(body::BodyError::Broken))?;
    let body = body::read(request.headers(), payload, BODY_BYTES_MAX).await;
    let body = body.map_err(unreadable)?;
    let content = RequestContent {
        method: request.method().as_str(),
        path: request.path(),
        query: request.query_string(),
        body: &body,
    };
    let begun = ledger
        .begin(&identity.tenant, identity.bearer(), key, &content)
        .await?;
    request.set_payload(Payload::from(body));
    Ok(begun)
}

fn readable(key: &HeaderValue) -> Result<&str, Problem> {
    let text = key.to_str().unwrap_or_default();
    let fits = (1..=KEY_LENGTH_MAX).contains(&text.len());
    if fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(text);
    }
    let message =
        format!("1 to {KEY_LENGTH_MAX} visible ASCII characters, for example a UUID, are a key");
    let detail = format!("The header Idempotency-Key holds no key: {message}.");
    let field = "Idempotency-Key".to_owned();
    Err(Problem::new(Kind::Invalid, detail).with_errors(vec![FieldError { field, message }]))
}

/// Keeps the answer and gives it.
async fn keep(
    ledger: &KeyedRequests,
    identity: &Identity,
    noted: &KeyedRequest,
    answer: ServiceResponse,
) -> ServiceResponse {
    let (request, response) = answer.into_parts();
    let (head, body) = response.into_parts();
    let Ok(body) = to_bytes(body).await else {
        let problem = Problem::internal(&BodyLost);
        return ServiceResponse::new(request.clone(), problem.answer(&request));
    };
    let text_of = |name| {
        head.headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let kept = KeptAnswer {
        status: head.status().as_u16(),
        content_type: text_of(CONTENT_TYPE).unwrap_or_default().to_owned(),
        etag: text_of(ETAG).map(str::to_owned),
        body: body.to_vec(),
    };
    // The client gets its answer in any case: what it asked for has been done.
    let is_kept = ledger.keep(&identity.tenant, noted, &kept).await;
    report(
        is_kept,
        "the answer to a request with a key could not be kept",
    );
    ServiceResponse::new(request, head.set_body(body.boxed()))
}

fn again(kept: KeptAnswer) -> HttpResponse {
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    let mut answer = HttpResponse::build(status);
    answer.insert_header((REPLAYED_HEADER, "true"));
    if let Some(etag) = kept.etag {
        answer.insert_header((ETAG, etag));
    }
    if kept.content_type.is_empty() {
        return answer.body(kept.body);
    }
    answer.content_type(kept.content_type).body(kept.body)
}

fn under_way() -> Problem {
    Problem::later(
        Kind::RequestUnderWay,
        "A request with this Idempotency-Key is being worked on, or was broken off and may have \
         happened or not. Send it again in a moment to learn what it came to; if it stays so, look \
         at the thing itself: after five minutes the key begins anew.",
        UNDER_WAY_RETRY_SECONDS,
    )
}

fn other_request() -> Problem {
    Problem::new(
        Kind::KeyReused,
        "This Idempotency-Key was used for another request: method, path, query or body differ. \
         Use a new key for each thing that you want to be done.",
    )
}

fn report(result: Result<(), hawker_ports::StoreError>, sentence: &str) {
    if let Err(error) = result {
        tracing::error!(event = "http.key_not_noted", %error, "{sentence}");
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the body of an answer could not be read")]
struct BodyLost;
