//! Orders as a person sees them: what the order says, else what the marketplace said of one that is
//! not created yet.

mod detail;

pub(super) use detail::find;

use hawker_domain::Timestamp;
use hawker_domain::ids::OrderSyncId;
use hawker_ports::views::{OrderFilter, OrderSummary, Page, PageRequest};
use rust_decimal::Decimal;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};

use super::Paging;
use crate::fault::Fault;

/// The columns of a summary; `known` is the synchronisation record.
const SUMMARY: &str = "\
    SELECT known.id, known.order_sn, known.environment, known.order_id, known.status AS sync_status, \
    known.hold, known.shopee_status, head.status, payment.status AS payment_status, \
    head.fulfillment_status, coalesce(head.total, known.total) AS total, \
    coalesce(head.currency, known.currency) AS currency, \
    coalesce(head.placed_at, known.placed_at) AS placed_at, \
    coalesce(head.ship_by, known.ship_by) AS ship_by, known.first_source, known.created_at, \
    (SELECT count(*) FROM connector_exception AS raised \
     WHERE raised.status = 'open' AND raised.connector = known.connector \
       AND raised.environment = known.environment \
       AND raised.subject = 'order:' || known.order_sn) AS open_exceptions \
    FROM connector_order AS known \
    LEFT JOIN sales_order AS head ON head.id = known.order_id \
    LEFT JOIN order_payment AS payment ON payment.order_id = known.order_id \
    WHERE true";

#[derive(FromRow)]
struct SummaryRow {
    id: String,
    order_sn: String,
    environment: String,
    order_id: Option<String>,
    sync_status: String,
    hold: Option<String>,
    shopee_status: Option<String>,
    status: Option<String>,
    payment_status: Option<String>,
    fulfillment_status: Option<String>,
    total: Option<Decimal>,
    currency: Option<String>,
    placed_at: Option<Timestamp>,
    ship_by: Option<Timestamp>,
    first_source: Option<String>,
    created_at: Timestamp,
    open_exceptions: i64,
}

impl From<SummaryRow> for OrderSummary {
    fn from(row: SummaryRow) -> Self {
        let SummaryRow {
            id: _,
            order_sn,
            environment,
            order_id,
            sync_status,
            hold,
            shopee_status,
            status,
            payment_status,
            fulfillment_status,
            total,
            currency,
            placed_at,
            ship_by,
            first_source,
            created_at,
            open_exceptions,
        } = row;
        Self {
            order_sn,
            environment,
            order_id,
            sync_status,
            hold,
            marketplace_status: shopee_status,
            status,
            payment_status,
            fulfillment_status,
            total: total.map(|total| total.normalize()),
            currency,
            placed_at,
            ship_by,
            first_source,
            open_exceptions,
            created_at,
        }
    }
}

pub(super) async fn list(
    connection: &mut PgConnection,
    filter: &OrderFilter,
    page: &PageRequest,
) -> Result<Page<OrderSummary>, Fault> {
    let paging = Paging::of(page, OrderSyncId::PREFIX)?;
    let OrderFilter {
        marketplace_status,
        sync_status,
        held,
    } = filter;
    let mut query = QueryBuilder::<Postgres>::new(SUMMARY);
    if let Some(status) = marketplace_status {
        query.push(" AND known.shopee_status = ").push_bind(status);
    }
    if let Some(status) = sync_status {
        query.push(" AND known.status = ").push_bind(status);
    }
    // Spelled out, so that the planner can use the index of what is held.
    match held {
        Some(true) => drop(query.push(" AND known.hold IS NOT NULL")),
        Some(false) => drop(query.push(" AND known.hold IS NULL")),
        None => {}
    }
    if let Some(before) = &paging.before {
        query.push(" AND known.id < ").push_bind(before);
    }
    query
        .push(" ORDER BY known.id DESC LIMIT ")
        .push_bind(paging.rows_to_read);
    let rows: Vec<SummaryRow> = query.build_query_as().fetch_all(connection).await?;
    Ok(paging.cut(
        rows.into_iter()
            .map(|row| (row.id.clone(), row.into()))
            .collect(),
    ))
}
