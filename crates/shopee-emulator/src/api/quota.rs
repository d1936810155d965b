//! The daily quota of an app: so many calls from midnight to midnight, in the platform's zone.

use std::collections::BTreeMap;

use crate::world::Timestamp;

/// Days begin at 00:00 UTC+8.
const ZONE_SECONDS: i64 = 8 * 3600;
const DAY_SECONDS: i64 = 86_400;

#[derive(Debug, Default)]
pub(crate) struct DailyQuota {
    calls_max: Option<u32>,
    /// By partner id: the day, and the calls admitted on it.
    used: BTreeMap<i64, (i64, u32)>,
}

impl DailyQuota {
    /// None: no limit. The count of the day begins anew.
    pub fn set(&mut self, calls_max: Option<u32>) {
        self.calls_max = calls_max;
        self.used.clear();
    }

    pub fn admits(&mut self, partner_id: i64, now: Timestamp) -> bool {
        let used = self.used_by(partner_id, now);
        let admitted = self.calls_max.is_none_or(|max| used < max);
        if admitted {
            self.used.insert(partner_id, (day(now), used + 1));
        }
        admitted
    }

    pub fn used_by(&self, partner_id: i64, now: Timestamp) -> u32 {
        match self.used.get(&partner_id) {
            Some((then, used)) if *then == day(now) => *used,
            _ => 0,
        }
    }
}

const fn day(now: Timestamp) -> i64 {
    (now + ZONE_SECONDS).div_euclid(DAY_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-04-08T15:59:59Z, the last second of a day in Singapore.
    const LAST_SECOND: Timestamp = 1_712_591_999;

    #[test]
    fn the_quota_is_renewed_at_midnight_in_singapore() {
        let mut quota = DailyQuota::default();
        quota.set(Some(2));
        let admitted: Vec<_> = (0..3).map(|_| quota.admits(1, LAST_SECOND)).collect();
        assert_eq!(admitted, [true, true, false]);
        assert!(quota.admits(2, LAST_SECOND), "each app has its own");
        assert!(quota.admits(1, LAST_SECOND + 1));
        assert_eq!(quota.used_by(1, LAST_SECOND + 1), 1);
    }

    #[test]
    fn calls_are_counted_without_a_limit_too() {
        let mut quota = DailyQuota::default();
        assert!((0..100).all(|_| quota.admits(1, LAST_SECOND)));
        assert_eq!(quota.used_by(1, LAST_SECOND), 100);
    }
}
