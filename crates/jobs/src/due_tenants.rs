//! Which tenants may have due orders, as a rotating list of tickets.
//!
//! A ticket lets one worker claim one batch of one tenant. Tickets of all tenants stand in one line,
//! so a tenant with a huge backlog waits its turn after every batch. A ticket is only a hint: the
//! work itself is rows in the store, so a lost or a needless ticket costs a sweep or a query.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hawker_domain::TenantSlug;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Where so many filed events wait for each worker, all of them find full batches: those that they have in hand count
/// until they are done with, and others are worked on while the next ones are filed.
const ENOUGH_FOR_A_WORKER: u32 = 200;

/// What waits for the workers in the inbox, as far as this process knows.
#[derive(Clone, Copy, Debug, Default)]
struct Ahead {
    /// Events that were filed and that no worker is done with.
    events: u32,
    /// Full batches were claimed beyond these: nobody knows how much else there is.
    and_more: bool,
}

/// Tenants that may have due orders. Shared by whoever brings in work and the workers.
pub struct DueTenants {
    line: Mutex<Line>,
    added: Notify,
    /// Workers had enough of a tenant, and no longer have.
    ran_low: Notify,
    /// More tickets of one tenant in the line than there are workers would serve nobody.
    tickets_max: usize,
}

#[derive(Default)]
struct Line {
    tickets: VecDeque<TenantSlug>,
    waiting: HashMap<TenantSlug, usize>,
    held_off: HashMap<TenantSlug, Instant>,
    ahead: HashMap<TenantSlug, Ahead>,
    look_in_vain: Duration,
}

impl DueTenants {
    /// An empty line for so many workers.
    pub fn for_workers(workers: usize) -> Self {
        Self {
            line: Mutex::default(),
            added: Notify::new(),
            ran_low: Notify::new(),
            tickets_max: workers.max(1),
        }
    }

    /// A tenant may have due orders: a worker looks at once, or after its turn.
    pub fn add(&self, tenant: &TenantSlug) {
        if self.line().add(tenant, self.tickets_max) {
            self.added.notify_one();
        }
    }

    /// So many events were filed where workers find them.
    pub(crate) fn filed(&self, tenant: &TenantSlug, events: u32) {
        self.line().filed(tenant, events);
        self.add(tenant);
    }

    /// A worker is done with so many events; it `found_all` where no others were due when it claimed them.
    pub(crate) fn worked(&self, tenant: &TenantSlug, events: u32, found_all: bool) {
        let mut line = self.line();
        let had_enough = line.ahead(tenant).is_at_least(self.enough());
        line.worked(tenant, events, found_all);
        if had_enough && !line.ahead(tenant).is_at_least(self.enough()) {
            self.ran_low.notify_one();
        }
    }

    /// Whether every worker has full batches to claim for a while. Other processes file and claim as well, and not all work
    /// comes by the journal; no mistake lasts, because claims tell: one that is not full that there is less than was
    /// reckoned, and a full one, where nothing should be left, that there is more.
    pub(crate) fn workers_have_enough(&self, tenant: &TenantSlug) -> bool {
        self.line().ahead(tenant).is_at_least(self.enough())
    }

    /// Ends when workers had enough of a tenant and no longer have. For one listener; it may end for what was before.
    pub(crate) async fn ran_low(&self) {
        self.ran_low.notified().await;
    }

    fn enough(&self) -> u32 {
        let workers = u32::try_from(self.tickets_max).unwrap_or(u32::MAX);
        workers.saturating_mul(ENOUGH_FOR_A_WORKER)
    }

    /// The next tenant in line, as soon as there is one.
    pub(crate) async fn next(&self) -> TenantSlug {
        loop {
            if let Some(tenant) = self.take() {
                return tenant;
            }
            self.added.notified().await;
        }
    }

    /// Nothing more of this tenant for a while, unless it is released.
    pub(crate) fn hold_off(&self, tenant: &TenantSlug, wait: Duration) {
        self.line()
            .held_off
            .insert(tenant.clone(), Instant::now() + wait);
    }

    /// A worker looked at a tenant that had nothing to do, and it took so long.
    pub(crate) fn looked_in_vain(&self, took: Duration) {
        let mut line = self.line();
        line.look_in_vain = (line.look_in_vain * 7 + took) / 8;
    }

    /// How long a look in vain took of late.
    pub(crate) fn look_in_vain(&self) -> Duration {
        self.line().look_in_vain
    }

    /// Its rest is over, and it is in line.
    pub(crate) fn release(&self, tenant: &TenantSlug) {
        self.line().held_off.remove(tenant);
        self.add(tenant);
    }

    /// Whether a tenant stands in the line.
    pub(crate) fn has(&self, tenant: &TenantSlug) -> bool {
        self.line().waiting.contains_key(tenant)
    }

