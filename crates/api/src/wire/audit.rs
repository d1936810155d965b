//! Entries of the audit log as they go out.

use chrono::{DateTime, Utc};
use hawker_ports::views::AuditRow;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Something that somebody did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(crate) struct AuditEntryWire {
    /// Its id.
    #[schema(example = "aud_01JD0Z5V7Q8W9X0Y1Z2A3B4C5D")]
    id: String,
    /// When.
    at: DateTime<Utc>,
    /// Who.
    #[schema(example = "api-token:apt_01JD0Z5V7Q8W9X0Y1Z2A3B4C5D (set-up)")]
    actor: String,
    /// What.
    #[schema(example = "profile.changed")]
    action: String,
    /// To which thing.
    #[schema(example = "profile:prof_live")]
    subject: String,
    /// What else tells; never a secret.
    details: Value,
}

impl From<AuditRow> for AuditEntryWire {
    fn from(row: AuditRow) -> Self {
        let AuditRow {
            id,
            at,
            actor,
            action,
            subject,
            details,
        } = row;
        Self {
            id,
            at,
            actor,
            action,
            subject,
            details,
        }
    }
}
