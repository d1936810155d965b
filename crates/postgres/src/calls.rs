//! The last calls of each profile: one statement adds, one drops what is too old.

use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::ids::ProfileId;
use hawker_ports::StoreError;
use hawker_ports::calls::{CALLS_KEPT, CallLog, RecordedCall};
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::profiles::profile_id;
use crate::text::{stored, stored_opt};
use crate::unit_of_work::PgUnitOfWork;

const CALLS: &str = "calls";

#[async_trait]
impl CallLog for PgUnitOfWork {
    async fn record(&mut self, calls: &[RecordedCall]) -> Result<(), StoreError> {
        let done = record(self.enter()?, calls).await;
        self.leave(CALLS, done)
    }

    async fn of_profile(
        &mut self,
        profile: &ProfileId,
        limit: u32,
    ) -> Result<Vec<RecordedCall>, StoreError> {
        let done = of_profile(self.enter()?, profile, limit).await;
        self.leave(CALLS, done)
    }
}

/// Calls to be added.
#[derive(Default)]
struct Columns {
    profile_id: Vec<String>,
    at: Vec<Timestamp>,
    endpoint: Vec<String>,
    result: Vec<String>,
    code: Vec<Option<String>>,
    request_id: Vec<Option<String>>,
    took_us: Vec<i64>,
    clock_skew_s: Vec<Option<i64>>,
}

impl Columns {
    fn of(calls: &[RecordedCall]) -> Self {
        let mut columns = Self::default();
        for call in calls {
            let RecordedCall {
                profile,
                at,
                endpoint,
                result,
                code,
                request_id,
                took,
                clock_skew_s,
            } = call;
            columns.profile_id.push(profile.to_string());
            columns.at.push(*at);
            columns.endpoint.push(stored(endpoint));
            columns.result.push(stored(result));
            columns.code.push(stored_opt(code.as_ref()));
            columns.request_id.push(stored_opt(request_id.as_ref()));
            columns
                .took_us
                .push(i64::try_from(took.as_micros()).unwrap_or(i64::MAX));
            columns.clock_skew_s.push(*clock_skew_s);
        }
        columns
    }
}

async fn record(connection: &mut PgConnection, calls: &[RecordedCall]) -> Result<(), Fault> {
    if calls.is_empty() {
        return Ok(());
    }
    let columns = Columns::of(calls);
    sqlx::query!(
        r#"
        INSERT INTO connector_call (
            profile_id, at, endpoint, result, code, request_id, took_us, clock_skew_s
        )
        SELECT
            made.profile_id, made.at, made.endpoint, made.result, made.code, made.request_id,
            made.took_us, made.clock_skew_s
        FROM UNNEST(
            $1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[],
            $7::bigint[], $8::bigint[]
        ) WITH ORDINALITY AS made (
            profile_id, at, endpoint, result, code, request_id, took_us, clock_skew_s, number
        )
        JOIN connector_profile AS profile ON profile.id = made.profile_id
        ORDER BY made.number
        "#,
        &columns.profile_id,
        &columns.at,
        &columns.endpoint,
        &columns.result,
        &columns.code as _,
        &columns.request_id as _,
        &columns.took_us,
        &columns.clock_skew_s as _,
    )
    .execute(&mut *connection)
    .await?;
    // What somebody else drops at this moment is dropped.
    sqlx::query!(
        r#"
        DELETE FROM connector_call
        WHERE id IN (
            SELECT call.id
            FROM (
                SELECT id, row_number() OVER (
                    PARTITION BY profile_id ORDER BY at DESC, id DESC
                ) AS place
                FROM connector_call
                WHERE profile_id = ANY ($1)
            ) AS ranked
            JOIN connector_call AS call USING (id)
            WHERE ranked.place > $2
            FOR UPDATE OF call SKIP LOCKED
        )
        "#,
        &columns.profile_id,
        i64::from(CALLS_KEPT),
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn of_profile(
    connection: &mut PgConnection,
    profile: &ProfileId,
    limit: u32,
) -> Result<Vec<RecordedCall>, Fault> {
    sqlx::query_file!(
        "src/calls/of_profile.sql",
        profile.as_str(),
        i64::from(limit),
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(|row| {
        Ok(RecordedCall {
            profile: profile_id(&row.profile_id)?,
            at: row.at,
            endpoint: row.endpoint,
            result: row.result,
            code: row.code,
            request_id: row.request_id,
            took: Duration::from_micros(u64::try_from(row.took_us).unwrap_or_default()),
            clock_skew_s: row.clock_skew_s,
        })
    })
    .collect()
}
