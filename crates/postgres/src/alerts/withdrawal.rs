//! Taking back what was to be told: something newer is told in its place.

use hawker_domain::alert::Alert;
use hawker_domain::ids::AlertThreadId;
use sqlx::PgConnection;

use crate::fault::{Fault, read};

/// An alert that waited.
struct WithdrawnRow {
    id: String,
    sink: Option<String>,
    payload: String,
}

impl WithdrawnRow {
    fn read(self) -> Result<Alert, Fault> {
        Ok(Alert {
            id: read("alert", &self.id, &self.id)?,
            sink: self.sink.unwrap_or_default(),
            payload: serde_json::from_str(&self.payload)
                .map_err(|error| Fault::corrupt("alert", &self.id, error))?,
        })
    }
}

/// What this version cannot read is withdrawn as well: the thread's next message says how it stands.
pub(super) async fn withdraw(
    connection: &mut PgConnection,
    threads: &[AlertThreadId],
) -> Result<Vec<Alert>, Fault> {
    let threads: Vec<_> = threads.iter().map(ToString::to_string).collect();
    let rows = sqlx::query_as!(
        WithdrawnRow,
        r#"DELETE FROM connector_alert
           WHERE delivered_at IS NULL
             AND lease IS NULL
             AND payload #>> '{details,thread_id}' = ANY ($1)
           RETURNING id, sink, payload::text AS "payload!""#,
        &threads,
    )
    .fetch_all(connection)
    .await?;
    let alerts = rows.into_iter().filter_map(|row| row.read().ok());
    Ok(alerts.collect())
}
