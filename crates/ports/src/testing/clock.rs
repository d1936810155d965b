//! A clock that stands still until it is told otherwise.

use std::future::poll_fn;
use std::sync::Mutex;
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use hawker_domain::Timestamp;

use super::examples::noon;
use super::locked;
use crate::{Clock, Sleeper};

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

/// Sleeping takes no time and moves the clock: of those who sleep at the same time, nobody wakes
/// later than it asked for. The others get to run before it ends.
#[async_trait]
impl Sleeper for FrozenClock {
    async fn sleep(&self, duration: Duration) {
        let until = self.now() + duration;
        others_run().await;
        let mut now = locked(&self.0);
        *now = until.max(*now);
    }
}

/// Lets whatever else is ready run first.
async fn others_run() {
    let mut have_run = false;
    poll_fn(|context| {
        if have_run {
            return Poll::Ready(());
        }
        have_run = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
