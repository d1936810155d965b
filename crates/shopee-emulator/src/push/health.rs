//! How the platform rates an app by the pushes that its callback URL takes. Pure: time comes in.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde::Deserialize;

use super::settings::millis;
use crate::world::LivePushStatus;

/// When an app is warned, and when its pushes are stopped. The default is the platform's own rule.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PushJudgement {
    /// Attempts of that long count, on the shop clock.
    #[serde(with = "millis", rename = "window_ms")]
    pub window: Duration,
    /// Only an app with more attempts than that is judged.
    pub more_than: usize,
    /// Fraction of successful attempts.
    pub warn_below: f64,
    pub suspend_below: f64,
}

impl Default for PushJudgement {
    fn default() -> Self {
        Self {
            window: Duration::from_hours(6),
            more_than: 600,
            warn_below: 0.7,
            suspend_below: 0.3,
        }
    }
}

/// Attempts by partner id: when, in shop milliseconds, and whether they succeeded.
#[derive(Debug, Default)]
pub(crate) struct Health {
    rule: Option<PushJudgement>,
    attempts: BTreeMap<i64, VecDeque<(i64, bool)>>,
}

impl Health {
    /// None: nobody is judged. What was counted is forgotten.
    pub fn set_rule(&mut self, rule: Option<PushJudgement>) {
        self.rule = rule;
        self.attempts.clear();
    }

    /// The app begins anew.
    pub fn forget(&mut self, partner_id: i64) {
        self.attempts.remove(&partner_id);
    }

    pub fn note(&mut self, partner_id: i64, arrived: bool, now_millis: i64) {
        let Some(rule) = self.rule else { return };
        let window = i64::try_from(rule.window.as_millis()).unwrap_or(i64::MAX);
        let attempts = self.attempts.entry(partner_id).or_default();
        attempts.push_back((now_millis, arrived));
        while attempts
            .front()
            .is_some_and(|(at, _)| *at <= now_millis.saturating_sub(window))
        {
            attempts.pop_front();
        }
    }

    /// What the attempts say of the app; None when they are too few to say anything.
    pub fn judge(&self, partner_id: i64) -> Option<LivePushStatus> {
        let rule = self.rule?;
        let attempts = self.attempts.get(&partner_id)?;
        if attempts.len() <= rule.more_than {
            return None;
        }
        let arrived = attempts.iter().filter(|(_, arrived)| *arrived).count();
        let below = |fraction: f64| count(arrived) < count(attempts.len()) * fraction;
        Some(if below(rule.suspend_below) {
            LivePushStatus::Suspended
        } else if below(rule.warn_below) {
            LivePushStatus::Warning
        } else {
            LivePushStatus::Normal
        })
    }
}

fn count(attempts: usize) -> f64 {
    f64::from(u32::try_from(attempts).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn judged(health: &mut Health, arrived: usize, failed: usize, at: i64) {
        (0..arrived).for_each(|_| health.note(1, true, at));
        (0..failed).for_each(|_| health.note(1, false, at));
    }

    #[test]
    fn an_app_is_judged_by_more_than_six_hundred_attempts_of_six_hours() {
        let mut health = Health::default();
        health.set_rule(Some(PushJudgement::default()));
        judged(&mut health, 100, 500, 0);
        assert_eq!(health.judge(1), None, "600 are not more than 600");
        judged(&mut health, 0, 1, 0);
        assert_eq!(health.judge(1), Some(LivePushStatus::Suspended));
        assert_eq!(health.judge(2), None, "another app");
        judged(&mut health, 200, 0, HOUR);
        assert_eq!(health.judge(1), Some(LivePushStatus::Warning));
        judged(&mut health, 600, 0, 7 * HOUR);
        assert_eq!(
            health.judge(1),
            None,
            "what was before six hours does not count"
        );
        judged(&mut health, 1, 0, 7 * HOUR);
        assert_eq!(health.judge(1), Some(LivePushStatus::Normal));
    }
}
