//! Our own limits on calls, per shop and per app. The platform publishes none (shopee.md §7.3);
//! these stay well below what is known to be throttled. They hold for one process: with several
//! replicas, each has its share configured.
//!
//! A bucket is kept as one moment, the time at which it would be empty again (generic cell rate
//! algorithm): there is nothing to refill and nothing to tick.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Buckets of shops that have been quiet are forgotten when there are more than this.
const BUCKETS_KEPT: usize = 1024;

/// How often something may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// On average.
    pub per_second: NonZeroU32,
    /// At once, after a pause.
    pub burst: NonZeroU32,
}

impl Rate {
    /// A rate of at least 1 each second, and of at least 1 at once.
    pub const fn new(per_second: u32, burst: u32) -> Self {
        const fn at_least_one(number: u32) -> NonZeroU32 {
            match NonZeroU32::new(number) {
                Some(number) => number,
                None => NonZeroU32::MIN,
            }
        }
        Self {
            per_second: at_least_one(per_second),
            burst: at_least_one(burst),
        }
    }

    fn interval(self) -> Duration {
        Duration::from_secs(1) / self.per_second.get()
    }

    /// How much earlier than evenly spaced a call may come.
    fn tolerance(self) -> Duration {
        self.interval() * (self.burst.get() - 1)
    }
}

/// The limits that we keep to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimits {
    /// Of one shop.
    pub shop: Rate,
    /// Of one app, all its shops together.
    pub app: Rate,
}

impl Default for RateLimits {
    /// 10 a second for a shop, 50 a second for an app.
    fn default() -> Self {
        Self {
            shop: Rate::new(10, 5),
            app: Rate::new(50, 10),
        }
    }
}

/// How many calls may be made at once, a part of one included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Left {
    /// For a shop.
    pub shop: f64,
    /// For an app.
    pub app: f64,
}

/// An app, or one account (shop or merchant) of an app.
type Bucket = (i64, Option<i64>);

/// Lets calls through at the configured rates.
#[derive(Debug)]
pub(super) struct RateLimiter {
    limits: RateLimits,
    empty_again: Mutex<HashMap<Bucket, Instant>>,
}

/// It would not be one's turn in time.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooBusy {
    /// After which it would be.
    pub wait: Duration,
}

impl RateLimiter {
    pub(super) fn new(limits: RateLimits) -> Self {
        Self {
            limits,
            empty_again: Mutex::default(),
        }
    }

    /// Waits for one's turn. Refuses at once, and uses up nothing, when that is after `deadline`.
    pub(super) async fn admit(
        &self,
        partner_id: i64,
        account: Option<i64>,
        deadline: Instant,
    ) -> Result<(), TooBusy> {
        let turn = self.reserve(partner_id, account, Instant::now(), deadline)?;
        tokio::time::sleep_until(turn).await;
        Ok(())
    }

    fn reserve(
        &self,
        partner_id: i64,
        account: Option<i64>,
        now: Instant,
        deadline: Instant,
    ) -> Result<Instant, TooBusy> {
        let account = account.map(|id| ((partner_id, Some(id)), self.limits.shop));
        let app = Some(((partner_id, None), self.limits.app));
        let buckets = || [account, app].into_iter().flatten();

        let mut empty_again = self.locked();
        if empty_again.len() > BUCKETS_KEPT {
            empty_again.retain(|_, moment| *moment > now);
        }
        let turn = buckets()
            .filter_map(|(bucket, rate)| empty_again.get(&bucket)?.checked_sub(rate.tolerance()))
            .fold(now, Instant::max);
        // A deadline that has passed is told where the request would be sent.
        if turn > deadline.max(now) {
            return Err(TooBusy { wait: turn - now });
        }
        for (bucket, rate) in buckets() {
            let moment = empty_again.entry(bucket).or_insert(now);
            *moment = (*moment).max(turn) + rate.interval();
        }
        Ok(turn)
    }

    /// Nobody of this account has a turn before `until`; of the app, where there is no account.
    pub(super) fn rest(&self, partner_id: i64, account: Option<i64>, until: Instant) {
        let moment = until + self.rate(account).tolerance();
        let mut empty_again = self.locked();
        let empty = empty_again.entry((partner_id, account)).or_insert(moment);
        *empty = (*empty).max(moment);
    }

    /// What is left of an app and of one of its accounts; all of it where none is named.
    pub(super) fn left(&self, partner_id: i64, account: Option<i64>, now: Instant) -> Left {
        let empty_again = self.locked();
        let left = |bucket: Bucket, rate: Rate| {
            let used = empty_again
                .get(&bucket)
                .map_or(Duration::ZERO, |moment| moment.duration_since(now));
            let left = f64::from(rate.burst.get()) - used.div_duration_f64(rate.interval());
            left.max(0.0)
        };
        Left {
            shop: account.map_or(f64::from(self.limits.shop.burst.get()), |id| {
                left((partner_id, Some(id)), self.limits.shop)
            }),
            app: left((partner_id, None), self.limits.app),
        }
    }

    pub(super) const fn limits(&self) -> RateLimits {
        self.limits
    }

    const fn rate(&self, account: Option<i64>) -> Rate {
        match account {
            Some(_) => self.limits.shop,
            None => self.limits.app,
        }
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<Bucket, Instant>> {
        self.empty_again
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
