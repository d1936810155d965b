//! Our own limits on calls, per shop and per app. The platform publishes none (shopee.md §7.3);
//! these stay well below what is known to be throttled. They hold for one process: with several
//! replicas, each has its share configured.
//!
//! A bucket is kept as one moment, the time at which it would be empty again (generic cell rate
//! algorithm): there is nothing to refill and nothing to tick.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
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

        let mut empty_again = self
            .empty_again
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if empty_again.len() > BUCKETS_KEPT {
            empty_again.retain(|_, moment| *moment > now);
        }
        let turn = buckets()
            .filter_map(|(bucket, rate)| empty_again.get(&bucket)?.checked_sub(rate.tolerance()))
            .fold(now, Instant::max);
        if turn > deadline {
            return Err(TooBusy { wait: turn - now });
        }
        for (bucket, rate) in buckets() {
            let moment = empty_again.entry(bucket).or_insert(now);
            *moment = (*moment).max(turn) + rate.interval();
        }
        Ok(turn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: i64 = 1;
    const SHOP: Option<i64> = Some(7);

    fn limiter() -> (RateLimiter, Instant, Instant) {
        let now = Instant::now();
        let limits = RateLimits {
            shop: Rate::new(10, 3),
            app: Rate::new(20, 4),
        };
        (RateLimiter::new(limits), now, now + Duration::from_hours(1))
    }

    /// After how many milliseconds each of `calls` calls at one moment may go.
    fn waits(limiter: &RateLimiter, account: Option<i64>, now: Instant, calls: usize) -> Vec<u128> {
        let far = now + Duration::from_hours(1);
        (0..calls)
            .map(|_| limiter.reserve(APP, account, now, far).unwrap() - now)
            .map(|wait| wait.as_millis())
            .collect()
    }

    #[test]
    fn a_burst_goes_at_once_and_the_rest_evenly_spaced() {
        let (limiter, now, _) = limiter();
        assert_eq!(waits(&limiter, SHOP, now, 6), [0, 0, 0, 100, 200, 300]);
    }

    #[test]
    fn a_bucket_fills_again_up_to_its_burst() {
        let (limiter, now, _) = limiter();
        waits(&limiter, SHOP, now, 3);
        let later = now + Duration::from_mins(1);
        assert_eq!(waits(&limiter, SHOP, later, 4), [0, 0, 0, 100]);
    }

    #[test]
    fn shops_of_one_app_share_the_limit_of_the_app() {
        let (limiter, now, _) = limiter();
        assert_eq!(waits(&limiter, Some(1), now, 2), [0, 0]);
        assert_eq!(waits(&limiter, Some(2), now, 2), [0, 0]);
        assert_eq!(waits(&limiter, Some(3), now, 2), [50, 100]);
        assert_eq!(waits(&limiter, None, now, 1), [150]);
    }

    #[test]
    fn whoever_cannot_have_a_turn_in_time_is_told_so_and_uses_up_none() {
        let (limiter, now, _) = limiter();
        waits(&limiter, SHOP, now, 3);
        let soon = now + Duration::from_millis(50);
        for _ in 0..2 {
            assert_eq!(
                limiter.reserve(APP, SHOP, now, soon),
                Err(TooBusy {
                    wait: Duration::from_millis(100)
                })
            );
        }
        assert_eq!(waits(&limiter, SHOP, now, 1), [100]);
    }

    #[test]
    fn quiet_shops_are_forgotten() {
        let (limiter, now, far) = limiter();
        for account in 0..=1024 {
            limiter.reserve(account, None, now, far).unwrap();
        }
        let later = now + Duration::from_mins(1);
        limiter.reserve(APP, SHOP, later, later).unwrap();
        assert_eq!(limiter.empty_again.lock().unwrap().len(), 2);
    }
}
