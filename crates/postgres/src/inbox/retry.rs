//! An operator's retry (the same statement that the runbook gives for `psql`), and waking what rests.

use hawker_domain::Timestamp;
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
