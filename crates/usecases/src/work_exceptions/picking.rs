//! Which exceptions a portion takes: those that are meant, in the order of their ids. An id that no
//! exception has is an item, too, so that whoever named it learns of it.

use std::collections::{BTreeMap, BTreeSet};

use hawker_domain::ids::ExceptionId;
use hawker_ports::exception_desk::{QueuedException, Selection};
use hawker_ports::{StoreError, UnitOfWork};

use super::{ITEMS_PER_CALL_MAX, ItemResult, Portion, Worked, WorkedItem};

/// The exceptions of a portion.
pub(super) struct Picked {
    items: Vec<(ExceptionId, Option<QueuedException>)>,
    next: Option<ExceptionId>,
}

/// Picks and locks the exceptions of a portion.
pub(super) async fn pick(
    uow: &mut dyn UnitOfWork,
    selection: &Selection,
    portion: &Portion,
) -> Result<Picked, StoreError> {
    let at_most = portion.at_most.clamp(1, ITEMS_PER_CALL_MAX);
    match selection {
        Selection::These(ids) => {
            let after = |id: &&ExceptionId| portion.after.is_none_or(|after| after < **id);
            let ids: BTreeSet<_> = ids.iter().filter(after).copied().collect();
            let (ids, next) = cut(ids.into_iter().collect(), at_most, |id| *id);
            let these = Selection::These(ids.clone());
            let found = uow.exception_desk().select(&these, None, at_most).await?;
            let mut found: BTreeMap<_, _> = found.into_iter().map(|one| (one.id, one)).collect();
            let items = ids.into_iter().map(|id| (id, found.remove(&id)));
            Ok(Picked {
                items: items.collect(),
                next,
            })
        }
        Selection::Matching(_) => {
            // One more than wanted tells whether another portion follows.
            let desk = uow.exception_desk();
            let found = desk.select(selection, portion.after, at_most + 1).await?;
            let (found, next) = cut(found, at_most, |one| one.id);
            let items = found.into_iter().map(|one| (one.id, Some(one)));
            Ok(Picked {
                items: items.collect(),
                next,
            })
        }
    }
}

/// The first of `things`, and after which the others follow, if there are others.
fn cut<T>(
    mut things: Vec<T>,
    at_most: u32,
    id: impl Fn(&T) -> ExceptionId,
) -> (Vec<T>, Option<ExceptionId>) {
    let at_most = usize::try_from(at_most).unwrap_or(usize::MAX);
    let has_more = things.len() > at_most;
    things.truncate(at_most);
    let next = things.last().map(id).filter(|_| has_more);
    (things, next)
}

impl Picked {
    /// Those that there are.
    pub(super) fn found(&self) -> impl Iterator<Item = &QueuedException> {
        self.items.iter().filter_map(|(_, found)| found.as_ref())
    }

    /// What becomes of each of those that there are; the others are not found.
    pub(super) fn worked(&self, become_of: impl Fn(&QueuedException) -> ItemResult) -> Worked {
        let items = self.items.iter().map(|(id, found)| WorkedItem {
            id: *id,
            order_sn: found.as_ref().and_then(|found| found.order_sn.clone()),
            result: found.as_ref().map_or(ItemResult::NotFound, &become_of),
        });
        Worked {
            items: items.collect(),
            next: self.next,
        }
    }
}
