//! How much a process has put down that is not filed, as far as it knows.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hawker_domain::TenantSlug;

/// Pushes that may wait in the journal: some seconds of filing. Beyond that all are stored at once, which keeps
/// those who bring them waiting instead of filling the disk.
const JOURNAL_PUSHES_MAX: u32 = 200_000;

/// After a repetition so many portions are looked through for others. Where a few of a hundred pushes are repetitions,
/// most portions have one, and to find out by failing costs as much again as to file.
const WARY_PORTIONS: usize = 8;

/// How much this process has put down that is not filed. Cheap to clone; clones share it.
///
/// Another process may file what this one has put down, and this one what another has. So it is put right
/// whenever a tenant's journal is found empty.
#[derive(Clone, Debug, Default)]
pub struct JournalLevel(Arc<Level>);

#[derive(Debug, Default)]
struct Level {
    held: Mutex<HashMap<TenantSlug, Held>>,
    /// Portions without a repetition that it takes until none is expected any more.
    wary: AtomicUsize,
}

/// What is in the journal of a tenant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) pushes: usize,
    pub(crate) batches: usize,
}

impl JournalLevel {
    /// Whether further pushes may be put down.
    pub(crate) fn has_room(&self) -> bool {
        self.all() < JOURNAL_PUSHES_MAX
    }

    /// How much of the journal is free: from 1, empty, to 0, full.
    pub(crate) fn room(&self) -> f64 {
        let free = JOURNAL_PUSHES_MAX.saturating_sub(self.all());
        f64::from(free) / f64::from(JOURNAL_PUSHES_MAX)
    }

    /// What a tenant's journal holds.
    pub(crate) fn held(&self, tenant: &TenantSlug) -> Held {
        self.lock().get(tenant).copied().unwrap_or_default()
    }

    /// A batch of so many pushes is put down.
    pub(crate) fn grew(&self, tenant: &TenantSlug, pushes: usize) {
        let mut all = self.lock();
        let held = all.entry(tenant.clone()).or_default();
        held.pushes += pushes;
        held.batches += 1;
    }

    /// So many are in it no more; some of them may have been put down by another process, or an earlier one.
    pub(crate) fn sank(&self, tenant: &TenantSlug, by: Held) {
        let mut all = self.lock();
        let Some(held) = all.get_mut(tenant) else {
            return;
        };
        held.pushes = held.pushes.saturating_sub(by.pushes);
        held.batches = held.batches.saturating_sub(by.batches);
        if *held == Held::default() {
            all.remove(tenant);
        }
    }

    /// Whether there were repetitions lately: to file pushes as if all were new is in vain then.
    pub(crate) fn has_repetitions(&self) -> bool {
        self.0.wary.load(Ordering::Relaxed) > 0
    }

    pub(crate) fn repetitions_came(&self) {
        self.0.wary.store(WARY_PORTIONS, Ordering::Relaxed);
    }

    pub(crate) fn no_repetition_came(&self) {
        let less = |wary: usize| wary.checked_sub(1);
        let _ = (self.0.wary).fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    fn all(&self) -> u32 {
        let pushes = self.lock().values().map(|held| held.pushes).sum::<usize>();
        u32::try_from(pushes).unwrap_or(u32::MAX)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TenantSlug, Held>> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
