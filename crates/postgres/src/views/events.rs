//! Events as a person sees them.

use hawker_domain::Timestamp;
use hawker_domain::ids::EventId;
use hawker_ports::views::{
    BoundedCount, EventDetail, EventFilter, EventSummary, Page, PageRequest,
};
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};

use super::Paging;
use crate::fault::Fault;

#[derive(FromRow)]
struct SummaryRow {
    id: String,
    received_at: Timestamp,
    environment: String,
    source: String,
    event_type: i32,
    order_sn: Option<String>,
    shop_id: Option<i64>,
    signature_ok: Option<bool>,
    processed: bool,
    outcome: Option<String>,
    next_attempt_at: Option<Timestamp>,
}

impl From<SummaryRow> for EventSummary {
    fn from(row: SummaryRow) -> Self {
        let SummaryRow {
            id,
            received_at,
            environment,
            source,
            event_type,
            order_sn,
            shop_id,
            signature_ok,
            processed,
            outcome,
            next_attempt_at,
        } = row;
        Self {
            id,
            received_at,
            environment,
            source,
            code: event_type,
            order_sn,
            shop_id,
            signature_ok,
            processed,
            outcome,
            next_attempt_at,
        }
    }
}

pub(super) async fn list(
    connection: &mut PgConnection,
    filter: &EventFilter,
    page: &PageRequest,
) -> Result<Page<EventSummary>, Fault> {
    let paging = Paging::of(page, EventId::PREFIX)?;
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT id, received_at, environment, source, event_type, order_sn, shop_id, signature_ok, \
         processed, outcome, \
         CASE WHEN NOT processed THEN NULLIF(next_attempt_at, 'infinity') END AS next_attempt_at \
         FROM connector_event WHERE true",
    );
    push_filter(&mut query, filter);
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

/// Reads no more than one row beyond `at_most`.
pub(super) async fn count(
    connection: &mut PgConnection,
    filter: &EventFilter,
    at_most: u32,
) -> Result<BoundedCount, Fault> {
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT count(*) FROM (SELECT FROM connector_event WHERE true",
    );
    push_filter(&mut query, filter);
    query
        .push(" LIMIT ")
        .push_bind(i64::from(at_most) + 1)
        .push(") AS counted");
    let counted: i64 = query.build_query_scalar().fetch_one(connection).await?;
    Ok(BoundedCount::of(
        u64::try_from(counted).unwrap_or_default(),
        at_most,
    ))
}

fn push_filter(query: &mut QueryBuilder<Postgres>, filter: &EventFilter) {
    let EventFilter {
        order_sn,
        processed,
        source,
        code,
    } = filter;
    if let Some(order_sn) = order_sn {
        query.push(" AND order_sn = ").push_bind(order_sn.as_str());
    }
    // Spelled out, so that the planner can use the index of what is pending.
    match processed {
        Some(true) => drop(query.push(" AND processed")),
        Some(false) => drop(query.push(" AND NOT processed")),
        None => {}
    }
    if let Some(source) = source {
        query.push(" AND source = ").push_bind(source);
    }
    if let Some(code) = code {
        query.push(" AND event_type = ").push_bind(code);
    }
}

pub(super) async fn find(
    connection: &mut PgConnection,
    id: EventId,
) -> Result<Option<EventDetail>, Fault> {
    let row = sqlx::query!(
        r#"
        SELECT
            id, received_at, environment, source, event_type, order_sn, shop_id, signature_ok,
            processed, outcome,
            CASE WHEN NOT processed THEN NULLIF(next_attempt_at, 'infinity') END AS next_attempt_at,
            profile_id, signature_scheme, signature_key, delivery_id, processed_at, body
        FROM connector_event
        WHERE id = $1
        "#,
        id.to_string(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| EventDetail {
        profile_id: row.profile_id,
        signature_scheme: row.signature_scheme,
        signature_key: row.signature_key,
        delivery_id: row.delivery_id,
        processed_at: row.processed_at,
        payload: serde_json::from_slice(&row.body)
            .unwrap_or_else(|_| String::from_utf8_lossy(&row.body).into()),
        summary: EventSummary {
            id: row.id,
            received_at: row.received_at,
            environment: row.environment,
            source: row.source,
            code: row.event_type,
            order_sn: row.order_sn,
            shop_id: row.shop_id,
            signature_ok: row.signature_ok,
            processed: row.processed,
            outcome: row.outcome,
            next_attempt_at: row.next_attempt_at,
        },
    }))
}
