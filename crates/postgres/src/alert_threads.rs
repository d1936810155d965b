//! Exceptions of one cause, as they are told together.
//!
//! Which thread tells of an exception is marked on the exception (`told_in`), in the transaction that
//! counts it: so nothing is counted twice or forgotten, whoever gathers. What stands for a thread is read
//! off the exception itself when it is told, as it stands then.

mod gather;
mod row;

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::alert::AlertThread;
use hawker_ports::StoreError;
use hawker_ports::alerts::AlertThreads;
use sqlx::PgConnection;

use self::row::ThreadRow;
use crate::exceptions::known;
use crate::fault::Fault;
use crate::unit_of_work::PgUnitOfWork;

const THREAD: &str = "alert thread";

#[async_trait]
impl AlertThreads for PgUnitOfWork {
    async fn gather(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let done = gather::gather(self.enter()?, now).await;
        self.leave(THREAD, done)
    }

    async fn due(&mut self, now: Timestamp, at_most: u32) -> Result<Vec<AlertThread>, StoreError> {
        let done = due(self.enter()?, now, at_most).await;
        self.leave(THREAD, done)
    }

    async fn keep(
        &mut self,
        thread: &AlertThread,
        due_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let done = keep(self.enter()?, thread, due_at).await;
        self.leave(THREAD, done)
    }
}

async fn due(
    connection: &mut PgConnection,
    now: Timestamp,
    at_most: u32,
) -> Result<Vec<AlertThread>, Fault> {
    let rows = sqlx::query_file_as!(
        ThreadRow,
        "src/alert_threads/due.sql",
        now,
        &known::connectors(),
        i64::from(at_most),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(AlertThread::try_from).collect()
}

async fn keep(
    connection: &mut PgConnection,
    thread: &AlertThread,
    due_at: Option<Timestamp>,
) -> Result<(), Fault> {
    sqlx::query!(
        "UPDATE connector_alert_thread
         SET untold = $2, told = $3, told_at = $4, recovery_told = $5, due_at = $6
         WHERE id = $1",
        thread.id.to_string(),
        i64::try_from(thread.untold).unwrap_or(i64::MAX),
        i64::from(thread.told),
        thread.told_at,
        thread.recovery_told,
        due_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}
