//! What all processes know of a sink of alerts, in the control plane: when it may be given something
//! again, and that it is served. Read and written as the owner of the database, because a sink is one for
//! every tenant. Every call is one statement, or one that tells why the first changed nothing.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta};
use hawker_domain::Timestamp;
use hawker_ports::StoreError;
use hawker_ports::alerts::SinkTurns;
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::store::PgStore;
use crate::text::stored;

/// That a sink is served is kept no oftener than this.
const SERVED_EVERY: TimeDelta = TimeDelta::minutes(1);

#[async_trait]
impl SinkTurns for PgStore {
    async fn look(&self, sink: &str, now: Timestamp) -> Result<Timestamp, StoreError> {
        let mut held = self.control().await.map_err(Fault::from).map_err(told)?;
        look(&mut held, sink, now).await.map_err(told)
    }

    async fn take(
        &self,
        sink: &str,
        pace: Duration,
        now: Timestamp,
    ) -> Result<Timestamp, StoreError> {
        let mut held = self.control().await.map_err(Fault::from).map_err(told)?;
        take(&mut held, sink, pace, now).await.map_err(told)
    }

    async fn rest(&self, sink: &str, until: Timestamp) -> Result<(), StoreError> {
        let mut held = self.control().await.map_err(Fault::from).map_err(told)?;
        rest(&mut held, sink, until).await.map_err(told)
    }

    async fn served_since(&self, moment: Timestamp) -> Result<Vec<String>, StoreError> {
        let mut held = self.control().await.map_err(Fault::from).map_err(told)?;
        served_since(&mut held, moment).await.map_err(told)
    }
}

fn told(fault: Fault) -> StoreError {
    fault.into_store_error("alert sink")
}

async fn look(
    connection: &mut PgConnection,
    sink: &str,
    now: Timestamp,
) -> Result<Timestamp, Fault> {
    let known = sqlx::query!(
        r#"SELECT nullif(not_before, '-infinity') AS not_before, served_at > $2 AS "is_served!"
           FROM public.alert_sink WHERE name = $1"#,
        stored(sink),
        now - SERVED_EVERY,
    )
    .fetch_optional(&mut *connection)
    .await?;
    if !known.as_ref().is_some_and(|known| known.is_served) {
        sqlx::query!(
            "INSERT INTO public.alert_sink AS known (name, served_at) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET served_at = greatest(known.served_at, excluded.served_at)",
            stored(sink),
            now,
        )
        .execute(connection)
        .await?;
    }
    let not_before = known.and_then(|known| known.not_before);
    Ok(not_before.unwrap_or(DateTime::UNIX_EPOCH))
}

/// The turn, or when it is worth asking again. Of those who ask at once one changes the row, and the
/// others find it changed.
async fn take(
    connection: &mut PgConnection,
    sink: &str,
    pace: Duration,
    now: Timestamp,
) -> Result<Timestamp, Fault> {
    let taken = sqlx::query_scalar!(
        "INSERT INTO public.alert_sink AS known (name, not_before, served_at) VALUES ($1, $3, $2)
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
        "SELECT not_before FROM public.alert_sink WHERE name = $1",
        stored(sink),
    )
    .fetch_one(connection)
    .await?;
    Ok(not_before)
}

async fn rest(connection: &mut PgConnection, sink: &str, until: Timestamp) -> Result<(), Fault> {
    sqlx::query!(
        "INSERT INTO public.alert_sink AS known (name, not_before) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET not_before = greatest(known.not_before, excluded.not_before)",
        stored(sink),
        until,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn served_since(
    connection: &mut PgConnection,
    moment: Timestamp,
) -> Result<Vec<String>, Fault> {
    let names = sqlx::query_scalar!(
        "SELECT name FROM public.alert_sink WHERE served_at >= $1 ORDER BY name",
        moment,
    )
    .fetch_all(connection)
    .await?;
    Ok(names)
}
