//! Exceptions as a person sees them.

use hawker_domain::Timestamp;
use hawker_domain::ids::ExceptionId;
use hawker_ports::views::{ExceptionFilter, ExceptionSummary, Page, PageRequest};
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};

use super::Paging;
use crate::fault::Fault;

#[derive(FromRow)]
struct SummaryRow {
    id: String,
    error_class: String,
    cause: String,
    environment: String,
    order_sn: Option<String>,
    error_message: String,
    status: String,
    retry_count: i64,
    due_at: Option<Timestamp>,
    raw_event_id: Option<String>,
    created_at: Timestamp,
    last_seen_at: Timestamp,
    resolved_at: Option<Timestamp>,
    resolved_by: Option<String>,
}

impl From<SummaryRow> for ExceptionSummary {
    fn from(row: SummaryRow) -> Self {
        let SummaryRow {
            id,
            error_class,
            cause,
            environment,
            order_sn,
            error_message,
            status,
            retry_count,
            due_at,
            raw_event_id,
            created_at,
            last_seen_at,
            resolved_at,
            resolved_by,
        } = row;
        Self {
            id,
            error_class,
            cause,
            environment,
            order_sn,
            message: error_message,
            status,
            retry_count,
            due_at,
            raw_event_id,
            first_seen_at: created_at,
            last_seen_at,
            resolved_at,
            resolved_by,
        }
    }
}

pub(super) async fn list(
    connection: &mut PgConnection,
    filter: &ExceptionFilter,
    page: &PageRequest,
) -> Result<Page<ExceptionSummary>, Fault> {
    let paging = Paging::of(page, ExceptionId::PREFIX)?;
    let ExceptionFilter {
        status,
        class,
        order_sn,
    } = filter;
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT id, error_class, cause, environment, order_sn, error_message, status, retry_count, \
         due_at, raw_event_id, created_at, last_seen_at, resolved_at, resolved_by \
         FROM connector_exception WHERE true",
    );
    if let Some(status) = status {
        query.push(" AND status = ").push_bind(status);
    }
    if let Some(class) = class {
        query.push(" AND error_class = ").push_bind(class);
    }
    if let Some(order_sn) = order_sn {
        query.push(" AND order_sn = ").push_bind(order_sn.as_str());
    }
    if let Some(before) = &paging.before {
        query.push(" AND id < ").push_bind(before);
    }
    query
        .push(" ORDER BY id DESC LIMIT ")
        .push_bind(paging.rows_to_read);
    let rows: Vec<SummaryRow> = query.build_query_as().fetch_all(connection).await?;
    Ok(paging.cut(
        rows.into_iter()
            .map(|row| (row.id.clone(), row.into()))
            .collect(),
    ))
}
