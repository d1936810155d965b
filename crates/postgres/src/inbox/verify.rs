//! Events that could not be verified when they came: read for another look, and trusted once they
//! verify.

use std::collections::HashSet;

use hawker_domain::ConnectorName;
use hawker_domain::event::NewEvent;
use hawker_domain::ids::{EventId, ProfileId};
use hawker_ports::inbox::{StoredAs, UnverifiedEvent};
use sqlx::PgConnection;

use super::intake;
use crate::fault::{Fault, read};

/// What is not trusted is little and has an index of its own; looked for first, so that no plan
/// walks along the ids of a long history to find it.
pub(super) async fn unverified(
    connection: &mut PgConnection,
    connector: ConnectorName,
    after: Option<EventId>,
    at_most: u32,
) -> Result<Vec<UnverifiedEvent>, Fault> {
    sqlx::query!(
        r#"
        WITH kept AS MATERIALIZED (
            SELECT id FROM connector_event WHERE NOT trusted AND connector = $1
        ),
        portion AS MATERIALIZED (
            SELECT id FROM kept WHERE id > $2 ORDER BY id LIMIT $3
        )
        SELECT event.id, event.environment, event.profile_id, event.received_at, event.body,
               event.signature, event.delivery_id
        FROM portion
        JOIN connector_event AS event USING (id)
        ORDER BY event.id
        "#,
        connector.as_str(),
        after.map_or_else(String::new, |after| after.to_string()),
        i64::from(at_most),
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(|row| {
        Ok(UnverifiedEvent {
            environment: read("event", &row.id, &row.environment)?,
            // A text that is no profile's id recognises no profile.
            profile: row.profile_id.as_deref().and_then(ProfileId::parse),
            received_at: row.received_at,
            body: row.body,
            signature: row.signature,
            delivery_id: row.delivery_id,
            id: read("event", &row.id, &row.id)?,
        })
    })
    .collect()
}

/// Takes the unverified rows out and stores the events as if they came now: so the rules for
/// duplicates are the same ones. Whoever does the same at the same time finds the rows gone.
pub(super) async fn trust(
    connection: &mut PgConnection,
    events: &[NewEvent],
) -> Result<Vec<StoredAs>, Fault> {
    let ids: Vec<_> = events.iter().map(|event| event.id.to_string()).collect();
    let taken: HashSet<String> = sqlx::query_scalar!(
        "
        DELETE FROM connector_event
        WHERE id IN (
            SELECT id FROM connector_event
            WHERE id = ANY ($1) AND NOT trusted
            ORDER BY id
            FOR UPDATE
        )
        RETURNING id
        ",
        &ids,
    )
    .fetch_all(&mut *connection)
    .await?
    .into_iter()
    .collect();
    let is_taken: Vec<_> = ids.iter().map(|id| taken.contains(id)).collect();
    let (place, taken): (Vec<_>, Vec<_>) = events
        .iter()
        .enumerate()
        .filter(|(place, _)| is_taken[*place])
        .map(|(place, event)| (place, event.clone()))
        .unzip();
    let mut answers = vec![StoredAs::Duplicate; events.len()];
    for (place, stored) in place
        .into_iter()
        .zip(intake::store(connection, &taken).await?)
    {
        answers[place] = stored;
    }
    Ok(answers)
}
