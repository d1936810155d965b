//! One call, from its arguments to its payload: admitted, exchanged, repeated where that helps.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hawker_domain::{ShopId, Timestamp};
use hawker_ports::calls::{CallBudget, CallBudgets, CallRecorder, ClockSkew, NoCallRecorder};
use hawker_ports::{Clock, MarketplaceError, Metrics};
use tokio::time::Instant;

use super::arguments::Arguments;
use super::backoff::jittered;
use super::call::Call;
use super::clocks::PlatformClocks;
use super::endpoint::Endpoint;
use super::exchange::Failure;
use super::limits::{RateLimiter, RateLimits};
use super::policy::CallPolicy;
use super::quota::{DailyPauses, until_renewal};
use super::refusal::RefusalClass;
use super::reply::{Answer, Reply};
use super::target::{Caller, Target};

/// The platform's API.
pub struct ShopeeApi {
    pub(super) http: reqwest::Client,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) metrics: Arc<dyn Metrics>,
    pub(super) recorder: Arc<dyn CallRecorder>,
    pub(super) policy: CallPolicy,
    limiter: RateLimiter,
    pauses: DailyPauses,
    pub(super) clocks: PlatformClocks,
}

impl fmt::Debug for ShopeeApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShopeeApi")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
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
            recorder: Arc::new(NoCallRecorder),
            policy,
            limiter: RateLimiter::new(limits),
            pauses: DailyPauses::default(),
            clocks: PlatformClocks::default(),
        }
    }

    /// Tells `recorder` of every exchange that is made for a profile.
    #[must_use]
    pub fn with_recorder(self, recorder: Arc<dyn CallRecorder>) -> Self {
        Self { recorder, ..self }
    }

    /// Until when an operation that starts now must have ended.
    pub fn deadline(&self) -> Instant {
        Instant::now() + self.policy.budget
    }

    /// Makes a call and answers what the platform replied, by `deadline` at the latest.
    pub async fn typed<C: Call>(
        &self,
        caller: Caller<'_>,
        call: &C,
        deadline: Instant,
    ) -> Result<Answer<C::Reply>, MarketplaceError> {
        let endpoint = C::ENDPOINT;
        let reply = self
            .call(&endpoint, caller, &call.arguments(), deadline)
            .await?;
        reply.read(&endpoint)
    }

    /// Calls `endpoint` and answers the payload as it came, by `deadline` at the latest.
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
            self.admit(&target, deadline).await?;
            let failure = match self.exchange(&target, arguments, deadline).await {
                Ok(reply) => return Ok(reply),
                Err(failure) => failure,
            };
            let wait = match (failure.class, failure.platform_time) {
                (RefusalClass::Clock, Some(platform_time)) if !is_clock_corrected => {
                    is_clock_corrected = true;
                    self.correct_clock(&target, platform_time);
                    continue;
                }
                (RefusalClass::DailyQuota, _) => {
                    return Err(self.rest_for_the_day(&target, failure));
                }
                (RefusalClass::Throttled, _) => {
                    self.rest(&target, failure.retry_after);
                    self.wait(self.policy.first_wait_throttled, retries)
                        .max(failure.retry_after.unwrap_or_default())
                }
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

    /// Now, by the clock of the host of `base_url` as far as it is known.
    pub(crate) fn platform_now(&self, base_url: &str) -> Timestamp {
        self.clocks.now(base_url, self.clock.now())
    }

    /// Waits for a turn; refused without one while the app's calls of the day are used up.
    async fn admit(&self, target: &Target<'_>, deadline: Instant) -> Result<(), MarketplaceError> {
        self.refuse_while_paused(target)?;
        self.limiter
            .admit(target.caller.partner_id, target.account(), deadline)
            .await
            .map_err(|busy| MarketplaceError::RateLimited {
                endpoint: target.endpoint.name,
                retry_after: Some(busy.wait),
            })?;
        // Somebody may have met the end of the quota while this call waited.
        self.refuse_while_paused(target)
    }

    fn refuse_while_paused(&self, target: &Target<'_>) -> Result<(), MarketplaceError> {
        let now = self.clock.now();
        match self.pauses.until(target.caller.partner_id, now) {
            None => Ok(()),
            Some(until) => Err(MarketplaceError::DailyQuota {
                endpoint: target.endpoint.name,
                renewed_in: (until - now).to_std().unwrap_or_default(),
            }),
        }
    }

    /// Told by the platform's own clock: one of ours that is ahead would see midnight come early,
    /// and after the refusal that follows rest for another day.
    fn rest_for_the_day(&self, target: &Target<'_>, failure: Failure) -> MarketplaceError {
        let platform_time = failure
            .platform_time
            .unwrap_or_else(|| self.platform_now(target.caller.base_url));
        let until = self.clock.now() + until_renewal(platform_time);
        let partner_id = target.caller.partner_id;
        self.pauses.pause(partner_id, until);
        tracing::warn!(
            partner_id,
            %until,
            "the app's calls of the day are used up; nothing is asked until they are renewed"
        );
        failure.error
    }

    /// What the platform asks one call to wait, others of the same account wait as well.
    fn rest(&self, target: &Target<'_>, retry_after: Option<Duration>) {
        if let Some(wait) = retry_after {
            let until = Instant::now() + wait;
            self.limiter
                .rest(target.caller.partner_id, target.account(), until);
        }
    }

    fn wait(&self, first: Duration, retries: u32) -> Duration {
        jittered(first, self.policy.longest_wait, retries)
    }

    fn correct_clock(&self, target: &Target<'_>, platform_time: Timestamp) {
        let offset_s = (platform_time - self.clock.now()).num_seconds();
        self.clocks.correct(target.caller.base_url, offset_s);
        tracing::warn!(
            offset_s,
            host = target.host(),
            "our clock differs from the platform's; requests are signed with the platform's time"
        );
    }
}

impl CallBudgets for ShopeeApi {
    fn budget(&self, partner_id: i64, shop: Option<ShopId>) -> CallBudget {
        let left = self
            .limiter
            .left(partner_id, shop.map(|shop| shop.0), Instant::now());
        let limits = self.limiter.limits();
        CallBudget {
            shop_left: left.shop,
            shop_per_second: limits.shop.per_second.get().into(),
            app_left: left.app,
            app_per_second: limits.app.per_second.get().into(),
            paused_until: self.pauses.until(partner_id, self.clock.now()),
        }
    }
}

impl ClockSkew for ShopeeApi {
    fn clock_skew_s(&self, base_url: &str) -> Option<i64> {
        self.clocks.skew_s(base_url)
    }
}
