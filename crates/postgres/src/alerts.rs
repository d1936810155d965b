//! Alerts that wait for a sink.

mod upkeep;
mod withdrawal;

use std::error::Error as _;

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

/// Alerts to be added.
#[derive(Default)]
struct Alerts {
    id: Vec<String>,
    sink: Vec<String>,
    payload: Vec<serde_json::Value>,
    /// Separated by commas: an array of arrays would have to be rectangular.
    threads: Vec<String>,
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
        let done = claim(self.enter()?, sink, lease, now, lease_until, at_most).await;
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

    async fn give_back(
        &mut self,
        lease: LeaseId,
        begun: Option<AlertId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let done = give_back(self.enter()?, lease, begun, now).await;
        self.leave("alert", done)
    }

    async fn withdraw(
        &mut self,
        keys: &[String],
        sinks: &[String],
    ) -> Result<Vec<Alert>, StoreError> {
        let done = withdrawal::withdraw(self.enter()?, keys, sinks).await;
        self.leave("alert", done)
    }

    async fn adopt(
        &mut self,
        sinks: &[String],
        served: &[String],
        gone_since: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let done = upkeep::adopt(self.enter()?, sinks, served, gone_since, now).await;
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
    for alert in alerts {
        let Alert {
            id,
            sink,
            payload,
            threads,
        } = alert;
        let payload =
            serde_json::to_value(payload).map_err(|error| Fault::corrupt("alert", id, error))?;
        columns.id.push(id.to_string());
        columns.sink.push(stored(sink));
        columns.payload.push(storable_json(payload));
        let threads: Vec<_> = threads.iter().map(ToString::to_string).collect();
        columns.threads.push(threads.join(","));
    }
    sqlx::query!(
        "INSERT INTO connector_alert (id, sink, payload, threads, next_attempt_at, created_at)
         SELECT id, sink, payload, string_to_array(threads, ','), $5, $5
         FROM UNNEST($1::text[], $2::text[], $3::jsonb[], $4::text[])
             AS alert (id, sink, payload, threads)",
        &columns.id,
        &columns.sink,
        &columns.payload,
        &columns.threads,
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
    threads: Vec<String>,
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
                threads: named(&self.threads),
            },
            attempts: u32::try_from(self.attempts).unwrap_or_default(),
        })
    }
}

/// What is no id names nothing.
fn named(threads: &[String]) -> Vec<AlertThreadId> {
    let ids = threads.iter().filter_map(|text| text.parse().ok());
    ids.collect()
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
    let mut rows = sqlx::query_file_as!(
        AlertRow,
        "src/alerts/lease.sql",
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

/// What was begun keeps its claim, which has run out: so it is not withdrawn.
async fn give_back(
    connection: &mut PgConnection,
    lease: LeaseId,
    begun: Option<AlertId>,
    now: Timestamp,
) -> Result<(), Fault> {
    sqlx::query!(
        "UPDATE connector_alert
         SET lease = CASE WHEN id = $2 THEN lease END,
             lease_until = CASE WHEN id = $2 THEN $3::timestamptz END
         WHERE lease = $1 AND delivered_at IS NULL",
        lease.to_string(),
        begun.map(|alert| alert.to_string()),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
