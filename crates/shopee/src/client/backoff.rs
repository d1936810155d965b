//! How long to wait before a call is repeated.

use std::time::Duration;

use chrono::DateTime;
use hawker_domain::Timestamp;

/// The longest `Retry-After` that is passed on; what asks for more is asked again by then.
const RETRY_AFTER_MAX: Duration = Duration::from_hours(1);

/// Doubles from `first` with each retry up to `longest`, and takes a random part between half and
/// all of it, so that callers that failed together do not come back together.
pub(super) fn jittered(first: Duration, longest: Duration, retries: u32) -> Duration {
    let full = first
        .saturating_mul(1_u32.checked_shl(retries).unwrap_or(u32::MAX))
        .min(longest);
    full.mul_f64(0.5 + fastrand::f64() / 2.0)
}

/// What a `Retry-After` asks for: seconds, or a date.
pub(super) fn retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    let wait = match header.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => (http_date(header)? - now).to_std().unwrap_or_default(),
    };
    Some(wait.min(RETRY_AFTER_MAX))
}

/// The moment that an HTTP date names, for example `Tue, 10 Mar 2026 00:00:00 GMT`.
pub(super) fn http_date(text: &str) -> Option<Timestamp> {
    DateTime::parse_from_rfc2822(text.trim())
        .ok()
        .map(|date| date.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_are_spread() {
        let (first, longest) = (Duration::from_millis(500), Duration::from_secs(8));
        for (retries, full) in [(0, 500), (1, 1000), (4, 8000), (5, 8000), (99, 8000)] {
            let full = Duration::from_millis(full);
            let wait = jittered(first, longest, retries);
            assert!(full / 2 <= wait && wait <= full, "{retries}: {wait:?}");
        }
    }

    #[test]
    fn retry_after_may_be_seconds_or_a_date() {
        let now = http_date("Tue, 10 Mar 2026 00:00:00 GMT").unwrap();
        for (header, expected) in [
            ("7", Some(7)),
            (" 0 ", Some(0)),
            ("Tue, 10 Mar 2026 00:01:30 GMT", Some(90)),
            ("Mon, 09 Mar 2026 00:00:00 GMT", Some(0)),
            ("999999999", Some(3600)),
            ("-1", None),
            ("soon", None),
        ] {
            assert_eq!(
                retry_after(header, now),
                expected.map(Duration::from_secs),
                "{header}"
            );
        }
    }
}
