//! Requests of the API with keys. The primary key decides which of two equal ones was first.

use async_trait::async_trait;
use chrono::TimeDelta;
use hawker_domain::Timestamp;
use hawker_ports::StoreError;
use hawker_ports::idempotency::{Begun, KeptAnswer, KeyedRequest, RequestLedger};
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::text::{stored, stored_opt};
use crate::unit_of_work::PgUnitOfWork;

const REQUEST: &str = "request";

/// How long an answer is given again.
const KEPT_FOR: TimeDelta = TimeDelta::days(1);

#[async_trait]
impl RequestLedger for PgUnitOfWork {
    async fn begin(
        &mut self,
        request: &KeyedRequest,
        now: Timestamp,
        abandoned_before: Timestamp,
    ) -> Result<Begun, StoreError> {
        let done = begin(self.enter()?, request, now, abandoned_before).await;
        self.leave(REQUEST, done)
    }

    async fn answer(
        &mut self,
        request: &KeyedRequest,
        answer: &KeptAnswer,
    ) -> Result<(), StoreError> {
        let done = keep_answer(self.enter()?, request, answer).await;
        self.leave(REQUEST, done)
    }

    async fn forget(&mut self, request: &KeyedRequest) -> Result<(), StoreError> {
        let done = forget(self.enter()?, request).await;
        self.leave(REQUEST, done)
    }
}

/// An equal request that is begun at the same time waits here until the other one's beginning is
/// committed, and finds it.
async fn begin(
    connection: &mut PgConnection,
    request: &KeyedRequest,
    now: Timestamp,
    abandoned_before: Timestamp,
) -> Result<Begun, Fault> {
    let KeyedRequest {
        bearer,
        key,
        request: digest,
    } = request;
    drop_old(connection, now).await?;
    let begun = sqlx::query!(
        r#"
        INSERT INTO api_request AS known (bearer, key, request, begun_at)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (bearer, key) DO UPDATE
        SET begun_at = excluded.begun_at
        WHERE known.status IS NULL
          AND known.begun_at < $5
          AND known.request = excluded.request
        "#,
        bearer.to_string(),
        stored(key),
        &digest.0,
        now,
        abandoned_before,
    )
    .execute(&mut *connection)
    .await?;
    if begun.rows_affected() > 0 {
        return Ok(Begun::New);
    }
    find(connection, request).await
}

/// Whoever does the same at the same time takes care of the rest.
async fn drop_old(connection: &mut PgConnection, now: Timestamp) -> Result<(), Fault> {
    sqlx::query!(
        "DELETE FROM api_request
         WHERE (bearer, key) IN (
             SELECT bearer, key FROM api_request WHERE begun_at < $1 FOR UPDATE SKIP LOCKED
         )",
        now - KEPT_FOR,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn find(connection: &mut PgConnection, request: &KeyedRequest) -> Result<Begun, Fault> {
    let KeyedRequest {
        bearer,
        key,
        request: digest,
    } = request;
    let row = sqlx::query_file!("src/requests/find.sql", bearer.to_string(), stored(key),)
        .fetch_optional(connection)
        .await?;
    // One that was forgotten just now was under way when this one came.
    let Some(row) = row else {
        return Ok(Begun::UnderWay);
    };
    if row.request != digest.0 {
        return Ok(Begun::OtherRequest);
    }
    let (Some(status), Some(content_type), Some(body)) = (row.status, row.content_type, row.body)
    else {
        return Ok(Begun::UnderWay);
    };
    Ok(Begun::Answered(KeptAnswer {
        status: u16::try_from(status).map_err(|error| Fault::corrupt(REQUEST, key, error))?,
        content_type,
        etag: row.etag,
        body,
    }))
}

async fn keep_answer(
    connection: &mut PgConnection,
    request: &KeyedRequest,
    answer: &KeptAnswer,
) -> Result<(), Fault> {
    let KeyedRequest {
        bearer,
        key,
        request: digest,
    } = request;
    let KeptAnswer {
        status,
        content_type,
        etag,
        body,
    } = answer;
    sqlx::query!(
        "UPDATE api_request
         SET status = $4, content_type = $5, etag = $6, body = $7
         WHERE bearer = $1 AND key = $2 AND request = $3",
        bearer.to_string(),
        stored(key),
        &digest.0,
        i32::from(*status),
        stored(content_type),
        stored_opt(etag.as_ref()),
        body,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn forget(connection: &mut PgConnection, request: &KeyedRequest) -> Result<(), Fault> {
    let KeyedRequest {
        bearer,
        key,
        request: digest,
    } = request;
    sqlx::query!(
        "DELETE FROM api_request
         WHERE bearer = $1 AND key = $2 AND request = $3 AND status IS NULL",
        bearer.to_string(),
        stored(key),
        &digest.0,
    )
    .execute(connection)
    .await?;
    Ok(())
}
