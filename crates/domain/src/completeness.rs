//! Completeness: for each profile and day, what the marketplace lists and what we hold.
//!
//! A day is a day of the shop's zone; an order belongs to the day on which the buyer placed it. Lists
//! are asked for in windows, of which the marketplace limits the length.

use chrono::{Days, LocalResult, NaiveDate, NaiveTime, TimeDelta, TimeZone as _};

use crate::{Timestamp, Zone};

/// A stretch of time, from a moment on and before another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// From then on.
    pub from: Timestamp,
    /// Before then.
    pub to: Timestamp,
}

impl Window {
    /// Its parts, none of them longer than `longest`, without a gap and in order. Nothing where it
    /// ends before it begins.
    pub fn slices(self, longest: TimeDelta) -> Vec<Self> {
        let mut slices = Vec::new();
        let mut from = self.from;
        while from < self.to {
            let to = (from + longest).min(self.to);
            slices.push(Self { from, to });
            from = to;
        }
        slices
    }

    /// The days of `zone` that it touches, in order, each cut to what of it lies in the window.
    pub fn days(self, zone: Zone) -> Vec<Day> {
        let mut days = Vec::new();
        let mut date = self.from.with_timezone(&zone).date_naive();
        while let Some(day) = Day::of(date, zone) {
            if day.window.from >= self.to {
                break;
            }
            days.push(day);
            let Some(next) = date.checked_add_days(Days::new(1)) else {
                break;
            };
            date = next;
        }
        days
    }
}

/// A day of a shop: the whole of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// As the shop's calendar says.
    pub date: NaiveDate,
    /// From its first moment to that of the next day.
    pub window: Window,
}

impl Day {
    /// A day of a zone; nothing at the end of time.
    pub fn of(date: NaiveDate, zone: Zone) -> Option<Self> {
        let next = date.checked_add_days(Days::new(1))?;
        let window = Window {
            from: first_moment(date, zone)?,
            to: first_moment(next, zone)?,
        };
        Some(Self { date, window })
    }
}

/// A day may begin later than at midnight, where a zone puts its clocks forward then.
fn first_moment(date: NaiveDate, zone: Zone) -> Option<Timestamp> {
    let mut wall = date.and_time(NaiveTime::MIN);
    for _ in 0..24 {
        match zone.from_local_datetime(&wall) {
            LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => {
                return Some(moment.to_utc());
            }
            LocalResult::None => wall += TimeDelta::minutes(30),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn window(from: &str, to: &str) -> Window {
        Window {
            from: at(from),
            to: at(to),
        }
    }

    #[test]
    fn slices_cover_a_window_without_a_gap_and_none_is_too_long() {
        let whole = window("2026-01-01T00:00:00Z", "2026-02-10T12:00:00Z");
        let slices = whole.slices(TimeDelta::days(15));
        assert_eq!(slices.len(), 3);
        assert_eq!(slices[0].from, whole.from);
        assert_eq!(slices[2].to, whole.to);
        assert!(slices.windows(2).all(|two| two[0].to == two[1].from));
        assert!(
            slices
                .iter()
                .all(|one| one.to - one.from <= TimeDelta::days(15))
        );
        assert!(
            window("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z")
                .slices(TimeDelta::days(1))
                .is_empty()
        );
    }

    #[test]
    fn a_day_is_a_day_of_the_shop() {
        let days =
            window("2026-11-20T15:00:00Z", "2026-11-20T17:00:00Z").days(Zone::Asia__Singapore);
        let dates: Vec<_> = days.iter().map(|day| day.date.to_string()).collect();
        assert_eq!(dates, ["2026-11-20", "2026-11-21"]);
        assert_eq!(days[1].window.from, at("2026-11-20T16:00:00Z"));
    }

    #[test]
    fn a_day_that_begins_at_one_has_twenty_three_hours() {
        // Brazil's clocks went forward at midnight.
        let date = NaiveDate::from_ymd_opt(2018, 11, 4).unwrap();
        let day = Day::of(date, Zone::America__Sao_Paulo).unwrap();
        assert_eq!(day.window.to - day.window.from, TimeDelta::hours(23));
    }
}
