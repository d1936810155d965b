//! Forgetting old events.

use std::collections::BTreeSet;

use hawker_domain::Timestamp;
use hawker_domain::exception::ExceptionStatus;
use hawker_domain::ids::EventId;

use super::super::state::{EventRow, State};
use crate::inbox::Forgotten;

impl State {
    pub(super) fn forget_processed(
        &mut self,
        before: Timestamp,
        after: Option<EventId>,
        at_most: u32,
    ) -> Forgotten {
        let portion = self.portion(after, at_most, |_| true);
        let is_old = |row: &EventRow| row.event.received_at < before;
        let is_anything_old = portion.iter().any(is_old);
        let trusted = portion.iter().filter(|row| row.event.is_trusted());
        let old = trusted.filter(|row| is_old(row)).count();
        let done = portion.iter().filter(|row| {
            let is_done = row.done.is_some_and(|(at, _)| at < before);
            row.event.is_trusted() && is_done && !self.is_needed(row)
        });
        let done = ids(done);
        let next = last(&portion, at_most).filter(|_| is_anything_old);
        self.forget(&done, old, next)
    }

    pub(super) fn forget_unverified(
        &mut self,
        before: Timestamp,
        after: Option<EventId>,
        at_most: u32,
    ) -> Forgotten {
        let is_meant = |row: &EventRow| !row.event.is_trusted() && row.event.received_at < before;
        let portion = self.portion(after, at_most, is_meant);
        let free = ids(portion.iter().filter(|row| !self.is_named(row)));
        let (old, next) = (portion.len(), last(&portion, at_most));
        self.forget(&free, old, next)
    }

    /// The next events of a kind, in the order of their ids.
    fn portion(
        &self,
        after: Option<EventId>,
        at_most: u32,
        is_meant: impl Fn(&EventRow) -> bool,
    ) -> Vec<EventRow> {
        let behind = |row: &&EventRow| after.is_none_or(|after| row.event.id > after);
        let meant = self.events.iter().filter(|row| is_meant(row));
        let mut portion: Vec<_> = meant.filter(behind).cloned().collect();
        portion.sort_by_key(|row| row.event.id);
        portion.truncate(usize::try_from(at_most).unwrap_or(usize::MAX));
        portion
    }

    fn forget(
        &mut self,
        forgotten: &BTreeSet<EventId>,
        old: usize,
        next: Option<EventId>,
    ) -> Forgotten {
        self.events.retain(|row| !forgotten.contains(&row.event.id));
        let count = |many: usize| u32::try_from(many).unwrap_or(u32::MAX);
        Forgotten {
            events: count(forgotten.len()),
            kept: count(old.saturating_sub(forgotten.len())),
            next,
        }
    }

    fn is_needed(&self, row: &EventRow) -> bool {
        let key = row.order_key();
        let is_of_the_order = self.exceptions.iter().any(|raised| {
            raised.status == ExceptionStatus::Open
                && key.is_some()
                && raised.subject.order_key() == key
        });
        is_of_the_order || self.is_named(row)
    }

    fn is_named(&self, row: &EventRow) -> bool {
        self.exceptions.iter().any(|raised| {
            raised.status == ExceptionStatus::Open && raised.subject.event == Some(row.event.id)
        })
    }
}

fn ids<'a>(rows: impl Iterator<Item = &'a EventRow>) -> BTreeSet<EventId> {
    rows.map(|row| row.event.id).collect()
}

/// The last of a full portion.
fn last(portion: &[EventRow], at_most: u32) -> Option<EventId> {
    let is_full = u32::try_from(portion.len()) == Ok(at_most);
    let last = portion.last().filter(|_| is_full);
    last.map(|row| row.event.id)
}
