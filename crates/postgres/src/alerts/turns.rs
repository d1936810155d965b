//! What all processes know of a sink: when it may be given something again, and that it is served.

use std::time::Duration;

use chrono::TimeDelta;
use hawker_domain::Timestamp;
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::text::stored;

/// That a sink is served is kept no oftener than this.
const SERVED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// Whether a sink may be given something. Keeps that it is served.
pub(super) async fn is_open(
    connection: &mut PgConnection,
    sink: &str,
    now: Timestamp,
) -> Result<bool, Fault> {
    let known = sqlx::query!(
        r#"SELECT not_before <= $2 AS "is_open!", served_at > $3 AS "is_served!"
           FROM connector_alert_sink WHERE name = $1"#,
        stored(sink),
        now,
        now - SERVED_EVERY,
    )
    .fetch_optional(&mut *connection)
    .await?;
    if !known.as_ref().is_some_and(|known| known.is_served) {
        sqlx::query!(
            "INSERT INTO connector_alert_sink AS known (name, served_at) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET served_at = greatest(known.served_at, excluded.served_at)",
            stored(sink),
            now,
        )
        .execute(connection)
        .await?;
    }
    Ok(known.is_none_or(|known| known.is_open))
}

/// The turn, or when it is worth asking again. Of those who ask at once one changes the row, and the
/// others find it changed.
pub(super) async fn take(
    connection: &mut PgConnection,
    sink: &str,
    pace: Duration,
    now: Timestamp,
) -> Result<Timestamp, Fault> {
    let taken = sqlx::query_scalar!(
        "INSERT INTO connector_alert_sink AS known (name, not_before, served_at) VALUES ($1, $3, $2)
         ON CONFLICT (name) DO UPDATE
         SET not_before = excluded.not_before, served_at = greatest(known.served_at, excluded.served_at)
         WHERE known.not_before <= $2
         RETURNING true",
        stored(sink),
        now,
        now + pace,
    )
    .fetch_optional(&mut *connection)
    .await?;
    if taken.is_some() {
        return Ok(now);
    }
    let not_before = sqlx::query_scalar!(
        "SELECT not_before FROM connector_alert_sink WHERE name = $1",
        stored(sink),
    )
    .fetch_one(connection)
    .await?;
    Ok(not_before)
}

pub(super) async fn rest(
    connection: &mut PgConnection,
    sink: &str,
    until: Timestamp,
) -> Result<(), Fault> {
    sqlx::query!(
        "INSERT INTO connector_alert_sink AS known (name, not_before) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET not_before = greatest(known.not_before, excluded.not_before)",
        stored(sink),
        until,
    )
    .execute(connection)
    .await?;
    Ok(())
}
