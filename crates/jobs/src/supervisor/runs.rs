//! How the last run of each reconciler went.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hawker_domain::{TenantSlug, Timestamp};

/// The last run of a reconciler for a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastRun {
    /// The reconciler's name.
    pub job: &'static str,
    /// The tenant.
    pub tenant: TenantSlug,
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// What came of it.
    pub result: RunResult,
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunResult {
    /// It brought everything up to date.
    Done {
        /// How much there was to do.
        items: u64,
    },
    /// It failed; the next run tries again.
    Failed {
        /// Why, in words.
        error: String,
    },
}

/// The last runs. One entry per reconciler and tenant, so it does not grow with time.
#[derive(Default)]
pub(super) struct Runs(Mutex<BTreeMap<(&'static str, TenantSlug), LastRun>>);

impl Runs {
    pub(super) fn keep(&self, run: LastRun) {
        self.lock().insert((run.job, run.tenant.clone()), run);
    }

    pub(super) fn all(&self) -> Vec<LastRun> {
        self.lock().values().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(&'static str, TenantSlug), LastRun>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
