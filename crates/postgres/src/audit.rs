//! The audit log. Entries are only ever added: the role of the tenant has no right to more.

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::audit::AuditEntry;
use hawker_ports::StoreError;
use hawker_ports::audit::AuditLog;
use serde_json::Value;
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::text::{storable_json, stored};
use crate::unit_of_work::PgUnitOfWork;

#[async_trait]
impl AuditLog for PgUnitOfWork {
    async fn record(&mut self, entries: &[AuditEntry]) -> Result<(), StoreError> {
        let done = record(self.enter()?, entries).await;
        self.leave("audit log", done)
    }
}

/// Entries to be added.
#[derive(Default)]
struct Columns {
    id: Vec<String>,
    at: Vec<Timestamp>,
    actor: Vec<String>,
    action: Vec<&'static str>,
    subject: Vec<String>,
    details: Vec<Value>,
}

async fn record(connection: &mut PgConnection, entries: &[AuditEntry]) -> Result<(), Fault> {
    if entries.is_empty() {
        return Ok(());
    }
    let mut columns = Columns::default();
    for entry in entries {
        let AuditEntry {
            id,
            at,
            actor,
            action,
            subject,
            details,
        } = entry;
        columns.id.push(id.to_string());
        columns.at.push(*at);
        columns.actor.push(stored(actor.as_str()));
        columns.action.push(action);
        columns.subject.push(stored(subject));
        columns
            .details
            .push(storable_json(Value::Object(details.clone())));
    }
    sqlx::query!(
        "INSERT INTO audit_entry (id, at, actor, action, subject, details)
         SELECT * FROM UNNEST(
             $1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::jsonb[]
         )",
        &columns.id,
        &columns.at,
        &columns.actor,
        &columns.action as _,
        &columns.subject,
        &columns.details,
    )
    .execute(connection)
    .await?;
    Ok(())
}
