//! Where in each tenant's journal filing goes on.
//!
//! What was filed stays in the journal's index until a vacuum, and a look from the beginning goes through all of it.
//! So the next look begins behind the last batch that was filed. Batches are committed in another order than
//! numbered, and some were put off: what is left behind is found when nothing is left ahead, and by the look that
//! follows [`LOOKS_BACK_AFTER`] of those.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hawker_domain::TenantSlug;

/// So many looks from a place on, and one from the beginning. Seldom enough that the long way is a small part of the
/// work, and often enough that nothing is left behind for longer than some seconds while pushes come.
const LOOKS_BACK_AFTER: u32 = 64;

/// The beginning of every journal: batches are numbered from one.
pub(super) const BEGINNING: i64 = 0;

/// Those of all tenants. Cheap to clone; clones share it. What is filed first depends on it, never what is filed.
#[derive(Clone, Debug, Default)]
pub(crate) struct JournalPlaces(Arc<Mutex<HashMap<TenantSlug, Place>>>);

/// That of one tenant.
#[derive(Clone, Debug)]
pub(crate) struct JournalPlace {
    all: JournalPlaces,
    tenant: TenantSlug,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    from: i64,
    looks: u32,
}

impl JournalPlaces {
    pub(crate) fn of(&self, tenant: &TenantSlug) -> JournalPlace {
        JournalPlace {
            all: self.clone(),
            tenant: tenant.clone(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TenantSlug, Place>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl JournalPlace {
    /// The number of the batch from which on the next look begins.
    pub(crate) fn next(&self) -> i64 {
        let mut all = self.all.lock();
        let Some(place) = all.get_mut(&self.tenant) else {
            return BEGINNING;
        };
        place.looks += 1;
        if place.looks <= LOOKS_BACK_AFTER {
            return place.from;
        }
        place.looks = 0;
        BEGINNING
    }

    /// Batches up to this one were filed.
    pub(crate) fn reached(&self, last: i64) {
        let mut all = self.all.lock();
        let place = all.entry(self.tenant.clone()).or_insert(Place {
            from: BEGINNING,
            looks: 0,
        });
        place.from = last + 1;
    }

    /// It is not known what is there.
    pub(crate) fn forget(&self) {
        self.all.lock().remove(&self.tenant);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(all: &JournalPlaces, tenant: &str) -> JournalPlace {
        all.of(&tenant.parse().unwrap())
    }

    #[test]
    fn a_look_begins_behind_what_was_filed_and_at_the_beginning_where_nothing_is_known() {
        let all = JournalPlaces::default();
        let (ours, theirs) = (place(&all, "ours"), place(&all, "theirs"));
        assert_eq!(ours.next(), BEGINNING);
        ours.reached(7);
        assert_eq!((ours.next(), theirs.next()), (8, BEGINNING));
        assert_eq!(place(&all, "ours").next(), 8);
        ours.forget();
        assert_eq!(ours.next(), BEGINNING);
    }

    #[test]
    fn now_and_then_a_look_begins_at_the_beginning_though_there_is_always_more() {
        let ours = place(&JournalPlaces::default(), "ours");
        let every = i64::from(LOOKS_BACK_AFTER) + 1;
        let mut looks_back = Vec::new();
        for look in 0..3 * every {
            if ours.next() == BEGINNING {
                looks_back.push(look);
            }
            ours.reached(look);
        }
        assert_eq!(looks_back, [0, every, 2 * every]);
    }
}
