//! An operator's retry (the same statement that the runbook gives for `psql`), and waking what rests.

use std::collections::HashSet;

use hawker_domain::Timestamp;
use hawker_domain::channel::OrderKey;
use hawker_domain::ids::{EventId, ProfileId};
use hawker_ports::inbox::RetryOutcome;
use sqlx::PgConnection;

use crate::fault::Fault;

pub(super) async fn retry(
    connection: &mut PgConnection,
    event: EventId,
    now: Timestamp,
) -> Result<RetryOutcome, Fault> {
    let id = event.to_string();
    let made_due = sqlx::query!(
        "UPDATE connector_event SET processed = false
         WHERE id = $1 AND trusted AND order_sn IS NOT NULL AND profile_id IS NOT NULL",
        id,
    )
    .execute(&mut *connection)
    .await?
    .rows_affected();
    if made_due > 0 {
        // The trigger makes it due since it was received. Asked for just now, it takes its turn.
        sqlx::query!(
            "UPDATE connector_event SET next_attempt_at = $2 WHERE id = $1",
            id,
            now
        )
        .execute(connection)
        .await?;
        return Ok(RetryOutcome::Due);
    }
    let exists = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM connector_event WHERE id = $1) AS "exists!""#,
        id,
    )
    .fetch_one(connection)
    .await?;
    Ok(if exists {
        RetryOutcome::NothingToDo
    } else {
        RetryOutcome::NotFound
    })
}

/// The same for all pending events of some orders.
pub(super) async fn retry_orders(
    connection: &mut PgConnection,
    orders: &[OrderKey],
    now: Timestamp,
) -> Result<Vec<bool>, Fault> {
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    let connectors: Vec<&str> = orders.iter().map(|key| key.connector.as_str()).collect();
    let environments: Vec<&str> = orders.iter().map(|key| key.environment.as_str()).collect();
    let numbers: Vec<&str> = orders.iter().map(|key| key.order_sn.as_str()).collect();
    let made_due = sqlx::query!(
        r#"
        UPDATE connector_event AS event
        SET processed = false
        FROM (
            SELECT waiting.id
            FROM connector_event AS waiting
            JOIN (
                SELECT DISTINCT * FROM UNNEST($1::text[], $2::text[], $3::text[])
            ) AS asked (connector, environment, order_sn)
              ON waiting.order_sn = asked.order_sn
             AND waiting.connector = asked.connector
             AND waiting.environment = asked.environment
            WHERE waiting.trusted AND NOT waiting.processed AND waiting.profile_id IS NOT NULL
            ORDER BY waiting.id
            FOR UPDATE OF waiting
        ) AS retried
        WHERE event.id = retried.id
        RETURNING event.id, event.connector, event.environment, event.order_sn AS "order_sn!"
        "#,
        &connectors as _,
        &environments as _,
        &numbers as _,
    )
    .fetch_all(&mut *connection)
    .await?;
    let ids: Vec<String> = made_due.iter().map(|event| event.id.clone()).collect();
    sqlx::query!(
        "UPDATE connector_event SET next_attempt_at = $2 WHERE id = ANY ($1)",
        &ids,
        now,
    )
    .execute(connection)
    .await?;
    let retried: HashSet<_> = made_due
        .iter()
        .map(|event| {
            let of = (event.connector.as_str(), event.environment.as_str());
            (of, event.order_sn.as_str())
        })
        .collect();
    let has_any = |key: &OrderKey| {
        let of = (key.connector.as_str(), key.environment.as_str());
        retried.contains(&(of, key.order_sn.as_str()))
    };
    Ok(orders.iter().map(has_any).collect())
}

/// What is parked rests until infinity.
pub(super) async fn wake(
    connection: &mut PgConnection,
    profile: &ProfileId,
    now: Timestamp,
) -> Result<(), Fault> {
    sqlx::query!(
        "UPDATE connector_event SET next_attempt_at = $2
         WHERE profile_id = $1 AND NOT processed
           AND next_attempt_at > $2 AND next_attempt_at < 'infinity'",
        profile.as_str(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
