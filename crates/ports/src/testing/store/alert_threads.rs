//! Exceptions of one cause, as they are told together.
//!
//! What no thread has told of is marked on the exception itself (`told_in`), so that nothing is added
//! twice, whoever gathers.

use std::collections::BTreeMap;

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::alert::{AlertPayload, AlertThread, ToldLately, Topic};
use hawker_domain::exception::ExceptionStatus;
use hawker_domain::ids::{AlertThreadId, ExceptionId};

use super::state::{ExceptionRow, State};
use super::unit_of_work::InMemoryUnitOfWork;
use crate::StoreError;
use crate::alerts::AlertThreads;

/// Order numbers that a thread names.
const ORDERS_MAX: usize = 5;

/// A thread, and when it is looked at next.
#[derive(Clone, Debug)]
pub(super) struct ThreadRow {
    pub(super) thread: AlertThread,
    pub(super) due_at: Option<Timestamp>,
    /// Of those that are told next, the first.
    first_untold: ExceptionId,
}

/// The open exceptions of a topic.
#[derive(Default)]
struct Standing {
    /// In sight.
    open: u64,
    due_by: Option<Timestamp>,
    /// Those in sight that are about an order, with its number, oldest first.
    orders: Vec<Named>,
    /// In sight, and in no thread yet, oldest first.
    untold: Vec<Untold>,
}

/// An exception that is about an order.
struct Named {
    id: ExceptionId,
    told_in: Option<AlertThreadId>,
    order_sn: String,
}

/// An exception that no thread has told of.
struct Untold {
    id: ExceptionId,
    since: Timestamp,
    said: AlertPayload,
    /// The thread that told of it before it was out of sight.
    snoozed_in: Option<AlertThreadId>,
}

#[async_trait]
impl AlertThreads for InMemoryUnitOfWork {
    async fn gather(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        self.write(|state| Ok(state.gather(now))).await
    }

    async fn due(&mut self, now: Timestamp, at_most: u32) -> Result<Vec<AlertThread>, StoreError> {
        self.write(|state| {
            let is_due = |row: &&ThreadRow| row.due_at.is_some_and(|due_at| due_at <= now);
            let mut due: Vec<_> = state.alert_threads.iter().filter(is_due).collect();
            due.sort_by_key(|row| (row.due_at, row.thread.id));
            due.truncate(usize::try_from(at_most).unwrap_or(usize::MAX));
            Ok(due.into_iter().map(|row| row.thread.clone()).collect())
        })
        .await
    }

    async fn find(&mut self, ids: &[AlertThreadId]) -> Result<Vec<AlertThread>, StoreError> {
        self.write(|state| {
            let threads = state.alert_threads.iter().map(|row| &row.thread);
            let mut found: Vec<_> = threads
                .filter(|thread| ids.contains(&thread.id))
                .cloned()
                .collect();
            found.sort_by_key(|thread| thread.id);
            Ok(found)
        })
        .await
    }

    async fn keep(
        &mut self,
        threads: &[(AlertThread, Option<Timestamp>)],
    ) -> Result<(), StoreError> {
        self.write(|state| {
            for (thread, due_at) in threads {
                let mut rows = state.alert_threads.iter_mut();
                if let Some(row) = rows.find(|row| row.thread.id == thread.id) {
                    row.thread.untold = thread.untold;
                    row.thread.told = thread.told;
                    row.thread.told_at = thread.told_at;
                    row.thread.recovery_told = thread.recovery_told;
                    row.due_at = *due_at;
                }
            }
            Ok(())
        })
        .await
    }

    async fn told_after(&mut self, moment: Timestamp) -> Result<Vec<ToldLately>, StoreError> {
        self.write(|state| {
            let mut groups = BTreeMap::new();
            for AlertThread { topic, told_at, .. } in
                state.alert_threads.iter().map(|row| &row.thread)
            {
                let Some(told_at) = told_at.filter(|told_at| *told_at > moment) else {
                    continue;
                };
                let (threads, last_at) = groups.entry(topic.group()).or_insert((0, told_at));
                *threads += 1;
                *last_at = told_at.max(*last_at);
            }
            let told = groups
                .into_iter()
                .map(|(group, (threads, last_at))| ToldLately {
                    group,
                    threads,
                    last_at,
                });
            Ok(told.collect())
        })
        .await
    }

