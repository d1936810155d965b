//! One request and its answer: sent, read, judged, counted, logged, recorded.

use std::time::Duration;

use hawker_domain::Timestamp;
use hawker_ports::MarketplaceError;
use hawker_ports::calls::RecordedCall;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, RETRY_AFTER};
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use super::api::ShopeeApi;
use super::arguments::Arguments;
use super::backoff::{http_date, retry_after};
use super::endpoint::{Endpoint, Method};
use super::refusal::{Refusal, RefusalClass};
use super::reply::{Received, Reply, judge};
use super::target::Target;

/// An exchange that came to nothing.
pub(super) struct Failure {
    pub class: RefusalClass,
    pub error: MarketplaceError,
    /// What the platform asks to wait.
    pub retry_after: Option<Duration>,
    /// What the platform's clock showed.
    pub platform_time: Option<Timestamp>,
    /// The platform's words, where it said something.
    code: Option<String>,
    request_id: Option<String>,
}

impl Failure {
    /// The name under which it is counted.
    fn result(&self) -> &'static str {
        match self.error {
            MarketplaceError::MaybeApplied { .. } => "maybe_applied",
            _ => self.class.result(),
        }
    }
}

/// What an exchange left behind, whatever it came to.
struct Exchange {
    outcome: Result<Reply, Failure>,
    /// By how many seconds the platform's clock is ahead of ours.
    clock_skew_s: Option<i64>,
}

impl ShopeeApi {
    /// One request and its answer.
    pub(super) async fn exchange(
        &self,
        target: &Target<'_>,
        arguments: &Arguments,
        deadline: Instant,
    ) -> Result<Reply, Failure> {
        let span = tracing::info_span!(
            "shopee.call",
            endpoint = target.endpoint.name,
            shop = target.account(),
            orders = arguments.orders,
            request_id = Empty,
            result = Empty,
        );
        let at = self.clock.now();
        let started = Instant::now();
        let exchange = self
            .send(target, arguments, deadline)
            .instrument(span.clone())
            .await;
        self.tell(target, arguments, &span, &exchange, at, started.elapsed());
        exchange.outcome
    }

    /// Counts, logs and records an exchange.
    fn tell(
        &self,
        target: &Target<'_>,
        arguments: &Arguments,
        span: &Span,
        exchange: &Exchange,
        at: Timestamp,
        took: Duration,
    ) {
        let endpoint = target.endpoint.name;
        let (result, request_id) = match &exchange.outcome {
            Ok(reply) => ("ok", reply.request_id.as_deref()),
            Err(failure) => (failure.result(), failure.request_id.as_deref()),
        };
        span.record("result", result);
        if let Some(request_id) = request_id {
            span.record("request_id", request_id);
        }
        self.metrics.api_call(endpoint, result, took);
        if let Some(profile) = target.caller.profile {
            self.recorder.record(RecordedCall {
                profile: profile.clone(),
                at,
                endpoint: endpoint.to_owned(),
                result: result.to_owned(),
                code: exchange
                    .outcome
                    .as_ref()
                    .err()
                    .and_then(|failure| failure.code.clone()),
                request_id: request_id.map(str::to_owned),
                took,
                clock_skew_s: exchange.clock_skew_s,
            });
        }
        let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        macro_rules! log {
            ($level:ident) => {
                tracing::$level!(
                    endpoint,
                    shop = target.account(),
                    orders = arguments.orders,
                    request_id,
                    result,
                    duration_ms,
                    "called the platform"
                )
            };
        }
        match &exchange.outcome {
            Ok(_) => log!(debug),
            Err(failure) if failure.class == RefusalClass::NotFound => log!(debug),
            Err(_) => log!(warn),
        }
    }

