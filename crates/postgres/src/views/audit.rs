//! The audit log as a person sees it.

use hawker_domain::Timestamp;
use hawker_domain::ids::AuditId;
use hawker_ports::views::{AuditFilter, AuditRow, Counted, PageRequest};
use serde_json::Value;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};

use super::Paging;
use crate::fault::Fault;

#[derive(FromRow)]
struct EntryRow {
    id: String,
    at: Timestamp,
    actor: String,
    action: String,
    subject: String,
    details: Value,
}

impl From<EntryRow> for AuditRow {
    fn from(row: EntryRow) -> Self {
        let EntryRow {
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

pub(super) async fn list(
    connection: &mut PgConnection,
    filter: &AuditFilter,
    page: &PageRequest,
) -> Result<Counted<AuditRow>, Fault> {
    let paging = Paging::of(page, AuditId::PREFIX)?;
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT id, at, actor, action, subject, details FROM audit_entry WHERE true",
    );
    push_filter(&mut query, filter);
    if let Some(before) = &paging.before {
        query.push(" AND id < ").push_bind(before);
    }
    query
        .push(" ORDER BY id DESC LIMIT ")
        .push_bind(paging.rows_to_read);
    let rows: Vec<EntryRow> = query.build_query_as().fetch_all(&mut *connection).await?;

    let mut query = QueryBuilder::<Postgres>::new("SELECT count(*) FROM audit_entry WHERE true");
    push_filter(&mut query, filter);
    let total: i64 = query.build_query_scalar().fetch_one(connection).await?;
    Ok(Counted {
        page: paging.cut(
            rows.into_iter()
                .map(|row| (row.id.clone(), row.into()))
                .collect(),
        ),
        total: u64::try_from(total).unwrap_or_default(),
    })
}

fn push_filter(query: &mut QueryBuilder<Postgres>, filter: &AuditFilter) {
    let AuditFilter { subject, action } = filter;
    if let Some(subject) = subject {
        query.push(" AND subject = ").push_bind(subject);
    }
    if let Some(action) = action {
        query.push(" AND action = ").push_bind(action);
    }
}
