//! The clocks of the hosts that are called: how each differs from ours, and by how much requests are
//! corrected. Each host has its own: what a sandbox or a stand-in shows says nothing of live. This
//! holds for one process; another one learns it with its own calls.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;
use hawker_domain::Timestamp;
use url::{Origin, Url};

/// The clock of each host that told the time.
#[derive(Debug, Default)]
pub(super) struct PlatformClocks(Mutex<HashMap<Origin, PlatformClock>>);

/// One of them, in seconds ahead of ours.
#[derive(Clone, Copy, Debug, Default)]
struct PlatformClock {
    /// As its last answer that told the time showed it.
    skew_s: Option<i64>,
    /// What requests are corrected by, since it complained.
    offset_s: i64,
}

impl PlatformClocks {
    /// Now by the clock of a host, as far as it complained of ours.
    pub(super) fn now(&self, base_url: &str, ours: Timestamp) -> Timestamp {
        let clock = self.of(base_url).unwrap_or_default();
        TimeDelta::try_seconds(clock.offset_s)
            .and_then(|offset| ours.checked_add_signed(offset))
            .unwrap_or(ours)
    }

    /// By how many seconds the clock of a host was ahead of ours when it last told the time.
    pub(super) fn skew_s(&self, base_url: &str) -> Option<i64> {
        self.of(base_url)?.skew_s
    }

    /// Keeps what an answer of a host showed.
    pub(super) fn measured(&self, base_url: &str, skew_s: i64) {
        self.change(base_url, |clock| clock.skew_s = Some(skew_s));
    }

    /// Corrects requests to a host from now on.
    pub(super) fn correct(&self, base_url: &str, offset_s: i64) {
        self.change(base_url, |clock| clock.offset_s = offset_s);
    }

    fn of(&self, base_url: &str) -> Option<PlatformClock> {
        self.locked().get(&origin(base_url)?).copied()
    }

    /// Nothing was ever sent to what is no web address, so there is nothing to be kept of it.
    fn change(&self, base_url: &str, change: impl FnOnce(&mut PlatformClock)) {
        if let Some(origin) = origin(base_url) {
            change(self.locked().entry(origin).or_default());
        }
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<Origin, PlatformClock>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Scheme, host and port. An address without a host has an origin that equals no other: it is left
/// out, or the map would grow with each look.
fn origin(base_url: &str) -> Option<Origin> {
    let origin = Url::parse(base_url.trim()).ok()?.origin();
    origin.is_tuple().then_some(origin)
}
