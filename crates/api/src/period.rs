//! Stretches of time as a client names them: by days of the shop's calendar or by moments.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate};
use hawker_domain::completeness::{Day, Window};
use hawker_domain::{Timestamp, Zone};
use serde::{Deserialize, Deserializer};

use crate::problem::{FieldError, Kind, Problem};

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
#[error(
    "it is neither a day, for example 2026-11-20, nor a moment, for example 2026-11-20T08:00:00Z"
)]
pub(crate) struct NoTime;

impl FromStr for When {
    type Err = NoTime;

    fn from_str(text: &str) -> Result<Self, NoTime> {
        let day = text.parse().map(Self::Day);
        day.or_else(|_| DateTime::parse_from_rfc3339(text).map(|at| Self::At(at.to_utc())))
            .map_err(|_| NoTime)
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl When {
    /// The first moment of it.
    fn begin(self, zone: Zone) -> Option<Timestamp> {
        match self {
            Self::Day(date) => Some(Day::of(date, zone)?.window.from),
            Self::At(at) => Some(at),
        }
    }

    /// The first moment that is not of it any more: a day is meant with all of it.
    fn end(self, zone: Zone) -> Option<Timestamp> {
        match self {
            Self::Day(date) => Some(Day::of(date, zone)?.window.to),
            Self::At(at) => Some(at),
        }
    }
}

/// From the beginning of one to the end of the other.
pub(crate) fn window(from: When, to: When, zone: Zone) -> Result<Window, Problem> {
    let begin = from.begin(zone).ok_or_else(|| no_such_day("from"))?;
    let end = to.end(zone).ok_or_else(|| no_such_day("to"))?;
    if begin >= end {
        return Err(wrong("to", "it has to be after `from`"));
    }
    Ok(Window {
        from: begin,
        to: end,
    })
}

/// The end of it.
pub(crate) fn moment(field: &str, when: When, zone: Zone) -> Result<Timestamp, Problem> {
    when.end(zone).ok_or_else(|| no_such_day(field))
}

fn no_such_day(field: &str) -> Problem {
    wrong(field, "there is no such day in the shop's calendar")
}

/// What is wrong with a field that names a time.
pub(crate) fn wrong(field: &str, message: &str) -> Problem {
    let error = FieldError {
        field: field.to_owned(),
        message: message.to_owned(),
    };
    Problem::new(Kind::Invalid, format!("`{field}`: {message}.")).with_errors(vec![error])
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZONE: Zone = Zone::Asia__Singapore;

    fn when(text: &str) -> When {
        text.parse().expect("a time")
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    #[test]
    fn days_are_those_of_the_shop_and_the_last_is_meant_with_all_of_it() {
        let whole = window(when("2026-11-01"), when("2026-11-20"), ZONE).expect("a window");
        assert_eq!(whole.from, at("2026-10-31T16:00:00Z"));
        assert_eq!(whole.to, at("2026-11-20T16:00:00Z"));
    }

    #[test]
    fn moments_are_meant_to_the_second_and_go_with_days() {
        let from = when("2026-11-01T08:00:00+08:00");
        let part = window(from, when("2026-11-01"), ZONE).expect("a window");
        assert_eq!(part.from, at("2026-11-01T00:00:00Z"));
        assert_eq!(part.to, at("2026-11-01T16:00:00Z"));
    }

    #[test]
    fn what_ends_before_it_begins_is_refused_by_name() {
        let refused = window(when("2026-11-02"), when("2026-11-01"), ZONE).expect_err("refused");
        assert_eq!(refused.shown()["errors"][0]["field"], "to");
        for text in [
            "",
            "20.11.2026",
            "2026-13-01",
            "2026-11-20 08:00",
            "yesterday",
        ] {
            assert_eq!(text.parse::<When>(), Err(NoTime), "{text}");
        }
    }
}
