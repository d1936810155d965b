//! Alerts that wait for a sink.

mod turns;
mod upkeep;
mod withdrawal;

use std::error::Error as _;
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use hawker_domain::Timestamp;
use hawker_domain::alert::Alert;
use hawker_domain::ids::{AlertId, AlertThreadId, LeaseId};
use hawker_ports::StoreError;
use hawker_ports::alerts::{AlertOutbox, DueAlert};
use sqlx::PgConnection;

use crate::fault::{Fault, read};
use crate::text::{storable_json, stored, truncated};
use crate::unit_of_work::PgUnitOfWork;

/// After which time an alert that this version cannot read is looked at again: by then a newer one
/// may run.
const UNREADABLE_FOR: TimeDelta = TimeDelta::days(1);

/// A sink's answer is kept to be read, not to be archived.
const ERROR_CHARS_MAX: usize = 1000;

const SINK: &str = "alert sink";

/// Alerts to be added.
#[derive(Default)]
struct Alerts {
    id: Vec<String>,
    sink: Vec<String>,
    payload: Vec<serde_json::Value>,
}

#[async_trait]
impl AlertOutbox for PgUnitOfWork {
    async fn enqueue(&mut self, alerts: &[Alert], now: Timestamp) -> Result<(), StoreError> {
        let done = enqueue(self.enter()?, alerts, now).await;
        self.leave("alert", done)
    }

    async fn claim(
        &mut self,
        sink: &str,
        lease: LeaseId,
        now: Timestamp,
        lease_until: Timestamp,
        at_most: u32,
    ) -> Result<Vec<DueAlert>, StoreError> {
        let connection = self.enter()?;
        let done = match turns::is_open(connection, sink, now).await {
            Ok(true) => claim(connection, sink, lease, now, lease_until, at_most).await,
            Ok(false) => Ok(Vec::new()),
            Err(fault) => Err(fault),
        };
        self.leave("alert", done)
    }

    async fn delivered(&mut self, alert: AlertId, now: Timestamp) -> Result<(), StoreError> {
        let done = delivered(self.enter()?, alert, now).await;
        self.leave("alert", done)
    }

    async fn failed(
        &mut self,
        alert: AlertId,
        error: &str,
        again_at: Timestamp,
    ) -> Result<(), StoreError> {
        let done = failed(self.enter()?, alert, error, again_at).await;
        self.leave("alert", done)
    }

    async fn give_back(&mut self, lease: LeaseId) -> Result<(), StoreError> {
        let done = give_back(self.enter()?, lease).await;
        self.leave("alert", done)
    }

    async fn take_turn(
        &mut self,
        sink: &str,
        pace: Duration,
        now: Timestamp,
    ) -> Result<Timestamp, StoreError> {
        let done = turns::take(self.enter()?, sink, pace, now).await;
        self.leave(SINK, done)
    }

    async fn rest(&mut self, sink: &str, until: Timestamp) -> Result<(), StoreError> {
        let done = turns::rest(self.enter()?, sink, until).await;
        self.leave(SINK, done)
    }

    async fn withdraw(&mut self, threads: &[AlertThreadId]) -> Result<Vec<Alert>, StoreError> {
        let done = withdrawal::withdraw(self.enter()?, threads).await;
        self.leave("alert", done)
    }

    async fn adopt(
        &mut self,
        sinks: &[String],
        gone_since: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let done = upkeep::adopt(self.enter()?, sinks, gone_since, now).await;
        self.leave("alert", done)
    }

    async fn forget_delivered(
        &mut self,
        before: Timestamp,
        at_most: u32,
    ) -> Result<u64, StoreError> {
        let done = upkeep::forget_delivered(self.enter()?, before, at_most).await;
        self.leave("alert", done)
    }
}

