//! Exceptions of one cause, as they are told together.
//!
//! Which thread tells of an exception is marked on the exception (`told_in`), in the transaction that
//! counts it: so nothing is counted twice or forgotten, whoever gathers. What stands for a thread is read
//! off the exception itself when it is told, as it stands then.

mod gather;
mod row;

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::alert::{AlertThread, ToldLately, TopicGroup};
use hawker_domain::ids::{AlertThreadId, ProfileId};
use hawker_ports::StoreError;
use hawker_ports::alerts::AlertThreads;
use sqlx::PgConnection;

use self::row::ThreadRow;
use crate::exceptions::known;
use crate::fault::{Fault, read};
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

    async fn find(&mut self, ids: &[AlertThreadId]) -> Result<Vec<AlertThread>, StoreError> {
        let done = find(self.enter()?, ids).await;
        self.leave(THREAD, done)
    }

    async fn keep(
        &mut self,
        threads: &[(AlertThread, Option<Timestamp>)],
    ) -> Result<(), StoreError> {
        let done = keep(self.enter()?, threads).await;
        self.leave(THREAD, done)
    }

    async fn told_after(&mut self, moment: Timestamp) -> Result<Vec<ToldLately>, StoreError> {
        let done = told_after(self.enter()?, moment).await;
        self.leave(THREAD, done)
    }

    async fn forget_recovered(
        &mut self,
        before: Timestamp,
        at_most: u32,
    ) -> Result<u64, StoreError> {
        let done = gather::forget_recovered(self.enter()?, before, at_most).await;
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

async fn find(
    connection: &mut PgConnection,
    ids: &[AlertThreadId],
) -> Result<Vec<AlertThread>, Fault> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
    let rows = sqlx::query_file_as!(
        ThreadRow,
        "src/alert_threads/find.sql",
        &ids,
        &known::connectors(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(AlertThread::try_from).collect()
}

/// What is kept of threads.
#[derive(Default)]
struct Kept {
    id: Vec<String>,
    untold: Vec<i64>,
    told: Vec<i64>,
    told_at: Vec<Option<Timestamp>>,
    recovery_told: Vec<bool>,
    due_at: Vec<Option<Timestamp>>,
}

async fn keep(
    connection: &mut PgConnection,
    threads: &[(AlertThread, Option<Timestamp>)],
) -> Result<(), Fault> {
    let mut kept = Kept::default();
    for (thread, due_at) in threads {
        kept.id.push(thread.id.to_string());
        kept.untold
            .push(i64::try_from(thread.untold).unwrap_or(i64::MAX));
        kept.told.push(i64::from(thread.told));
        kept.told_at.push(thread.told_at);
        kept.recovery_told.push(thread.recovery_told);
        kept.due_at.push(*due_at);
    }
    sqlx::query!(
        "UPDATE connector_alert_thread AS thread
         SET untold = kept.untold, told = kept.told, told_at = kept.told_at,
             recovery_told = kept.recovery_told, due_at = kept.due_at
         FROM UNNEST(
             $1::text[], $2::bigint[], $3::bigint[], $4::timestamptz[], $5::boolean[],
             $6::timestamptz[]
         ) AS kept (id, untold, told, told_at, recovery_told, due_at)
         WHERE thread.id = kept.id",
        &kept.id,
        &kept.untold,
        &kept.told,
        &kept.told_at as &[Option<Timestamp>],
        &kept.recovery_told,
        &kept.due_at as &[Option<Timestamp>],
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// How much was told of a group.
struct GroupRow {
    connector: String,
    environment: String,
    profile_id: Option<String>,
    error_class: String,
    threads: i64,
    last_at: Timestamp,
}

impl TryFrom<GroupRow> for ToldLately {
    type Error = Fault;

    fn try_from(row: GroupRow) -> Result<Self, Fault> {
        let group = TopicGroup {
            connector: read(THREAD, &row.error_class, &row.connector)?,
            environment: read(THREAD, &row.error_class, &row.environment)?,
            profile: row.profile_id.as_deref().and_then(ProfileId::parse),
            class: known::class(&row.error_class),
        };
        Ok(Self {
            group,
            threads: u64::try_from(row.threads).unwrap_or_default(),
            last_at: row.last_at,
        })
    }
}

/// Groups that are one to this version, such as those of classes that it does not know, come each by
/// itself.
async fn told_after(
    connection: &mut PgConnection,
    moment: Timestamp,
) -> Result<Vec<ToldLately>, Fault> {
    let rows = sqlx::query_file_as!(
        GroupRow,
        "src/alert_threads/told_after.sql",
        moment,
        &known::connectors(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(ToldLately::try_from).collect()
}
