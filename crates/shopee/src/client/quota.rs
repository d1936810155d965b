//! The calls of a day (shopee.md §7.3): an app whose calls are used up rests until the platform
//! renews them, at 00:00 UTC+8, and asks nothing before. This holds for one process; another one
//! learns it with its own next call.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hawker_domain::Timestamp;

/// Which apps rest, and until when.
#[derive(Debug, Default)]
pub(super) struct DailyPauses(Mutex<HashMap<i64, Timestamp>>);

impl DailyPauses {
    /// Until when an app rests, if it does.
    pub(super) fn until(&self, partner_id: i64, now: Timestamp) -> Option<Timestamp> {
        let mut pauses = self.locked();
        pauses.retain(|_, until| *until > now);
        pauses.get(&partner_id).copied()
    }

    /// Lets an app rest.
    pub(super) fn pause(&self, partner_id: i64, until: Timestamp) {
        self.locked().insert(partner_id, until);
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<i64, Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long until the platform renews the calls of the day; `now` by the platform's clock.
pub(super) fn until_renewal(now: Timestamp) -> Duration {
    const DAY: i64 = 24 * 60 * 60;
    const UTC_PLUS_8: i64 = 8 * 60 * 60;
    let into_the_day = (now.timestamp() + UTC_PLUS_8).rem_euclid(DAY);
    Duration::from_secs(u64::try_from(DAY - into_the_day).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_quota_is_renewed_at_midnight_in_singapore() {
        for (now, hours) in [
            ("2026-03-10T15:00:00Z", 1),
            ("2026-03-10T16:00:00Z", 24),
            ("2026-03-10T00:00:00Z", 16),
        ] {
            assert_eq!(until_renewal(at(now)), Duration::from_hours(hours), "{now}");
        }
    }

    #[test]
    fn an_app_rests_until_its_moment_and_others_do_not() {
        let pauses = DailyPauses::default();
        let midnight = at("2026-03-10T16:00:00Z");
        pauses.pause(1, midnight);
        assert_eq!(pauses.until(1, at("2026-03-10T15:59:59Z")), Some(midnight));
        assert_eq!(pauses.until(2, at("2026-03-10T15:59:59Z")), None);
        assert_eq!(pauses.until(1, midnight), None);
    }
}
