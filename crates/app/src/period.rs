//! Stretches of time as a person types them: by days of the shop's calendar, or by moments.

use std::str::FromStr;

use anyhow::Context as _;
use chrono::{DateTime, NaiveDate, TimeDelta};
use hawker_domain::completeness::{Day, Window};
use hawker_domain::{Timestamp, Zone};

/// A day of the shop's calendar, or a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// All of a day.
    Day(NaiveDate),
    /// A moment.
    At(Timestamp),
}

/// Why a text is neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is neither a day (2026-11-20) nor a moment (2026-11-20T08:00:00+08:00)")]
pub(crate) struct NoTime;

impl FromStr for When {
    type Err = NoTime;

    fn from_str(text: &str) -> Result<Self, NoTime> {
        let day = text.parse().map(Self::Day);
        day.or_else(|_| DateTime::parse_from_rfc3339(text).map(|at| Self::At(at.to_utc())))
            .map_err(|_| NoTime)
    }
}

impl When {
    /// The first moment of it.
    pub(crate) fn begin(self, zone: Zone) -> anyhow::Result<Timestamp> {
        match self {
            Self::Day(date) => Ok(day(date, zone)?.window.from),
            Self::At(at) => Ok(at),
        }
    }

    /// The first moment that is not of it any more: a day is meant with all of it.
    pub(crate) fn end(self, zone: Zone) -> anyhow::Result<Timestamp> {
        match self {
            Self::Day(date) => Ok(day(date, zone)?.window.to),
            Self::At(at) => Ok(at),
        }
    }
}

/// From the beginning of one to the end of the other; until `now` where nothing else is said.
pub(crate) fn window(
    from: When,
    to: Option<When>,
    zone: Zone,
    now: Timestamp,
) -> anyhow::Result<Window> {
    let window = Window {
        from: from.begin(zone)?,
        to: to.map_or(Ok(now), |to| to.end(zone))?,
    };
    anyhow::ensure!(
        window.from < window.to,
        "a window ends after it begins: --to has to be later than --from"
    );
    Ok(window)
}

fn day(date: NaiveDate, zone: Zone) -> anyhow::Result<Day> {
    Day::of(date, zone).with_context(|| format!("there is no day {date} in the shop's calendar"))
}

/// A stretch of time without a place in the calendar: `90m`, `12h`, `3d`.
pub(crate) fn stretch(text: &str) -> Result<TimeDelta, String> {
    let expected = || format!("`{text}` is none: minutes, hours or days, such as 90m, 12h or 3d");
    let unit = text.chars().next_back().ok_or_else(expected)?;
    let number = text.strip_suffix(unit).unwrap_or_default();
    let number: u32 = number.parse().map_err(|_| expected())?;
    match unit {
        'm' => Ok(TimeDelta::minutes(number.into())),
        'h' => Ok(TimeDelta::hours(number.into())),
        'd' => Ok(TimeDelta::days(number.into())),
        _ => Err(expected()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZONE: Zone = Zone::Asia__Singapore;

    fn when(text: &str) -> When {
        text.parse().unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn days_are_those_of_the_shop_and_the_last_is_meant_with_all_of_it() {
        let now = at("2026-11-21T08:00:00Z");
        let day = window(when("2026-11-20"), Some(when("2026-11-20")), ZONE, now).unwrap();
        assert_eq!(day.from, at("2026-11-19T16:00:00Z"));
        assert_eq!(day.to, at("2026-11-20T16:00:00Z"));
        let until_now = window(when("2026-11-20T08:00:00+08:00"), None, ZONE, now).unwrap();
        assert_eq!(until_now.from, at("2026-11-20T00:00:00Z"));
        assert_eq!(until_now.to, now);
    }

    #[test]
    fn what_ends_before_it_begins_and_what_is_no_time_is_refused() {
        let now = at("2026-11-21T08:00:00Z");
        assert!(window(when("2026-11-22"), None, ZONE, now).is_err());
        for text in ["", "20.11.2026", "2026-13-01", "2026-11-20 08:00", "today"] {
            assert_eq!(text.parse::<When>(), Err(NoTime), "{text}");
        }
    }

    #[test]
    fn a_stretch_is_a_number_with_a_unit() {
        assert_eq!(stretch("90m"), Ok(TimeDelta::minutes(90)));
        assert_eq!(stretch("3d"), Ok(TimeDelta::days(3)));
        for text in ["", "h", "3", "-3d", "3w", "3 d", "99999999999d", "3é"] {
            assert!(stretch(text).is_err(), "{text}");
        }
    }
}
