//! Exceptions of one cause, as they are told together.
//!
//! What no thread has told of is marked on the exception itself (`told_in`), so that nothing is added
//! twice, whoever gathers.

use std::collections::BTreeMap;

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::alert::{AlertPayload, AlertThread, Topic};
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
}

/// The open exceptions of a topic.
#[derive(Default)]
struct Standing {
    /// In sight.
    open: u64,
    due_by: Option<Timestamp>,
    orders: Vec<String>,
    /// In sight, and in no thread yet, oldest first.
    untold: Vec<Untold>,
}

/// An exception that no thread has told of.
struct Untold {
    id: ExceptionId,
    since: Timestamp,
    said: AlertPayload,
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

    async fn keep(
        &mut self,
        thread: &AlertThread,
        due_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.write(|state| {
            let mut rows = state.alert_threads.iter_mut();
            if let Some(row) = rows.find(|row| row.thread.id == thread.id) {
                row.thread.untold = thread.untold;
                row.thread.told = thread.told;
                row.thread.told_at = thread.told_at;
                row.thread.recovery_told = thread.recovery_told;
                row.due_at = due_at;
            }
            Ok(())
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
                None => row.thread.recover(now),
                Some(standing) => {
                    let told: Vec<_> = standing.untold.iter().map(|untold| untold.id).collect();
                    row.thread.go_on(standing);
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
            let number = self.alert_threads.iter().map(|_| 1).sum::<u128>() + 1;
            let id = AlertThreadId::of(number);
            if let Some(thread) = opened(id, topic, standing) {
                tell(&mut self.exceptions, &told, id);
                self.alert_threads.push(ThreadRow {
                    thread,
                    due_at: Some(now),
                });
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
                standing.add(row);
            }
        }
        standings
    }
}

impl Standing {
    fn add(&mut self, row: &ExceptionRow) {
        self.open += 1;
        self.due_by = self.due_by.into_iter().chain(row.cause.due_at).min();
        if let Some(order_sn) = &row.subject.order_sn {
            let order_sn = order_sn.to_string();
            if self.orders.len() < ORDERS_MAX && !self.orders.contains(&order_sn) {
                self.orders.push(order_sn);
            }
        }
        if row.told_in.is_none() {
            let ExceptionRow {
                id, subject, cause, ..
            } = row;
            let occurrences = u64::from(row.recurrences) + 1;
            self.untold.push(Untold {
                id: *id,
                since: row.first_seen_at,
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

    pub(super) fn is_snoozed(&self, now: Timestamp) -> bool {
        self.status == ExceptionStatus::Open && self.snoozed_until.is_some_and(|until| until > now)
    }
}

/// What a thread makes of the exceptions of its topic.
trait Gathering {
    /// None is open any more.
    fn recover(&mut self, now: Timestamp);
    /// Some are open, perhaps all of them out of sight.
    fn go_on(&mut self, standing: Standing);
}

impl Gathering for AlertThread {
    fn recover(&mut self, now: Timestamp) {
        self.recovered_at = self.recovered_at.or(Some(now));
        self.open = 0;
        self.due_by = None;
    }

    fn go_on(&mut self, standing: Standing) {
        let is_over = self.recovered_at.is_some() && (self.recovery_told || self.told == 0);
        if let (true, Some(first)) = (is_over, standing.untold.first()) {
            // Nothing of the earlier one remains but when something was told last: its limit holds.
            self.opened_at = first.since;
            (self.total, self.untold, self.told) = (0, 0, 0);
            self.recovery_told = false;
        }
        let new = standing.added();
        if let (0, Some(first)) = (self.untold, standing.untold.into_iter().next()) {
            self.sample = first.said;
        }
        self.recovered_at = None;
        self.open = standing.open;
        self.due_by = standing.due_by;
        self.total += new;
        self.untold += new;
        if !standing.orders.is_empty() {
            self.orders = standing.orders;
        }
    }
}

/// A thread of a topic that had none; none where all of it is out of sight.
fn opened(id: AlertThreadId, topic: Topic, standing: Standing) -> Option<AlertThread> {
    let new = standing.added();
    let first = standing.untold.into_iter().next()?;
    Some(AlertThread {
        id,
        topic,
        opened_at: first.since,
        open: standing.open,
        total: new,
        untold: new,
        sample: first.said,
        orders: standing.orders,
        due_by: standing.due_by,
        recovered_at: None,
        told_at: None,
        told: 0,
        recovery_told: false,
    })
}

fn tell(exceptions: &mut [ExceptionRow], ids: &[ExceptionId], thread: AlertThreadId) {
    for row in exceptions.iter_mut().filter(|row| ids.contains(&row.id)) {
        row.told_in = Some(thread);
    }
}
