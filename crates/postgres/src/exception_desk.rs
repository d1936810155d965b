//! The exceptions as a queue of work: what operators decide about them.
//!
//! Rows are locked in the order of their ids, so that two who decide about the same wait for each other.
//! Whether a decision applies to a row is said with the statement that makes it.

mod select;

pub(crate) use select::narrow;

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::exception::{ExceptionStatus, Resolution};
use hawker_domain::ids::{ExceptionId, RetryBatchId};
use hawker_ports::StoreError;
use hawker_ports::exception_desk::{ExceptionDesk, OperatorNote, QueuedException, Selection};
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::text::{stored, stored_opt};
use crate::unit_of_work::PgUnitOfWork;

const EXCEPTIONS: &str = "exceptions";

#[async_trait]
impl ExceptionDesk for PgUnitOfWork {
    async fn select(
        &mut self,
        selection: &Selection,
        after: Option<ExceptionId>,
        at_most: u32,
    ) -> Result<Vec<QueuedException>, StoreError> {
        let done = select::select(self.enter()?, selection, after, at_most).await;
        self.leave(EXCEPTIONS, done)
    }

    async fn assign(
        &mut self,
        ids: &[ExceptionId],
        assignee: Option<&str>,
    ) -> Result<(), StoreError> {
        let done = assign(self.enter()?, ids, assignee).await;
        self.leave(EXCEPTIONS, done)
    }

    async fn note(&mut self, notes: &[OperatorNote]) -> Result<(), StoreError> {
        let done = note(self.enter()?, notes).await;
        self.leave("note", done)
    }

    async fn snooze(
        &mut self,
        ids: &[ExceptionId],
        until: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let done = snooze(self.enter()?, ids, until).await;
        self.leave(EXCEPTIONS, done)
    }

    async fn close(
        &mut self,
        ids: &[ExceptionId],
        status: ExceptionStatus,
        resolution: &Resolution,
    ) -> Result<(), StoreError> {
        let done = close(self.enter()?, ids, status, resolution).await;
        self.leave(EXCEPTIONS, done)
    }

    async fn note_retry(
        &mut self,
        batch: RetryBatchId,
        ids: &[ExceptionId],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let done = note_retry(self.enter()?, batch, ids, now).await;
        self.leave("retry", done)
    }

    async fn forget_retries(&mut self, before: Timestamp, at_most: u32) -> Result<u64, StoreError> {
        let done = forget_retries(self.enter()?, before, at_most).await;
        self.leave("retry", done)
    }
}

fn texts(ids: &[ExceptionId]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

async fn assign(
    connection: &mut PgConnection,
    ids: &[ExceptionId],
    assignee: Option<&str>,
) -> Result<(), Fault> {
    sqlx::query!(
        "UPDATE connector_exception SET assignee = $2 WHERE id = ANY ($1)",
        &texts(ids),
        stored_opt(assignee),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes to be added.
#[derive(Default)]
struct Notes {
    id: Vec<String>,
    exception_id: Vec<String>,
    written_at: Vec<Timestamp>,
    written_by: Vec<String>,
    note: Vec<String>,
}

/// The newest note of an exception is also where runbooks look for it.
async fn note(connection: &mut PgConnection, notes: &[OperatorNote]) -> Result<(), Fault> {
    if notes.is_empty() {
        return Ok(());
    }
    let mut columns = Notes::default();
    for note in notes {
        let OperatorNote {
            id,
            exception,
            at,
            by,
            text,
        } = note;
        columns.id.push(id.to_string());
        columns.exception_id.push(exception.to_string());
        columns.written_at.push(*at);
        columns.written_by.push(stored(by));
        columns.note.push(stored(text));
    }
    sqlx::query!(
        "
        WITH added AS (
            INSERT INTO connector_exception_note (id, exception_id, written_at, written_by, note)
            SELECT * FROM UNNEST($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[])
            RETURNING id, exception_id, written_at, note
        )
        UPDATE connector_exception AS noted
        SET operator_note = newest.note
        FROM (
            SELECT DISTINCT ON (exception_id) exception_id, note
            FROM added ORDER BY exception_id, written_at DESC, id DESC
        ) AS newest
        WHERE noted.id = newest.exception_id
        ",
        &columns.id,
        &columns.exception_id,
        &columns.written_at,
        &columns.written_by,
        &columns.note,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What is in sight again is told anew: no thread has told of it then.
async fn snooze(
    connection: &mut PgConnection,
    ids: &[ExceptionId],
    until: Option<Timestamp>,
) -> Result<(), Fault> {
    sqlx::query!(
        "UPDATE connector_exception
         SET snoozed_until = $2,
             snoozed_in = CASE
                 WHEN $2::timestamptz IS NULL THEN snoozed_in ELSE coalesce(told_in, snoozed_in)
             END,
             told_in = CASE WHEN $2::timestamptz IS NULL THEN told_in END
         WHERE id = ANY ($1) AND status = 'open'",
        &texts(ids),
        until,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn close(
    connection: &mut PgConnection,
    ids: &[ExceptionId],
    status: ExceptionStatus,
    resolution: &Resolution,
) -> Result<(), Fault> {
    let closes: &[&str] = match status {
        ExceptionStatus::Open => &[],
        ExceptionStatus::WontFix => &[ExceptionStatus::Open.as_str()],
        ExceptionStatus::Resolved => &[
            ExceptionStatus::Open.as_str(),
            ExceptionStatus::WontFix.as_str(),
        ],
    };
    sqlx::query!(
        "UPDATE connector_exception
         SET status = $3, resolved_at = $4, resolved_by = $5
         WHERE id = ANY ($1) AND status = ANY ($2)",
        &texts(ids),
        closes as _,
        status.as_str(),
        resolution.at,
        stored(&resolution.by),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Twice in one batch is once.
async fn note_retry(
    connection: &mut PgConnection,
    batch: RetryBatchId,
    ids: &[ExceptionId],
    now: Timestamp,
) -> Result<(), Fault> {
    sqlx::query!(
        "INSERT INTO connector_exception_retry (batch, exception_id, at)
         SELECT $1, id, $3 FROM connector_exception WHERE id = ANY ($2)
         ON CONFLICT DO NOTHING",
        batch.to_string(),
        &texts(ids),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn forget_retries(
    connection: &mut PgConnection,
    before: Timestamp,
    at_most: u32,
) -> Result<u64, Fault> {
    let done = sqlx::query!(
        "DELETE FROM connector_exception_retry
         WHERE (batch, exception_id) IN (
             SELECT batch, exception_id FROM connector_exception_retry
             WHERE at < $1
             ORDER BY at, batch, exception_id
             LIMIT $2
             FOR UPDATE SKIP LOCKED
         )",
        before,
        i64::from(at_most),
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
