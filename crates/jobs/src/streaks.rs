//! Failures in a row, so that a long outage is two lines in the log: its begin and its end.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The failures in a row of each thing that can fail. Things that work take no room.
pub(crate) struct Streaks<K>(Mutex<HashMap<K, Streak>>);

#[derive(Clone, Copy)]
struct Streak {
    failures: u32,
    since: Instant,
}

/// A streak that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) failures: u32,
    pub(crate) lasted: Duration,
}

impl<K: Clone + Eq + Hash> Streaks<K> {
    pub(crate) fn new() -> Self {
        Self(Mutex::default())
    }

    /// Counts a failure; answers how many there were in a row, this one included. The first is the
    /// one to log.
    pub(crate) fn failed(&self, what: &K) -> u32 {
        let mut streaks = self.lock();
        if let Some(streak) = streaks.get_mut(what) {
            streak.failures = streak.failures.saturating_add(1);
            return streak.failures;
        }
        streaks.insert(
            what.clone(),
            Streak {
                failures: 1,
                since: Instant::now(),
            },
        );
        1
    }

    /// Ends the streak, if there was one.
    pub(crate) fn succeeded(&self, what: &K) -> Option<Ended> {
        let Streak { failures, since } = self.lock().remove(what)?;
        Some(Ended {
            failures,
            lasted: since.elapsed(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Streak>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_streak_is_counted_per_thing_and_ends_with_the_first_success() {
        let streaks = Streaks::new();
        assert_eq!(streaks.failed(&"a"), 1);
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(streaks.failed(&"a"), 2);
        assert_eq!(streaks.failed(&"b"), 1);
        let ended = Ended {
            failures: 2,
            lasted: Duration::from_secs(3),
        };
        assert_eq!(streaks.succeeded(&"a"), Some(ended));
        assert_eq!(streaks.succeeded(&"a"), None);
    }
}
