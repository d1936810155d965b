//! A clock that stands still until it is told otherwise.

use std::sync::Mutex;

use chrono::TimeDelta;
use hawker_domain::Timestamp;

use super::examples::noon;
use super::locked;
use crate::Clock;

/// Time as a test wants it.
#[derive(Debug)]
pub struct FrozenClock(Mutex<Timestamp>);

impl FrozenClock {
    /// A clock that shows `now`.
    pub const fn at(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }

    /// Shows `now` from here on.
    pub fn set(&self, now: Timestamp) {
        *locked(&self.0) = now;
    }

    /// Moves on by `by` and answers the new time.
    pub fn advance(&self, by: TimeDelta) -> Timestamp {
        let mut now = locked(&self.0);
        *now += by;
        *now
    }
}

/// Shows [`noon`].
impl Default for FrozenClock {
    fn default() -> Self {
        Self::at(noon())
    }
}

impl Clock for FrozenClock {
    fn now(&self) -> Timestamp {
        *locked(&self.0)
    }
}
