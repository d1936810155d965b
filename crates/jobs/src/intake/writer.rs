//! A writer of one tenant: takes whatever is queued, stores it in one commit, answers everybody,
//! and ends when nothing is queued. It never waits for more: the commit in flight is what lets the
//! next batch gather.

use std::iter;
use std::ops::Range;
use std::sync::Arc;

use hawker_domain::TenantSlug;
use hawker_ports::pushes::{IntakeError, ReceivedPush};
use hawker_ports::{Metrics, StoreError};
use hawker_usecases::receive_pushes::Received;
use tokio::task::yield_now;

use super::queues::{Answer, Batch, Queues};
use crate::boundary::StorePushes;
use crate::due_tenants::DueTenants;
use crate::failure::{Failure, caught};
use crate::streaks::{Ended, Streaks};

/// How often a batch is tried when somebody else changed the same rows at the same time. What was
/// contended is committed by then, so the next try finds it.
const CONFLICT_TRIES: u32 = 3;

/// What all writers of a process share.
pub(super) struct Writers {
    pub(super) queues: Queues,
    pub(super) store: Arc<dyn StorePushes>,
    pub(super) due: Arc<DueTenants>,
    pub(super) journals: Arc<DueTenants>,
    pub(super) metrics: Arc<dyn Metrics>,
    pub(super) streaks: Streaks<TenantSlug>,
}

impl Writers {
    /// Writes until nothing of `tenant` is queued.
    pub(super) async fn write(self: Arc<Self>, tenant: TenantSlug) {
        while let Some(mut batch) = self.queues.next_batch(&tenant) {
            self.store(&tenant, &mut batch).await;
            self.queues.release(&batch);
            // First whoever was answered goes on, and what has come meanwhile is read: the answers are on their way
            // sooner, and the next commit is for more.
            yield_now().await;
        }
    }

    /// Stores a batch in one commit. Where one member may be to blame for a failure, the batch is
    /// halved until that member is alone: it fails, and all others are stored.
    async fn store(&self, tenant: &TenantSlug, batch: &mut Batch) {
        let Batch {
            pushes, answers, ..
        } = batch;
        let mut open: Vec<_> = iter::once(0..pushes.len()).collect();
        while let Some(part) = open.pop() {
            match self.attempt(tenant, &pushes[part.clone()]).await {
                Ok(received) => {
                    self.account(tenant, received);
                    for answer in answers[part].iter_mut().filter_map(Option::take) {
                        // Whoever asked may have given up waiting; the push is stored all the same.
                        let _ = answer.send(Ok(()));
                    }
                }
                Err(failure) if part.len() > 1 && failure.may_lie_in_one_member() => {
                    let (first, second) = halves(part);
                    open.push(second);
                    open.push(first);
                }
                Err(failure) => {
                    self.log(tenant, part.len(), &failure);
                    for answer in answers[part].iter_mut().filter_map(Option::take) {
                        let _ = answer.send(not_stored(&failure));
                    }
                }
            }
        }
    }

    async fn attempt(
        &self,
        tenant: &TenantSlug,
        pushes: &[ReceivedPush],
    ) -> Result<Received, Failure> {
        let mut tried = 1;
        loop {
            let result = caught(self.store.store(tenant, pushes)).await;
            let is_contended = matches!(result, Err(Failure::Store(StoreError::Conflict { .. })));
            if !is_contended || tried == CONFLICT_TRIES {
                return result;
            }
            tried += 1;
        }
    }

    fn account(&self, tenant: &TenantSlug, received: Received) {
        let Received {
            counts,
            is_work_due,
            is_journalled,
        } = received;
        if is_journalled {
            self.journals.add(tenant);
        } else {
            self.metrics.pushes_stored(counts);
            tracing::debug!(
                event = "push.batch_stored",
                %tenant,
                stored = counts.stored,
                duplicates = counts.duplicates,
                skipped = counts.skipped,
                unverified = counts.unverified,
                counted_only = counts.counted_only,
                pings = counts.pings,
            );
        }
        if is_work_due {
            self.due.add(tenant);
        }
        if let Some(Ended { failures, lasted }) = self.streaks.succeeded(tenant) {
            tracing::info!(
                event = "intake.recovered",
                %tenant,
                failures,
                lasted_ms = lasted.as_millis(),
                "pushes are stored again"
            );
        }
    }

    fn log(&self, tenant: &TenantSlug, pushes: usize, failure: &Failure) {
        if self.streaks.failed(tenant) == 1 {
            tracing::error!(
                event = "intake.failed",
                %tenant,
                pushes,
                error = failure.with_causes(),
                "pushes cannot be stored; the marketplace is told to come again"
            );
        }
    }
}

fn halves(part: Range<usize>) -> (Range<usize>, Range<usize>) {
    let middle = part.start + part.len() / 2;
    (part.start..middle, middle..part.end)
}

fn not_stored(failure: &Failure) -> Answer {
    Err(IntakeError::NotStored {
        reason: failure.to_string(),
    })
}