    async fn forget_recovered(
        &mut self,
        before: Timestamp,
        at_most: u32,
    ) -> Result<u64, StoreError> {
        self.write(|state| {
            let threads = state.alert_threads.iter().map(|row| &row.thread);
            let mut old: Vec<_> = threads
                .filter(|thread| thread.told == 0 || thread.recovery_told)
                .filter_map(|thread| Some((thread.recovered_at?, thread.id)))
                .filter(|(recovered_at, _)| *recovered_at < before)
                .collect();
            old.sort_unstable();
            old.truncate(usize::try_from(at_most).unwrap_or(usize::MAX));
            let is_old = |row: &ThreadRow| old.iter().any(|(_, id)| *id == row.thread.id);
            state.alert_threads.retain(|row| !is_old(row));
            Ok(old.iter().map(|_| 1).sum())
        })
        .await
    }
}

impl State {
    fn gather(&mut self, now: Timestamp) -> u64 {
        self.gathered_at = Some(now);
        let mut standings = self.standings(now);
        let mut changed = 0;
        for row in &mut self.alert_threads {
            let before = row.thread.clone();
            match standings.remove(&row.thread.topic) {
                None if row.thread.recovered_at.is_none() => {
                    row.thread.recovered_at = Some(now);
                    row.thread.recovery_told = self.exceptions.iter().any(|of| of.is_left(&before));
                    (row.thread.open, row.thread.due_by) = (0, None);
                }
                None => {}
                Some(standing) => {
                    let told: Vec<_> = standing.untold.iter().map(|untold| untold.id).collect();
                    row.go_on(&standing);
                    tell(&mut self.exceptions, &told, row.thread.id);
                }
            }
            if row.thread != before {
                row.due_at = Some(now);
                changed += 1;
            }
        }
        for (topic, standing) in standings {
            let told: Vec<_> = standing.untold.iter().map(|untold| untold.id).collect();
            self.opened_threads += 1;
            let id = AlertThreadId::of(self.opened_threads);
            if let Some(row) = opened(id, topic, standing, now) {
                tell(&mut self.exceptions, &told, id);
                self.alert_threads.push(row);
                changed += 1;
            }
        }
        changed
    }

    /// The open exceptions by topic. One of which all are out of sight is there, with none open.
    fn standings(&self, now: Timestamp) -> BTreeMap<Topic, Standing> {
        let mut standings = BTreeMap::<Topic, Standing>::new();
        let mut open: Vec<_> = self
            .exceptions
            .iter()
            .filter(|row| row.status == ExceptionStatus::Open)
            .collect();
        open.sort_by_key(|row| row.id);
        for row in open {
            let standing = standings.entry(row.topic()).or_default();
            if !row.is_snoozed(now) {
                standing.add(row, now);
            }
        }
        standings
    }
}

impl Standing {
    fn add(&mut self, row: &ExceptionRow, now: Timestamp) {
        self.open += 1;
        let to_come = row.cause.due_at.filter(|due_at| *due_at > now);
        self.due_by = self.due_by.into_iter().chain(to_come).min();
        if let Some(order_sn) = &row.subject.order_sn {
            self.orders.push(Named {
                id: row.id,
                told_in: row.told_in,
                order_sn: order_sn.to_string(),
            });
        }
        if row.told_in.is_none() {
            let ExceptionRow {
                id, subject, cause, ..
            } = row;
            let occurrences = u64::from(row.recurrences) + 1;
            self.untold.push(Untold {
                id: *id,
                since: row.first_seen_at,
                snoozed_in: row.snoozed_in,
                said: AlertPayload::of_exception(
                    *id,
                    subject,
                    cause,
                    occurrences,
                    row.last_seen_at,
                ),
            });
        }
    }

    fn added(&self) -> u64 {
        self.untold.iter().map(|_| 1).sum()
    }

