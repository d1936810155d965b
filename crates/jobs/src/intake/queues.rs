//! Pushes that wait to be stored: one queue per tenant, bounded together.
//!
//! Invariant: a tenant has an entry exactly as long as it has a writer, and the entry counts its writers.
//! So no push is ever queued without somebody who will take it, and no writer waits for pushes that may
//! never come.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use hawker_domain::TenantSlug;
use hawker_ports::pushes::{IntakeError, ReceivedPush};
use tokio::sync::oneshot;

use super::{
    ANOTHER_WRITER_AT, BATCH_BYTES_MAX, BATCH_PUSHES_MAX, QUEUE_BYTES_MAX, QUEUE_PUSHES_MAX,
    WRITERS_MAX,
};

/// What became of a push.
pub(super) type Answer = Result<(), IntakeError>;

/// The queues of all tenants.
#[derive(Default)]
pub(super) struct Queues(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    is_stopping: bool,
    /// Pushes that are queued or being written, and their bytes.
    held: Weight,
    of_tenant: HashMap<TenantSlug, Queue>,
}

/// What waits for one tenant, and how many writers it has.
struct Queue {
    waiting: VecDeque<Waiting>,
    writers: usize,
}

struct Waiting {
    push: ReceivedPush,
    answer: oneshot::Sender<Answer>,
}

/// Pushes that are written together, and who waits for them, in the same order.
pub(super) struct Batch {
    pub(super) pushes: Vec<ReceivedPush>,
    pub(super) answers: Vec<Option<oneshot::Sender<Answer>>>,
    weight: Weight,
}

/// What pushes take up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Weight {
    pushes: usize,
    bytes: usize,
}

impl Weight {
    fn of(push: &ReceivedPush) -> Self {
        let headers = [&push.authorization, &push.event_id];
        let headers: usize = headers.into_iter().flatten().map(String::len).sum();
        Self {
            pushes: 1,
            bytes: push.body.len() + headers,
        }
    }

    const fn plus(self, other: Self) -> Self {
        Self {
            pushes: self.pushes + other.pushes,
            bytes: self.bytes + other.bytes,
        }
    }

    const fn minus(self, other: Self) -> Self {
        Self {
            pushes: self.pushes.saturating_sub(other.pushes),
            bytes: self.bytes.saturating_sub(other.bytes),
        }
    }

    const fn exceeds(self, pushes: usize, bytes: usize) -> bool {
        self.pushes > pushes || self.bytes > bytes
    }
}

impl Queues {
    /// Queues a push and hands out where its answer will come; `start_writer` is called, before
    /// anybody can stop the intake, when its tenant has no writer yet, or too few for what waits.
    pub(super) fn offer(
        &self,
        push: ReceivedPush,
        start_writer: impl FnOnce(TenantSlug),
    ) -> Result<oneshot::Receiver<Answer>, IntakeError> {
        let mut inner = self.lock();
        if inner.is_stopping {
            return Err(IntakeError::Stopping);
        }
        let held = inner.held.plus(Weight::of(&push));
        if held.exceeds(QUEUE_PUSHES_MAX, QUEUE_BYTES_MAX) {
            return Err(IntakeError::Full);
        }
        inner.held = held;
        let (answer, answered) = oneshot::channel();
        match inner.of_tenant.entry(push.tenant.clone()) {
            Entry::Occupied(mut place) => {
                let tenant = place.key().clone();
                let queue = place.get_mut();
                queue.waiting.push_back(Waiting { push, answer });
                let enough = ANOTHER_WRITER_AT * queue.writers;
                if queue.writers < WRITERS_MAX && queue.waiting.len() >= enough {
                    queue.writers += 1;
                    start_writer(tenant);
                }
            }
            Entry::Vacant(place) => {
                start_writer(place.key().clone());
                place.insert(Queue {
                    waiting: VecDeque::from([Waiting { push, answer }]),
                    writers: 1,
                });
            }
        }
        Ok(answered)
    }

    /// What a writer of a tenant stores next; `None` when nothing is queued, which ends the writer.
    pub(super) fn next_batch(&self, tenant: &TenantSlug) -> Option<Batch> {
        let mut inner = self.lock();
        let queue = inner.of_tenant.get_mut(tenant)?;
        let mut batch = Batch::empty();
        while let Some(Waiting { push, .. }) = queue.waiting.front() {
            let weight = batch.weight.plus(Weight::of(push));
            // The first is taken whatever it weighs, else it would never be.
            if weight.pushes > 1 && weight.exceeds(BATCH_PUSHES_MAX, BATCH_BYTES_MAX) {
                break;
            }
            if let Some(waiting) = queue.waiting.pop_front() {
                batch.take(waiting, weight);
            }
        }
        if batch.pushes.is_empty() {
            queue.writers -= 1;
            if queue.writers == 0 {
                inner.of_tenant.remove(tenant);
            }
            return None;
        }
        Some(batch)
    }

    /// A batch is written or given up: its room is free again.
    pub(super) fn release(&self, batch: &Batch) {
        let mut inner = self.lock();
        inner.held = inner.held.minus(batch.weight);
    }

    /// From now on nothing is taken in.
    pub(super) fn refuse_more(&self) {
        self.lock().is_stopping = true;
    }

    /// Drops what is still queued; whoever waits for it learns that it was not stored.
    pub(super) fn abandon(&self) {
        self.lock().of_tenant.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Batch {
    fn empty() -> Self {
        Self {
            pushes: Vec::new(),
            answers: Vec::new(),
            weight: Weight::default(),
        }
    }

    fn take(&mut self, Waiting { push, answer }: Waiting, weight: Weight) {
        self.pushes.push(push);
        self.answers.push(Some(answer));
        self.weight = weight;
    }
}
