//! An exception in a list, with what its order is worth and until when it is to be shipped.

use hawker_domain::Timestamp;
use hawker_domain::exception::ExceptionStatus;
use hawker_domain::ids::ExceptionId;
use hawker_ports::views::{ExceptionFilter, ExceptionSort, ExceptionSummary, Page, PageRequest};
use rust_decimal::Decimal;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};

use crate::fault::Fault;
use crate::text::stored;
use crate::views::Paging;

/// The columns of a summary, from [`SOURCE`].
pub(super) const COLUMNS: &str = "\
    raised.id, raised.error_class, raised.cause, raised.environment, raised.order_sn, \
    raised.error_message, raised.status, raised.retry_count, raised.due_at, raised.raw_event_id, \
    raised.created_at, raised.last_seen_at, raised.resolved_at, raised.resolved_by, \
    raised.assignee, raised.snoozed_until, known.total AS order_total, known.currency, \
    known.ship_by";

/// Exceptions with their orders, as far as anything is known of these: the record has what was seen last,
/// whether an order was made of it or not.
pub(super) const SOURCE: &str = "\
    connector_exception AS raised \
    LEFT JOIN connector_order AS known \
      ON known.order_sn = raised.order_sn AND known.connector = raised.connector \
     AND known.environment = raised.environment";

/// When somebody must have acted on an exception of [`SOURCE`]; never, where nothing says so.
const DEADLINE: &str = "coalesce(least(raised.due_at, known.ship_by), 'infinity')";

#[derive(FromRow)]
pub(super) struct SummaryRow {
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
    assignee: Option<String>,
    snoozed_until: Option<Timestamp>,
    order_total: Option<Decimal>,
    currency: Option<String>,
    ship_by: Option<Timestamp>,
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
            assignee,
            snoozed_until,
            order_total,
            currency,
            ship_by,
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
            assignee,
            snoozed_until,
            order_total: order_total.map(|total| total.normalize()),
            currency,
            ship_by,
        }
    }
}

pub(in crate::views) async fn list(
    connection: &mut PgConnection,
    filter: &ExceptionFilter,
    page: &PageRequest,
) -> Result<Page<ExceptionSummary>, Fault> {
    let paging = Paging::of(page, ExceptionId::PREFIX)?;
    let ExceptionFilter {
        status,
        class,
        cause,
        order_sn,
        assignee,
        environment,
        profile,
        with_snoozed,
        sort,
    } = filter;
    let mut query =
        QueryBuilder::<Postgres>::new(format!("SELECT {COLUMNS} FROM {SOURCE} WHERE true"));
    let status = status.as_ref().map(stored);
    let open_ones = (*sort == ExceptionSort::Due).then(|| ExceptionStatus::Open.to_string());
    let status = status.or(open_ones);
    let texts = [
        ("status", status),
        ("error_class", class.as_ref().map(stored)),
        ("cause", cause.as_ref().map(stored)),
        ("order_sn", order_sn.as_ref().map(ToString::to_string)),
        ("assignee", assignee.as_ref().map(stored)),
        ("environment", environment.map(|of| of.to_string())),
        ("profile_id", profile.as_ref().map(ToString::to_string)),
    ];
    for (column, text) in texts {
        if let Some(text) = text {
            query
                .push(format_args!(" AND raised.{column} = "))
                .push_bind(text);
        }
    }
    if !with_snoozed {
        // By the clock of the database: whoever looks at a list brings none.
        query.push(
            " AND (raised.status <> 'open' OR raised.snoozed_until IS NULL \
             OR raised.snoozed_until <= now())",
        );
    }
    match sort {
        ExceptionSort::Newest => {
            if let Some(before) = &paging.before {
                query.push(" AND raised.id < ").push_bind(before);
            }
            query.push(" ORDER BY raised.id DESC");
        }
        ExceptionSort::Due => {
            if let Some(before) = &paging.before {
                query
                    .push(format_args!(
                        " AND ({DEADLINE}, raised.id) > \
                         (SELECT {DEADLINE}, raised.id FROM {SOURCE} WHERE raised.id = "
                    ))
                    .push_bind(before)
                    .push(")");
            }
            query.push(format_args!(" ORDER BY {DEADLINE}, raised.id"));
        }
    }
    query.push(" LIMIT ").push_bind(paging.rows_to_read);
    let rows: Vec<SummaryRow> = query.build_query_as().fetch_all(connection).await?;
    Ok(paging.cut(
        rows.into_iter()
            .map(|row| (row.id.clone(), row.into()))
            .collect(),
    ))
}
