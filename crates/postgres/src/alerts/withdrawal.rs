//! Taking back what was to be told: something newer is told in its place.

use hawker_domain::Timestamp;
use hawker_domain::alert::Alert;
use sqlx::PgConnection;

use super::named;
use crate::fault::{Fault, read};

/// An alert that waited.
struct WithdrawnRow {
    id: String,
    sink: Option<String>,
    payload: String,
    threads: Vec<String>,
    created_at: Timestamp,
}

impl WithdrawnRow {
    fn read(self) -> Result<Alert, Fault> {
        Ok(Alert {
            id: read("alert", &self.id, &self.id)?,
            sink: self.sink.unwrap_or_default(),
            payload: serde_json::from_str(&self.payload)
                .map_err(|error| Fault::corrupt("alert", &self.id, error))?,
            threads: named(&self.threads),
        })
    }
}

/// What this version cannot read is withdrawn as well: the thread's next message says how it stands.
pub(super) async fn withdraw(
    connection: &mut PgConnection,
    keys: &[String],
    sinks: &[String],
) -> Result<Vec<Alert>, Fault> {
    let mut rows = sqlx::query_file_as!(WithdrawnRow, "src/alerts/withdraw.sql", keys, sinks)
        .fetch_all(connection)
        .await?;
    rows.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    let alerts = rows.into_iter().filter_map(|row| row.read().ok());
    Ok(alerts.collect())
}
