//! What an operator decides about exceptions.

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::exception::{ExceptionStatus, Resolution};
use hawker_domain::ids::{ExceptionId, RetryBatchId};

use super::state::{ExceptionRow, State, refused};
use super::unit_of_work::InMemoryUnitOfWork;
use crate::StoreError;
use crate::exception_desk::{
    ExceptionDesk, ExceptionSelector, OperatorNote, QueuedException, Selection,
};

#[async_trait]
impl ExceptionDesk for InMemoryUnitOfWork {
    async fn select(
        &mut self,
        selection: &Selection,
        after: Option<ExceptionId>,
        at_most: u32,
    ) -> Result<Vec<QueuedException>, StoreError> {
        self.write(|state| {
            let is_meant = |row: &&ExceptionRow| {
                after.is_none_or(|after| after < row.id)
                    && match selection {
                        Selection::These(ids) => ids.contains(&row.id),
                        Selection::Matching(selector) => selector.means(row),
                    }
            };
            let mut meant: Vec<_> = state.exceptions.iter().filter(is_meant).collect();
            meant.sort_by_key(|row| row.id);
            meant.truncate(usize::try_from(at_most).unwrap_or(usize::MAX));
            Ok(meant.into_iter().map(|row| queued(state, row)).collect())
        })
        .await
    }

    async fn assign(
        &mut self,
        ids: &[ExceptionId],
        assignee: Option<&str>,
    ) -> Result<(), StoreError> {
        self.write(|state| {
            for row in state.these(ids) {
                row.assignee = assignee.map(str::to_owned);
            }
            Ok(())
        })
        .await
    }

    async fn note(&mut self, notes: &[OperatorNote]) -> Result<(), StoreError> {
        self.write(|state| {
            for note in notes {
                let Some(row) = state.these(&[note.exception]).next() else {
                    return Err(refused("note", "there is no such exception"));
                };
                row.notes.push(note.clone());
            }
            Ok(())
        })
        .await
    }

    async fn snooze(
        &mut self,
        ids: &[ExceptionId],
        until: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.write(|state| {
            let open = |row: &&mut ExceptionRow| row.status == ExceptionStatus::Open;
            for row in state.these(ids).filter(open) {
                row.snoozed_until = until;
                if until.is_some() {
                    row.snoozed_in = row.told_in.take().or(row.snoozed_in);
                }
            }
            Ok(())
        })
        .await
    }

    async fn close(
        &mut self,
        ids: &[ExceptionId],
        status: ExceptionStatus,
        resolution: &Resolution,
    ) -> Result<(), StoreError> {
        self.write(|state| {
            for row in state.these(ids) {
                let may_become = match row.status {
                    ExceptionStatus::Open => status != ExceptionStatus::Open,
                    ExceptionStatus::WontFix => status == ExceptionStatus::Resolved,
                    ExceptionStatus::Resolved => false,
                };
                if may_become {
                    row.status = status;
                    row.resolution = Some(resolution.clone());
                }
            }
            Ok(())
        })
        .await
    }

    async fn note_retry(
        &mut self,
        batch: RetryBatchId,
        ids: &[ExceptionId],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(|state| {
            for row in state.these(ids) {
                // Twice in one batch is once.
                if row.retries.iter().all(|(known, _)| *known != batch) {
                    row.retries.push((batch, now));
                }
            }
            Ok(())
        })
        .await
    }

    async fn forget_retries(&mut self, before: Timestamp, at_most: u32) -> Result<u64, StoreError> {
        self.write(|state| {
            let of_row = |row: &ExceptionRow| {
                let id = row.id;
                let retries = row.retries.clone().into_iter();
                retries.map(move |(batch, at)| (at, batch, id))
            };
            let all = state.exceptions.iter().flat_map(of_row);
            let mut old: Vec<_> = all.filter(|(at, ..)| *at < before).collect();
            old.sort_unstable();
            old.truncate(usize::try_from(at_most).unwrap_or(usize::MAX));
            for row in &mut state.exceptions {
                let id = row.id;
                row.retries
                    .retain(|(batch, at)| !old.contains(&(*at, *batch, id)));
            }
            Ok(old.iter().map(|_| 1).sum())
        })
        .await
    }
}

impl State {
    fn these(&mut self, ids: &[ExceptionId]) -> impl Iterator<Item = &mut ExceptionRow> {
        self.exceptions
            .iter_mut()
            .filter(|row| ids.contains(&row.id))
    }
}

impl ExceptionSelector {
    /// Whether an exception is open and has what is looked for.
    pub(super) fn means(&self, row: &ExceptionRow) -> bool {
        let Self {
            class,
            cause,
            environment,
            profile,
            order_sn,
            assignee,
        } = self;
        let ExceptionRow {
            subject,
            cause: why,
            ..
        } = row;
        row.status == ExceptionStatus::Open
            && class.is_none_or(|class| class == why.class)
            && cause.as_ref().is_none_or(|key| *key == why.key)
            && environment.is_none_or(|environment| environment == subject.environment)
            && (profile.is_none() || *profile == subject.profile)
            && (order_sn.is_none() || *order_sn == subject.order_sn)
            && (assignee.is_none() || *assignee == row.assignee)
    }
}

fn queued(state: &State, row: &ExceptionRow) -> QueuedException {
    let order = row.subject.order_key();
    let known = order.and_then(|order| state.syncs.get(&order));
    let ExceptionRow {
        id, subject, cause, ..
    } = row;
    QueuedException {
        id: *id,
        class: cause.class,
        cause: cause.key.clone(),
        connector: subject.connector,
        environment: subject.environment,
        profile: subject.profile.clone(),
        order_sn: subject.order_sn.clone(),
        order_profile: known.map(|known| known.profile.clone()),
        event: subject.event,
        status: row.status,
        last_seen_at: row.last_seen_at,
    }
}