    /// The next tenant in line, if there is one.
    pub(crate) fn take(&self) -> Option<TenantSlug> {
        let mut line = self.line();
        let tenant = line.take()?;
        if !line.tickets.is_empty() {
            // `Notify` remembers one notice only; two tickets that came together need a second.
            self.added.notify_one();
        }
        Some(tenant)
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    fn add(&mut self, tenant: &TenantSlug, tickets_max: usize) -> bool {
        if let Some(until) = self.held_off.get(tenant) {
            if Instant::now() < *until {
                return false;
            }
            self.held_off.remove(tenant);
        }
        let waiting = self.waiting.entry(tenant.clone()).or_default();
        if *waiting >= tickets_max {
            return false;
        }
        *waiting += 1;
        self.tickets.push_back(tenant.clone());
        true
    }

    fn filed(&mut self, tenant: &TenantSlug, events: u32) {
        let ahead = self.ahead.entry(tenant.clone()).or_default();
        ahead.events = ahead.events.saturating_add(events);
    }

    fn worked(&mut self, tenant: &TenantSlug, events: u32, found_all: bool) {
        if found_all {
            self.ahead.remove(tenant);
            return;
        }
        let ahead = self.ahead.entry(tenant.clone()).or_default();
        ahead.and_more |= events > ahead.events;
        ahead.events = ahead.events.saturating_sub(events);
    }

    fn ahead(&self, tenant: &TenantSlug) -> Ahead {
        self.ahead.get(tenant).copied().unwrap_or_default()
    }

    fn take(&mut self) -> Option<TenantSlug> {
        let tenant = self.tickets.pop_front()?;
        if let Some(waiting) = self.waiting.get_mut(&tenant) {
            *waiting -= 1;
            if *waiting == 0 {
                self.waiting.remove(&tenant);
            }
        }
        Some(tenant)
    }
}

impl Ahead {
    const fn is_at_least(self, events: u32) -> bool {
        self.and_more || self.events >= events
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::tenant;

    #[test]
    fn a_tenant_stands_in_line_once_per_worker_at_most() {
        let due = DueTenants::for_workers(2);
        for _ in 0..5 {
            due.add(&tenant("busy"));
        }
        due.add(&tenant("quiet"));
        let line: Vec<_> = std::iter::from_fn(|| due.take()).collect();
        assert_eq!(line, [tenant("busy"), tenant("busy"), tenant("quiet")]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_tenant_that_fails_is_left_alone_for_a_while() {
        let due = DueTenants::for_workers(1);
        due.hold_off(&tenant("ill"), Duration::from_secs(2));
        due.add(&tenant("ill"));
        assert_eq!(due.take(), None);
        tokio::time::advance(Duration::from_secs(2)).await;
        due.add(&tenant("ill"));
        assert_eq!(due.take(), Some(tenant("ill")));
    }

    #[test]
    fn workers_have_enough_until_they_have_come_to_most_of_what_was_filed() {
        let (due, busy) = (DueTenants::for_workers(2), tenant("busy"));
        due.filed(&busy, 2 * ENOUGH_FOR_A_WORKER - 1);
        assert!(!due.workers_have_enough(&busy));
        due.filed(&busy, 50);
        assert!(due.workers_have_enough(&busy));
        assert!(!due.workers_have_enough(&tenant("quiet")));
        due.worked(&busy, 50, false);
        assert!(!due.workers_have_enough(&busy));
    }

    /// Another process may have worked on them.
    #[test]
    fn a_worker_that_finds_no_full_batch_does_not_have_enough_whatever_was_filed() {
        let (due, busy) = (DueTenants::for_workers(1), tenant("busy"));
        due.filed(&busy, 100 * ENOUGH_FOR_A_WORKER);
        due.worked(&busy, 50, false);
        assert!(due.workers_have_enough(&busy));
        due.worked(&busy, 3, true);
        assert!(!due.workers_have_enough(&busy));
    }

    /// From before this process began, or put into the inbox by another way than the journal.
    #[test]
    fn full_batches_beyond_what_was_filed_say_that_there_is_more_until_one_is_not_full() {
        let (due, busy) = (DueTenants::for_workers(1), tenant("busy"));
        due.worked(&busy, 50, false);
        assert!(due.workers_have_enough(&busy));
        due.worked(&busy, 49, true);
        assert!(!due.workers_have_enough(&busy));
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_released_is_in_line_before_its_time() {
        let due = DueTenants::for_workers(1);
        due.hold_off(&tenant("early"), Duration::from_secs(2));
        due.release(&tenant("early"));
        assert_eq!(due.take(), Some(tenant("early")));
    }
}
