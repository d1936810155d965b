//! Hours in which only what cannot wait is told, by the clock on somebody's wall.

#[cfg(test)]
mod tests;

use chrono::{NaiveTime, TimeDelta, TimeZone as _};

use crate::{Timestamp, Zone};

/// Hours in which only what cannot wait is told. None where both ends are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    /// From then on,
    pub from: NaiveTime,
    /// before then; on the next day where that is earlier.
    pub to: NaiveTime,
    /// In this zone.
    pub zone: Zone,
}

impl QuietHours {
    /// A moment that is not in quiet hours: the given one, or their end.
    pub fn after(self, at: Timestamp) -> Timestamp {
        let local = at.with_timezone(&self.zone);
        let time = local.time();
        let (is_quiet, ends_tomorrow) = if self.from <= self.to {
            ((self.from..self.to).contains(&time), false)
        } else {
            (time >= self.from || time < self.to, time >= self.from)
        };
        if !is_quiet {
            return at;
        }
        let date = local.date_naive() + TimeDelta::days(i64::from(ends_tomorrow));
        let end = date.and_time(self.to);
        // Clocks that are put forward over the end leave no such moment: an hour later there is one.
        let ends = [end, end + TimeDelta::hours(1)];
        let mut ends = ends.map(|end| self.zone.from_local_datetime(&end).latest());
        ends.iter_mut()
            .find_map(Option::take)
            .map_or(at, |end| end.to_utc().max(at))
    }
}