    /// Of what is added, what the thread has counted before.
    fn counted(&self, thread: AlertThreadId) -> u64 {
        let counted = |untold: &&Untold| untold.snoozed_in == Some(thread);
        self.untold.iter().filter(counted).map(|_| 1).sum()
    }

    /// The order numbers of some that are in sight, from `first` on where that is named.
    fn orders(&self, thread: AlertThreadId, first: Option<ExceptionId>) -> Vec<String> {
        let is_meant = |named: &&Named| {
            first.is_none_or(|first| {
                named.id >= first && named.told_in.is_none_or(|told_in| told_in == thread)
            })
        };
        let mut orders = Vec::new();
        for Named { order_sn, .. } in self.orders.iter().filter(is_meant) {
            if orders.len() < ORDERS_MAX && !orders.contains(order_sn) {
                orders.push(order_sn.clone());
            }
        }
        orders
    }
}

impl ExceptionRow {
    fn topic(&self) -> Topic {
        Topic {
            connector: self.subject.connector,
            environment: self.subject.environment,
            profile: self.subject.profile.clone(),
            class: self.cause.class,
            cause: self.cause.key.clone(),
        }
    }

    /// Whether somebody left it as it is since that thread of its topic opened.
    fn is_left(&self, thread: &AlertThread) -> bool {
        let closed_at = self.resolution.as_ref().map(|resolution| resolution.at);
        self.status == ExceptionStatus::WontFix
            && closed_at.is_some_and(|at| at >= thread.opened_at)
            && self.topic() == thread.topic
    }

    pub(super) fn is_snoozed(&self, now: Timestamp) -> bool {
        self.status == ExceptionStatus::Open && self.snoozed_until.is_some_and(|until| until > now)
    }
}

impl ThreadRow {
    /// Some are open, perhaps all of them out of sight.
    fn go_on(&mut self, standing: &Standing) {
        let thread = &mut self.thread;
        let (added, mut counted) = (standing.added(), standing.counted(thread.id));
        let is_over = thread.recovered_at.is_some() && (thread.recovery_told || thread.told == 0);
        if let (true, Some(first)) = (is_over, standing.untold.first()) {
            // Nothing of the earlier one remains but when something was told last: its limit holds.
            thread.opened_at = first.since;
            (thread.total, thread.untold, thread.told) = (0, 0, 0);
            thread.recovery_told = false;
            counted = 0;
        }
        if let (0, Some(first)) = (thread.untold, standing.untold.first()) {
            thread.sample = first.said.clone();
            self.first_untold = first.id;
        }
        thread.recovered_at = None;
        thread.open = standing.open;
        thread.due_by = standing.due_by;
        thread.total += added - counted;
        thread.untold = (thread.untold + added).min(thread.total);
        let untold = (thread.untold > 0).then_some(self.first_untold);
        let of = [
            standing.orders(thread.id, untold),
            standing.orders(thread.id, None),
        ];
        if let Some(orders) = of.into_iter().find(|orders| !orders.is_empty()) {
            thread.orders = orders;
        }
    }
}

/// A thread of a topic that had none; none where all of it is out of sight.
fn opened(
    id: AlertThreadId,
    topic: Topic,
    standing: Standing,
    now: Timestamp,
) -> Option<ThreadRow> {
    let (new, orders) = (standing.added(), standing.orders(id, None));
    let first = standing.untold.into_iter().next()?;
    let thread = AlertThread {
        id,
        topic,
        opened_at: first.since,
        open: standing.open,
        total: new,
        untold: new,
        sample: first.said,
        orders,
        due_by: standing.due_by,
        recovered_at: None,
        told_at: None,
        told: 0,
        recovery_told: false,
    };
    Some(ThreadRow {
        thread,
        due_at: Some(now),
        first_untold: first.id,
    })
}

fn tell(exceptions: &mut [ExceptionRow], ids: &[ExceptionId], thread: AlertThreadId) {
    for row in exceptions.iter_mut().filter(|row| ids.contains(&row.id)) {
        row.told_in = Some(thread);
        row.snoozed_in = None;
    }
}
