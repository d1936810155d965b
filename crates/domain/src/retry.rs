//! When to try again: exponential back-off with full jitter, bounded in length and number.

use std::time::Duration;

/// How often and how patiently something is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The upper bound of the first delay.
    pub first: Duration,
    /// No delay is longer, however many attempts were made.
    pub longest: Duration,
    /// After this many failed attempts nothing more is tried by itself.
    pub attempts_max: u32,
}

impl RetryPolicy {
    /// For bringing an order up to date: 2 s, 4 s, … up to 10 min, ten attempts in about an hour.
    /// By then a person should look; the hourly and nightly recoveries go on regardless.
    pub const ORDER: Self = Self {
        first: Duration::from_secs(2),
        longest: Duration::from_mins(10),
        attempts_max: 10,
    };

    /// For handing an alert to its sink: never given up, at least every five minutes.
    pub const ALERT: Self = Self {
        first: Duration::from_secs(1),
        longest: Duration::from_mins(5),
        attempts_max: u32::MAX,
    };

    /// The delay after the `failed`-th failure (1 for the first), or `None` when it was the last.
    ///
    /// `jitter` is uniform in `0.0..1.0`; half of the bound is always waited, so that a retry never
    /// follows at once. `asked_for` is what the other side wants (`Retry-After`) and is honoured up
    /// to `longest`.
    pub fn delay(self, failed: u32, jitter: f64, asked_for: Option<Duration>) -> Option<Duration> {
        if failed >= self.attempts_max {
            return None;
        }
        let doublings = failed.saturating_sub(1).min(31);
        let bound = self
            .first
            .saturating_mul(1_u32 << doublings)
            .min(self.longest);
        let own = bound.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0);
        Some(own.max(asked_for.unwrap_or_default().min(self.longest)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: RetryPolicy = RetryPolicy {
        first: Duration::from_secs(2),
        longest: Duration::from_mins(1),
        attempts_max: 8,
    };

    #[test]
    fn delays_double_up_to_the_longest_and_then_end() {
        let delays: Vec<_> = (1..=8)
            .map(|failed| POLICY.delay(failed, 1.0, None))
            .collect();
        let seconds = [
            Some(2),
            Some(4),
            Some(8),
            Some(16),
            Some(32),
            Some(60),
            Some(60),
            None,
        ];
        assert_eq!(delays, seconds.map(|s| s.map(Duration::from_secs)));
    }

    #[test]
    fn the_other_side_may_ask_for_more_patience_but_not_for_ever() {
        let hour = Some(Duration::from_hours(1));
        assert_eq!(POLICY.delay(1, 0.0, hour), Some(POLICY.longest));
        assert_eq!(POLICY.delay(1, 0.0, None), Some(Duration::from_secs(1)));
    }
}