async fn enqueue(
    connection: &mut PgConnection,
    alerts: &[Alert],
    now: Timestamp,
) -> Result<(), Fault> {
    if alerts.is_empty() {
        return Ok(());
    }
    let mut columns = Alerts::default();
    for Alert { id, sink, payload } in alerts {
        let payload =
            serde_json::to_value(payload).map_err(|error| Fault::corrupt("alert", id, error))?;
        columns.id.push(id.to_string());
        columns.sink.push(stored(sink));
        columns.payload.push(storable_json(payload));
    }
    sqlx::query!(
        "INSERT INTO connector_alert (id, sink, payload, next_attempt_at, created_at)
         SELECT id, sink, payload, $4, $4
         FROM UNNEST($1::text[], $2::text[], $3::jsonb[]) AS alert (id, sink, payload)",
        &columns.id,
        &columns.sink,
        &columns.payload,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// An alert as it is stored.
struct AlertRow {
    id: String,
    payload: String,
    attempts: i32,
    next_attempt_at: Timestamp,
}

impl AlertRow {
    fn read(&self, sink: &str) -> Result<DueAlert, Fault> {
        let payload = serde_json::from_str(&self.payload)
            .map_err(|error| Fault::corrupt("alert", &self.id, error))?;
        Ok(DueAlert {
            alert: Alert {
                id: read("alert", &self.id, &self.id)?,
                sink: sink.to_owned(),
                payload,
            },
            attempts: u32::try_from(self.attempts).unwrap_or_default(),
        })
    }
}

/// One alert that cannot be read does not keep the others from being told: it is set aside.
async fn claim(
    connection: &mut PgConnection,
    sink: &str,
    lease: LeaseId,
    now: Timestamp,
    lease_until: Timestamp,
    at_most: u32,
) -> Result<Vec<DueAlert>, Fault> {
    // Ends: every turn either answers or sets something aside.
    loop {
        let mut due = Vec::new();
        let mut unreadable = Unreadable::default();
        let rows = lease_alerts(connection, sink, lease, now, lease_until, at_most).await?;
        for row in &rows {
            match row.read(sink) {
                Ok(alert) => due.push(alert),
                Err(fault) => unreadable.push(row, fault),
            }
        }
        if unreadable.id.is_empty() {
            return Ok(due);
        }
        set_aside(connection, &unreadable, now).await?;
        if !due.is_empty() {
            return Ok(due);
        }
    }
}

async fn lease_alerts(
    connection: &mut PgConnection,
    sink: &str,
    lease: LeaseId,
    now: Timestamp,
    lease_until: Timestamp,
    at_most: u32,
) -> Result<Vec<AlertRow>, Fault> {
    // A row that names no sink is from before there were several: whichever comes first takes it. The
    // payload as text: a row is to be told apart from the others before it is understood.
    let mut rows = sqlx::query_as!(
        AlertRow,
        r#"
        UPDATE connector_alert AS alert
        SET lease = $1, lease_until = $3
        FROM (
            SELECT id FROM connector_alert AS waiting
            WHERE delivered_at IS NULL
              AND (sink = $5 OR sink IS NULL)
              AND next_attempt_at <= $2
              AND (lease_until IS NULL OR lease_until <= $2)
              -- The earlier ones of its thread come first, whoever has them.
              AND NOT EXISTS (
                  SELECT 1
                  FROM connector_alert AS earlier
                  WHERE earlier.delivered_at IS NULL
                    AND earlier.payload #>> '{details,thread_id}' = waiting.payload #>> '{details,thread_id}'
                    AND earlier.sink = waiting.sink
                    AND (earlier.created_at, earlier.id) < (waiting.created_at, waiting.id)
              )
            ORDER BY next_attempt_at, id
            LIMIT $4
            FOR UPDATE SKIP LOCKED
        ) AS due
        WHERE alert.id = due.id
        RETURNING alert.id, alert.payload::text AS "payload!", alert.attempts,
                  alert.next_attempt_at
        "#,
        lease.to_string(),
        now,
        lease_until,
        i64::from(at_most),
        sink,
    )
    .fetch_all(connection)
    .await?;
    rows.sort_by(|a, b| (a.next_attempt_at, &a.id).cmp(&(b.next_attempt_at, &b.id)));
    Ok(rows)
}

/// Alerts that this version cannot read, and why.
#[derive(Default)]
struct Unreadable {
    id: Vec<String>,
    error: Vec<String>,
}

impl Unreadable {
    fn push(&mut self, row: &AlertRow, fault: Fault) {
        let error = fault.into_store_error("alert");
        let cause = error.source().map(ToString::to_string);
        let cause = cause.unwrap_or_default();
        tracing::error!(alert = %row.id, %error, cause, "an alert is set aside");
        self.id.push(row.id.clone());
        let text = format!("cannot be read: {cause}");
        self.error.push(stored(truncated(&text, ERROR_CHARS_MAX)));
    }
}

async fn set_aside(
    connection: &mut PgConnection,
    unreadable: &Unreadable,
    now: Timestamp,
) -> Result<(), Fault> {
    sqlx::query!(
        "UPDATE connector_alert AS alert
         SET attempts = alert.attempts + 1, next_attempt_at = $3, last_error = told.error,
             lease = NULL, lease_until = NULL
         FROM UNNEST($1::text[], $2::text[]) AS told (id, error)
         WHERE alert.id = told.id",
        &unreadable.id,
        &unreadable.error,
        now + UNREADABLE_FOR,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn delivered(
    connection: &mut PgConnection,
    alert: AlertId,
    now: Timestamp,
) -> Result<(), Fault> {
    sqlx::query!(
        "UPDATE connector_alert
         SET delivered_at = $2, lease = NULL, lease_until = NULL, last_error = NULL
         WHERE id = $1 AND delivered_at IS NULL",
        alert.to_string(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn failed(
    connection: &mut PgConnection,
    alert: AlertId,
    error: &str,
    again_at: Timestamp,
) -> Result<(), Fault> {
    sqlx::query!(
        "UPDATE connector_alert
         SET attempts = attempts + 1, next_attempt_at = $2, last_error = $3,
             lease = NULL, lease_until = NULL
         WHERE id = $1 AND delivered_at IS NULL",
        alert.to_string(),
        again_at,
        stored(truncated(error, ERROR_CHARS_MAX)),
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn give_back(connection: &mut PgConnection, lease: LeaseId) -> Result<(), Fault> {
    sqlx::query!(
        "UPDATE connector_alert SET lease = NULL, lease_until = NULL
         WHERE lease = $1 AND delivered_at IS NULL",
        lease.to_string(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
