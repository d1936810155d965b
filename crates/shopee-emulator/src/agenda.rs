//! What is going to happen in the shop by its own clock: orders that confirm themselves, and the
//! steps of scripts. Pure: time comes in.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::scenario::{Deed, Play};
use crate::world::OrderSn;

/// Something that is due.
#[derive(Clone, Debug)]
pub(crate) enum Errand {
    /// The platform confirms the receipt, unless the order has moved on.
    Confirm(OrderSn),
    /// A step of a script.
    Step { play: u64, deed: Box<Deed> },
}

/// Invariant: errands of the same time run in the order in which they were written down.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    /// From delivery to the platform's own confirmation. None: buyers confirm.
    pub confirms_after: Option<Duration>,
    /// Scripts that run or ran, by number.
    pub plays: BTreeMap<u64, Play>,
    /// By due time in shop milliseconds, then by age.
    waiting: BTreeMap<(i64, u64), Errand>,
    next_number: u64,
}

impl Agenda {
    pub fn add(&mut self, due_millis: i64, errand: Errand) {
        self.next_number += 1;
        self.waiting.insert((due_millis, self.next_number), errand);
    }

    pub fn delivered(&mut self, sn: &OrderSn, at_millis: i64) {
        if let Some(wait) = self.confirms_after {
            self.add(after(at_millis, wait), Errand::Confirm(sn.clone()));
        }
    }

    /// The next errand whose time has come, and that time.
    pub fn take_due(&mut self, now_millis: i64) -> Option<(i64, Errand)> {
        let entry = self
            .waiting
            .first_entry()
            .filter(|entry| entry.key().0 <= now_millis)?;
        let (due, _) = *entry.key();
        Some((due, entry.remove()))
    }

    pub fn next_due(&self) -> Option<i64> {
        self.waiting.keys().next().map(|(due, _)| *due)
    }

    /// Takes errands off that are not to be run any more.
    pub fn forget(&mut self, unwanted: impl Fn(&Errand) -> bool) {
        self.waiting.retain(|_, errand| !unwanted(errand));
    }

    /// Steps of scripts that have not come yet never will.
    pub fn stop_scripts(&mut self) {
        self.forget(|errand| matches!(errand, Errand::Step { .. }));
        for play in self.plays.values_mut() {
            play.left = 0;
        }
    }
}

/// A time on the shop clock, that much later.
pub(crate) fn after(at_millis: i64, wait: Duration) -> i64 {
    at_millis.saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX))
}
