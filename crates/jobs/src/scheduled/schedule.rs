//! A cron expression of five fields, told in a zone.

use std::fmt;
use std::str::FromStr;

use chrono::TimeDelta;
use hawker_domain::{Timestamp, Zone};

/// Minute, hour, day of the month, month, day of the week; for example `0 3 * * *`.
#[derive(Clone, Debug)]
pub struct Schedule {
    text: String,
    cron: cron::Schedule,
}

/// Why a text is no schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// It has not five fields.
    #[error(
        "`{0}` is no schedule: it needs five fields, for example `0 3 * * *` for 03:00 every day"
    )]
    Fields(String),
    /// A day of the week is a number: programs disagree on which day is which.
    #[error(
        "`{0}`: name the days of the week, for example `MON` or `MON-FRI`; their numbers mean different days to different programs"
    )]
    NumberedDay(String),
    /// A field cannot be understood.
    #[error("`{text}` is no schedule: {why}")]
    Unreadable {
        /// The text.
        text: String,
        /// What is wrong with it.
        why: String,
    },
    /// It never comes.
    #[error("`{0}` is no schedule: there is no such day")]
    Never(String),
}

impl Schedule {
    /// The last slot that is not after `now`; nothing where there never was one.
    pub fn latest(&self, now: Timestamp, zone: Zone) -> Option<Timestamp> {
        // The iterator goes back from before the moment that it is given.
        let just_after = (now + TimeDelta::seconds(1)).with_timezone(&zone);
        self.cron
            .after(&just_after)
            .rev()
            .map(|slot| slot.to_utc())
            .find(|slot| *slot <= now)
    }

    /// The first slot after `now`.
    pub fn next(&self, now: Timestamp, zone: Zone) -> Option<Timestamp> {
        let slot = self.cron.after(&now.with_timezone(&zone)).next()?;
        Some(slot.to_utc())
    }
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let fields: Vec<_> = text.split_whitespace().collect();
        let [_, _, _, _, days_of_week] = fields[..] else {
            return Err(ScheduleError::Fields(text.to_owned()));
        };
        if days_of_week.bytes().any(|byte| byte.is_ascii_digit()) {
            return Err(ScheduleError::NumberedDay(text.to_owned()));
        }
        let text = fields.join(" ");
        let cron = format!("0 {text}")
            .parse::<cron::Schedule>()
            .map_err(|error| ScheduleError::Unreadable {
                text: text.clone(),
                why: error.to_string(),
            })?;
        if cron.after(&Timestamp::UNIX_EPOCH).next().is_none() {
            return Err(ScheduleError::Never(text));
        }
        Ok(Self { text, cron })
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn schedule(text: &str) -> Schedule {
        text.parse().unwrap()
    }

    #[test]
    fn three_in_the_morning_is_told_by_the_clock_of_the_shop() {
        let daily = schedule("0 3 * * *");
        let now = at("2026-11-21T07:00:00Z");
        let slots = |zone| (daily.latest(now, zone), daily.next(now, zone));
        assert_eq!(
            slots(Zone::Asia__Singapore),
            (
                Some(at("2026-11-20T19:00:00Z")),
                Some(at("2026-11-21T19:00:00Z"))
            )
        );
        assert_eq!(
            slots(Zone::America__Sao_Paulo),
            (
                Some(at("2026-11-21T06:00:00Z")),
                Some(at("2026-11-22T06:00:00Z"))
            )
        );
    }

    #[test]
    fn a_slot_has_come_at_its_very_moment() {
        let hourly = schedule("0 * * * *");
        let noon = at("2026-11-21T12:00:00Z");
        assert_eq!(hourly.latest(noon, Zone::UTC), Some(noon));
        let before = noon - TimeDelta::milliseconds(1);
        assert_eq!(
            hourly.latest(before, Zone::UTC),
            Some(noon - TimeDelta::hours(1))
        );
        assert_eq!(
            hourly.next(noon, Zone::UTC),
            Some(noon + TimeDelta::hours(1))
        );
        let within = noon + TimeDelta::milliseconds(1500);
        assert_eq!(hourly.latest(within, Zone::UTC), Some(noon));
    }

    #[test]
    fn a_day_on_which_three_does_not_exist_or_exists_twice_has_one_slot() {
        let daily = schedule("30 2 * * *");
        let zone = Zone::Europe__Madrid;
        let mut slots = Vec::new();
        let mut now = at("2026-03-28T00:00:00Z");
        while let Some(slot) = daily.next(now, zone)
            && slot < at("2026-11-02T00:00:00Z")
        {
            assert!(slot > now);
            slots.push(slot);
            now = slot;
        }
        assert!(
            slots
                .windows(2)
                .all(|two| two[1] - two[0] >= TimeDelta::hours(23))
        );
        assert!(slots.len() >= 217, "{}", slots.len());
    }

    #[test]
    fn what_is_no_schedule_is_refused_with_a_reason() {
        for (text, words) in [
            ("0 3 * *", "five fields"),
            ("0 0 3 * * *", "five fields"),
            ("0 25 * * *", "is no schedule"),
            ("0 3 * * 1", "name the days"),
            ("0 3 30 2 *", "no such day"),
        ] {
            let refused = text.parse::<Schedule>().unwrap_err().to_string();
            assert!(refused.contains(words), "{text}: {refused}");
        }
        assert_eq!(
            schedule(" 0  3 * * MON-FRI ").to_string(),
            "0 3 * * MON-FRI"
        );
    }
}
