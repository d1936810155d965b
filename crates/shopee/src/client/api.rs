//! One call, from its arguments to its payload: sign, send, read, judge, repeat where that helps.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use hawker_domain::Timestamp;
use hawker_ports::{Clock, MarketplaceError, Metrics};
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};
use tokio::time::Instant;

use super::backoff::{http_date, jittered, retry_after};
use super::endpoint::Endpoint;
use super::limits::{RateLimiter, RateLimits};
use super::policy::CallPolicy;
use super::refusal::{Refusal, RefusalClass};
use super::reply::{Reply, judge};
use super::target::{Arguments, Caller, Target};

/// The platform's API.
pub struct ShopeeApi {
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    metrics: Arc<dyn Metrics>,
    policy: CallPolicy,
    limiter: RateLimiter,
    /// How many seconds the platform's clock is ahead of ours, as far as it complained.
    clock_offset: AtomicI64,
}

impl fmt::Debug for ShopeeApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShopeeApi")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

/// An exchange that came to nothing.
struct Failure {
    class: RefusalClass,
    error: MarketplaceError,
    retry_after: Option<Duration>,
    /// What the platform's clock showed.
    platform_time: Option<Timestamp>,
}

impl ShopeeApi {
    /// Calls through `http`, which should be built from
    /// [`http_client_builder`](super::http_client_builder).
    pub fn new(
        http: reqwest::Client,
        clock: Arc<dyn Clock>,
        metrics: Arc<dyn Metrics>,
        policy: CallPolicy,
        limits: RateLimits,
    ) -> Self {
        Self {
            http,
            clock,
            metrics,
            policy,
            limiter: RateLimiter::new(limits),
            clock_offset: AtomicI64::new(0),
        }
    }

    /// Until when an operation that starts now must have ended.
    pub fn deadline(&self) -> Instant {
        Instant::now() + self.policy.budget
    }

    /// Calls `endpoint` and answers the payload, by `deadline` at the latest.
    pub async fn call(
        &self,
        endpoint: &Endpoint,
        caller: Caller<'_>,
        arguments: &Arguments,
        deadline: Instant,
    ) -> Result<Reply, MarketplaceError> {
        let target = Target::of(endpoint, caller)?;
        let mut retries = 0;
        let mut is_clock_corrected = false;
        loop {
            self.limiter
                .admit(caller.partner_id, target.account(), deadline)
                .await
                .map_err(|busy| MarketplaceError::RateLimited {
                    endpoint: endpoint.name,
                    retry_after: Some(busy.wait),
                })?;
            let failure = match self.exchange(&target, arguments, deadline).await {
                Ok(reply) => return Ok(reply),
                Err(failure) => failure,
            };
            let wait = match (failure.class, failure.platform_time) {
                (RefusalClass::Clock, Some(platform_time)) if !is_clock_corrected => {
                    is_clock_corrected = true;
                    self.correct_clock(platform_time);
                    continue;
                }
                (RefusalClass::Throttled, _) => self
                    .wait(self.policy.first_wait_throttled, retries)
                    .max(failure.retry_after.unwrap_or_default()),
                (RefusalClass::Transient, _) if endpoint.is_repeatable => {
                    self.wait(self.policy.first_wait, retries)
                }
                _ => return Err(failure.error),
            };
            if retries == self.policy.retries || Instant::now() + wait >= deadline {
                return Err(failure.error);
            }
            retries += 1;
            tokio::time::sleep(wait).await;
        }
    }

    fn wait(&self, first: Duration, retries: u32) -> Duration {
        jittered(first, self.policy.longest_wait, retries)
    }

    fn correct_clock(&self, platform_time: Timestamp) {
        let offset = (platform_time - self.clock.now()).num_seconds();
        self.clock_offset.store(offset, Ordering::Relaxed);
        tracing::warn!(
            offset_s = offset,
            "our clock differs from the platform's; requests are signed with the platform's time"
        );
    }

    /// One request and its answer, counted and logged.
    async fn exchange(
        &self,
        target: &Target<'_>,
        arguments: &Arguments,
        deadline: Instant,
    ) -> Result<Reply, Failure> {
        let started = Instant::now();
        let outcome = self.send(target, arguments, deadline).await;
        let took = started.elapsed();
        let endpoint = target.endpoint.name;
        let (result, request_id) = match &outcome {
            Ok(reply) => ("ok", reply.request_id.as_deref()),
            Err(failure) => (failure.class.result(), request_id_of(&failure.error)),
        };
        self.metrics.api_call(endpoint, result, took);
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
        match &outcome {
            Ok(_) => log!(debug),
            Err(failure) if failure.class == RefusalClass::NotFound => log!(debug),
            Err(_) => log!(warn),
        }
        outcome
    }

    async fn send(
        &self,
        target: &Target<'_>,
        arguments: &Arguments,
        deadline: Instant,
    ) -> Result<Reply, Failure> {
        let endpoint = target.endpoint;
        let timestamp = self.clock.now().timestamp() + self.clock_offset.load(Ordering::Relaxed);
        let timeout = self
            .policy
            .request_timeout
            .min(deadline.saturating_duration_since(Instant::now()));
        let mut request = self
            .http
            .request(
                endpoint.method.clone(),
                target.signed_url(arguments, timestamp),
            )
            .timeout(timeout);
        if let Some(body) = &arguments.body {
            request = request.json(body);
        }
        let lost = |error| Failure {
            class: RefusalClass::Transient,
            error: unavailable(endpoint.name, error),
            retry_after: None,
            platform_time: None,
        };
        let response = request.send().await.map_err(lost)?;
        let status = response.status();
        let platform_time = header(response.headers(), &DATE).and_then(http_date);
        let now = self.clock.now();
        let retry_after = header(response.headers(), &RETRY_AFTER)
            .and_then(|text| retry_after(text, platform_time.unwrap_or(now)));
        let judged = match self.read(response).await.map_err(lost)? {
            Some(body) => judge(status, body, endpoint.reply),
            None => Err(Refusal {
                class: RefusalClass::Malformed,
                code: "too_large".to_owned(),
                message: format!(
                    "the answer is larger than {} bytes",
                    self.policy.reply_bytes_max
                ),
                request_id: None,
            }),
        };
        judged.map_err(|refusal| Failure {
            class: refusal.class,
            error: refusal.into_error(endpoint.name, retry_after, now),
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
}

fn header<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// The transport failed. The error's URL goes: it carries token and signature.
fn unavailable(endpoint: &'static str, error: reqwest::Error) -> MarketplaceError {
    let reason = if error.is_connect() {
        "the connection could not be made"
    } else if error.is_timeout() {
        "no answer in time"
    } else if error.is_body() || error.is_decode() {
        "the answer broke off"
    } else {
        "the request could not be sent"
    };
    MarketplaceError::Unavailable {
        endpoint,
        reason: reason.to_owned(),
        cause: Some(Box::new(error.without_url())),
    }
}

fn request_id_of(error: &MarketplaceError) -> Option<&str> {
    match error {
        MarketplaceError::TokenInvalid { request_id, .. }
        | MarketplaceError::Reauthorise { request_id, .. }
        | MarketplaceError::Misconfigured { request_id, .. }
        | MarketplaceError::NotFound { request_id, .. }
        | MarketplaceError::Refused { request_id, .. } => request_id.as_deref(),
        MarketplaceError::RateLimited { .. }
        | MarketplaceError::DailyQuota { .. }
        | MarketplaceError::Unavailable { .. }
        | MarketplaceError::Malformed { .. } => None,
    }
}
