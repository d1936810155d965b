//! A burst limit: so many calls within one second, then `error_rate_limit`.

use std::time::{Duration, Instant};

#[derive(Debug, Default)]
pub(crate) struct RateLimiter {
    per_second: Option<u32>,
    window: Option<(Instant, u32)>,
}

impl RateLimiter {
    /// None: no limit. 0: every call is refused.
    pub fn set(&mut self, per_second: Option<u32>) {
        self.per_second = per_second;
        self.window = None;
    }

    pub fn admits(&mut self, now: Instant) -> bool {
        let Some(limit) = self.per_second else {
            return true;
        };
        let (start, used) = match self.window {
            Some((start, used)) if now.duration_since(start) < Duration::from_secs(1) => {
                (start, used)
            }
            _ => (now, 0),
        };
        let admitted = used < limit;
        self.window = Some((start, used + u32::from(admitted)));
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_above_the_limit_wait_for_the_next_second() {
        let mut limiter = RateLimiter::default();
        limiter.set(Some(2));
        let now = Instant::now();
        let admitted: Vec<_> = (0..4).map(|_| limiter.admits(now)).collect();
        assert_eq!(admitted, [true, true, false, false]);
        assert!(limiter.admits(now + Duration::from_secs(1)));
        limiter.set(None);
        assert!((0..100).all(|_| limiter.admits(now)));
    }
}
