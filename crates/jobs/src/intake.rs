//! Taking pushes in: concurrent pushes share an insert and a commit, and nobody is answered before
//! that commit.
//!
//! What waits is bounded in number and bytes over the whole process; beyond that a push is refused
//! at once, and the marketplace comes again later. Each tenant has writers of its own while it has
//! pushes (one, and more when many wait), so a tenant whose store is slow holds up nobody else.
//!
//! A writer runs where the push that it was started for was received. Where one thread receives them,
//! the connections to the marketplace and those to the database are all of this thread, and no answer
//! wakes another one on its way.

mod queues;
#[cfg(test)]
mod tests;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hawker_ports::Metrics;
use hawker_ports::pushes::{IntakeError, PushIntake, ReceivedPush};

use self::queues::Queues;
use self::writer::Writers;
use crate::boundary::StorePushes;
use crate::due_tenants::DueTenants;
use crate::streaks::Streaks;
use crate::tasks::{Stopped, Tasks};

/// Pushes that may wait or be in writing at once: seconds of work for one database, more would only
/// be answered too late.
pub const QUEUE_PUSHES_MAX: usize = 4_096;

/// Their bytes. A push may have 1 MiB; the number alone would allow 4 GiB.
pub const QUEUE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// How long a push waits for its commit. The platform gives up after 3 s; the answer needs the rest
/// of that for its way.
pub const PUSH_BUDGET: Duration = Duration::from_millis(2_500);

/// Writers of one tenant. While one waits for its commit, the rows of the others go in.
const WRITERS_MAX: usize = 4;

/// So many pushes of a tenant wait for each of its writers before there is another one: fewer are better
/// off in the next commit of those.
const ANOTHER_WRITER_AT: usize = 8;

/// Pushes of one commit. More hardly makes a commit cheaper, but everybody in it wait longer.
const BATCH_PUSHES_MAX: usize = 256;

/// Bytes of one commit, so that a few huge bodies do not make a huge statement.
const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Takes pushes in.
pub struct Intake {
    writers: Arc<Writers>,
    tasks: Tasks,
}

impl Intake {
    /// An intake whose writers run on the runtime of whoever brings a push, which has to last until its
    /// pushes are answered; `due` learns of the work that they ask for, `journals` of what is to be filed
    /// before it is work.
    pub fn new(
        store: Arc<dyn StorePushes>,
        due: Arc<DueTenants>,
        journals: Arc<DueTenants>,
        metrics: Arc<dyn Metrics>,
    ) -> Self {
        let writers = Writers {
            queues: Queues::default(),
            store,
            due,
            journals,
            metrics,
            streaks: Streaks::new(),
        };
        Self {
            writers: Arc::new(writers),
            tasks: Tasks::of_callers(),
        }
    }

    /// Refuses further pushes, stores what waits, and ends; what is not stored after `grace` is
    /// answered as not stored.
    pub async fn stop(&self, grace: Duration) -> Stopped {
        self.writers.queues.refuse_more();
        let stopped = self.tasks.stop(grace).await;
        self.writers.queues.abandon();
        stopped
    }
}

#[async_trait]
impl PushIntake for Intake {
    async fn accept(&self, push: ReceivedPush) -> Result<(), IntakeError> {
        let answered = self.writers.queues.offer(push, |tenant| {
            self.tasks.spawn(Arc::clone(&self.writers).write(tenant));
        })?;
        match tokio::time::timeout(PUSH_BUDGET, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(not_stored("the writer was stopped before the commit")),
            // The write goes on: if it succeeds, the marketplace's next try is a duplicate.
            Err(_) => Err(not_stored("storing it took too long")),
        }
    }
}

fn not_stored(reason: &str) -> IntakeError {
    IntakeError::NotStored {
        reason: reason.to_owned(),
    }
}
