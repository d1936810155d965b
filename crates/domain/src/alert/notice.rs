//! What is said of a thread, or of many at once, before it is addressed to a sink.
//!
//! A sink that was away is told how things stand: what waits for it and was not taken is replaced, and
//! what takes its place says what it would have said, see [`AlertThread::caught_up`].

mod catching_up;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use serde_json::json;

use super::{Alert, AlertPayload, AlertThread, NoticeKind};
use crate::ids::{AlertId, AlertThreadId};
use crate::{IdSource, TenantSlug, Timestamp};

/// Threads that are named where there are many.
const NAMED_MAX: usize = 5;

/// How much is said of each of them.
const NAMED_CHARS_MAX: usize = 300;

/// What is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    payload: AlertPayload,
    /// Of which threads, where it is about many.
    threads: Vec<AlertThreadId>,
}

impl Notice {
    /// What a thread has to tell: the documented payload of the exception that stands for all, with the
    /// kind of the message, how many are open and some of their orders among the details.
    pub fn of_thread(thread: &AlertThread, kind: NoticeKind, now: Timestamp) -> Self {
        let mut payload = thread.sample.clone();
        payload.message = thread.words(kind, now);
        payload.occurred_at = thread.moment(kind, now);
        if thread.open > 1 || thread.total > 1 {
            // It is about all of them, and not about the order of one.
            payload.ordersn = None;
        }
        let details = &mut payload.details;
        match thread.due_by {
            Some(due_by) => {
                details.insert("due_at".into(), due_by.to_rfc3339().into());
            }
            // One that has passed is told where no other one is to come, until it is over.
            None if kind == NoticeKind::Recovered => {
                details.remove("due_at");
            }
            None => {}
        }
        details.insert("kind".into(), kind.as_str().into());
        details.insert("thread_id".into(), thread.id.to_string().into());
        details.insert("cause".into(), thread.topic.cause.clone().into());
        details.insert("open".into(), thread.open.into());
        details.insert("total".into(), thread.total.into());
        details.insert("opened_at".into(), thread.opened_at.to_rfc3339().into());
        if kind == NoticeKind::More {
            details.insert("new".into(), thread.untold.into());
        }
        if !thread.orders.is_empty() {
            details.insert("orders".into(), thread.orders.clone().into());
        }
        Self {
            payload,
            threads: Vec::new(),
        }
    }

    /// What threads of one group have to tell that are told of at once: a message for each kind, and one
    /// that is alone with its kind has its own.
    pub fn of_together(told: &[(AlertThread, NoticeKind)], now: Timestamp) -> Vec<Self> {
        let of_kind = |kind: &NoticeKind| {
            let of_kind = told.iter().filter(|(_, of)| of == kind);
            let threads: Vec<_> = of_kind.map(|(thread, _)| thread.clone()).collect();
            match threads.as_slice() {
                [thread] => Some(Self::of_thread(thread, *kind, now)),
                threads => Self::of_many(threads, *kind, now),
            }
        };
        NoticeKind::ALL.iter().filter_map(of_kind).collect()
    }

    /// What many threads of one group have to tell that are told of at once: how many they are, and the
    /// worst of them. It stands for the worst. None where there is no thread.
    pub fn of_many(threads: &[AlertThread], kind: NoticeKind, now: Timestamp) -> Option<Self> {
        let mut worst: Vec<_> = threads.iter().collect();
        worst.sort_by_key(|thread| {
            let due_by = thread.due_by.filter(|due_by| *due_by > now);
            (due_by.is_none(), due_by, Reverse(thread.open), thread.id)
        });
        let first = *worst.first()?;
        worst.truncate(NAMED_MAX);
        let open: u64 = threads.iter().map(|thread| thread.open).sum();
        let total: u64 = threads.iter().map(|thread| thread.total).sum();
        let mut payload = first.sample.clone();
        payload.message = words(threads.len(), open, &worst, kind);
        payload.occurred_at = first.moment(kind, now);
        payload.ordersn = None;
        let details = &mut payload.details;
        details.remove("due_at");
        details.remove("occurrences");
        if let Some(due_by) = first.due_by {
            details.insert("due_at".into(), due_by.to_rfc3339().into());
        }
        details.insert("kind".into(), kind.as_str().into());
        details.insert("thread_id".into(), first.topic.group().to_string().into());
        details.insert("causes".into(), threads.len().into());
        details.insert("open".into(), open.into());
        details.insert("total".into(), total.into());
        let opened_at = threads.iter().map(|thread| thread.opened_at).min();
        if let Some(opened_at) = opened_at {
            details.insert("opened_at".into(), opened_at.to_rfc3339().into());
        }
        let named = worst.iter().map(|thread| {
            json!({
                "thread_id": thread.id.to_string(),
                "cause": thread.topic.cause,
                "open": thread.open,
            })
        });
        details.insert("worst".into(), named.collect());
        let orders = worst.iter().filter_map(|thread| thread.orders.first());
        let orders: Vec<_> = orders.cloned().collect();
        if !orders.is_empty() {
            details.insert("orders".into(), orders.into());
        }
        Some(Self {
            payload,
            threads: threads.iter().map(|thread| thread.id).collect(),
        })
    }

    /// What is said.
    pub const fn payload(&self) -> &AlertPayload {
        &self.payload
    }

    /// The message to a sink, with the tenant of whom it tells.
    pub fn to_sink(&self, sink: &str, tenant: &TenantSlug, ids: &dyn IdSource) -> Alert {
        let mut payload = self.payload.clone();
        let tenant = tenant.as_str().into();
        payload.details.insert("tenant".into(), tenant);
        Alert {
            id: AlertId::fresh(ids),
            sink: sink.to_owned(),
            payload,
            threads: self.threads.clone(),
        }
    }
}

/// What is wrong with how many, and with which above all.
fn words(causes: usize, open: u64, worst: &[&AlertThread], kind: NoticeKind) -> String {
    let what = match kind {
        NoticeKind::Opened => format!("{causes} causes at once, {open} open in all."),
        NoticeKind::More => format!("There is more of {causes} causes, {open} open in all."),
        NoticeKind::Reminder => format!("{causes} causes are still there, {open} open in all."),
        NoticeKind::Recovered => format!("{causes} causes are over."),
    };
    let named = worst.iter().enumerate().map(|(place, thread)| {
        let said: String = thread
            .sample
            .message
            .chars()
            .take(NAMED_CHARS_MAX)
            .collect();
        format!(" ({}) {said}", place + 1)
    });
    let named: String = named.collect();
    format!("{what} Among them:{named}")
}