    async fn send(
        &self,
        target: &Target<'_>,
        arguments: &Arguments,
        deadline: Instant,
    ) -> Exchange {
        let endpoint = target.endpoint;
        let timeout = self
            .policy
            .request_timeout
            .min(deadline.saturating_duration_since(Instant::now()));
        let sent = if timeout.is_zero() {
            Err(no_time_left(endpoint))
        } else {
            let timestamp = self.platform_now(target.caller.base_url).timestamp();
            let url = target.signed_url(arguments, timestamp);
            let request = match endpoint.method {
                Method::Get => self.http.get(url),
                Method::Post => self.http.post(url),
            };
            let request = match &arguments.body {
                Some(body) => request.json(body),
                None => request,
            };
            let sent = request.timeout(timeout).send().await;
            sent.map_err(|error| broken(endpoint, error))
        };
        let response = match sent {
            Ok(response) => response,
            Err(failure) => {
                return Exchange {
                    outcome: Err(failure),
                    clock_skew_s: None,
                };
            }
        };
        let now = self.clock.now();
        let platform_time = header(response.headers(), &DATE).and_then(http_date);
        let clock_skew_s = platform_time.map(|time| (time - now).num_seconds());
        if let Some(skew_s) = clock_skew_s {
            self.clocks.measured(target.caller.base_url, skew_s);
        }
        Exchange {
            outcome: self.receive(target, response, platform_time).await,
            clock_skew_s,
        }
    }

    async fn receive(
        &self,
        target: &Target<'_>,
        response: reqwest::Response,
        platform_time: Option<Timestamp>,
    ) -> Result<Reply, Failure> {
        let endpoint = target.endpoint;
        let status = response.status();
        let now = platform_time.unwrap_or_else(|| self.platform_now(target.caller.base_url));
        let retry_after =
            header(response.headers(), &RETRY_AFTER).and_then(|text| retry_after(text, now));
        let content_type = header(response.headers(), &CONTENT_TYPE).map(str::to_owned);
        let judged = match self.read(response).await {
            Ok(Some(body)) => {
                let received = Received {
                    status,
                    content_type: content_type.as_deref(),
                    body,
                };
                judge(received, endpoint.reply)
            }
            Ok(None) => Err(self.too_large()),
            Err(error) => return Err(broken(endpoint, error)),
        };
        judged.map_err(|refusal| Failure {
            class: refusal.class,
            code: Some(refusal.code.clone()),
            request_id: refusal.request_id.clone(),
            error: refusal.into_error(endpoint, retry_after, now),
            retry_after,
            platform_time,
        })
    }

    /// The body, or `None` as soon as it is known to be too large.
    async fn read(&self, mut response: reqwest::Response) -> reqwest::Result<Option<Vec<u8>>> {
        let max = self.policy.reply_bytes_max;
        let announced = response.content_length().unwrap_or(0);
        if usize::try_from(announced).is_ok_and(|length| length > max) {
            return Ok(None);
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > max {
                return Ok(None);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Some(body))
    }

    fn too_large(&self) -> Refusal {
        let max = self.policy.reply_bytes_max;
        Refusal {
            class: RefusalClass::Malformed,
            code: "too_large".to_owned(),
            message: format!("the answer is larger than {max} bytes"),
            request_id: None,
        }
    }
}

fn header<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// Nothing was sent.
fn no_time_left(endpoint: &Endpoint) -> Failure {
    transport(MarketplaceError::Unavailable {
        endpoint: endpoint.name,
        reason: "there was no time left to send the request".to_owned(),
        cause: None,
    })
}

/// The transport failed. Where no connection was made nothing was sent; else what changes something
/// may have happened. The error's URL goes: it carries token and signature.
fn broken(endpoint: &Endpoint, error: reqwest::Error) -> Failure {
    let was_sent = !(error.is_connect() || error.is_builder());
    let reason = if error.is_connect() {
        "the connection could not be made"
    } else if error.is_timeout() {
        "no answer in time"
    } else if error.is_body() || error.is_decode() {
        "the answer broke off"
    } else if was_sent {
        "the connection broke"
    } else {
        "the request could not be sent"
    };
    let reason = reason.to_owned();
    let cause = Some(error.without_url().into());
    let endpoint_name = endpoint.name;
    transport(if was_sent && !endpoint.is_repeatable {
        MarketplaceError::MaybeApplied {
            endpoint: endpoint_name,
            reason,
            cause,
        }
    } else {
        MarketplaceError::Unavailable {
            endpoint: endpoint_name,
            reason,
            cause,
        }
    })
}

fn transport(error: MarketplaceError) -> Failure {
    Failure {
        class: RefusalClass::Transient,
        error,
        retry_after: None,
        platform_time: None,
        code: None,
        request_id: None,
    }
}
