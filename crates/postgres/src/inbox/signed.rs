//! A stored push with what its verification came to.

use hawker_domain::ids::{EventId, ProfileId};
use hawker_ports::inbox::{SignedEvent, UnverifiedEvent};
use sqlx::PgConnection;

use crate::fault::{Fault, read};

pub(super) async fn signed(
    connection: &mut PgConnection,
    id: EventId,
) -> Result<Option<SignedEvent>, Fault> {
    let row = sqlx::query!(
        r#"
        SELECT
            id, connector, environment, profile_id, source, trusted, received_at, body, signature,
            signature_scheme, signature_key, delivery_id
        FROM connector_event
        WHERE id = $1
        "#,
        id.to_string(),
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let scheme = row.signature_scheme.as_deref();
    let key = row.signature_key.as_deref();
    Ok(Some(SignedEvent {
        connector: read("event", &row.id, &row.connector)?,
        source: read("event", &row.id, &row.source)?,
        is_trusted: row.trusted,
        scheme: scheme
            .map(|scheme| read("event", &row.id, scheme))
            .transpose()?,
        key: key.map(|key| read("event", &row.id, key)).transpose()?,
        push: UnverifiedEvent {
            id,
            environment: read("event", &row.id, &row.environment)?,
            // A text that is no profile's id recognises no profile.
            profile: row.profile_id.as_deref().and_then(ProfileId::parse),
            received_at: row.received_at,
            body: row.body,
            signature: row.signature,
            delivery_id: row.delivery_id,
        },
    }))
}
