//! Which exceptions are meant, and what deciding about them needs.

use hawker_domain::ids::{ExceptionId, ProfileId};
use hawker_domain::{OrderSn, Timestamp};
use hawker_ports::exception_desk::{ExceptionSelector, QueuedException, Selection};
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};

use super::texts;
use crate::exceptions::known;
use crate::fault::{Fault, read};
use crate::text::stored;

#[derive(FromRow)]
struct QueuedRow {
    id: String,
    error_class: String,
    cause: String,
    connector: String,
    environment: String,
    profile_id: Option<String>,
    order_sn: Option<String>,
    order_profile: Option<String>,
    raw_event_id: Option<String>,
    status: String,
    last_seen_at: Timestamp,
}

impl TryFrom<QueuedRow> for QueuedException {
    type Error = Fault;

    fn try_from(row: QueuedRow) -> Result<Self, Fault> {
        let QueuedRow {
            id,
            error_class,
            cause,
            connector,
            environment,
            profile_id,
            order_sn,
            order_profile,
            raw_event_id,
            status,
            last_seen_at,
        } = row;
        Ok(Self {
            id: read("exception", &id, &id)?,
            class: known::class(&error_class),
            cause,
            connector: read("exception", &id, &connector)?,
            environment: read("exception", &id, &environment)?,
            // What was written by hand may name what cannot be there: then it names nothing.
            profile: profile_id.as_deref().and_then(ProfileId::parse),
            order_sn: order_sn.as_deref().and_then(OrderSn::parse),
            order_profile: order_profile.as_deref().and_then(ProfileId::parse),
            event: raw_event_id.and_then(|text| text.parse().ok()),
            status: read("exception", &id, &status)?,
            last_seen_at,
        })
    }
}

pub(super) async fn select(
    connection: &mut PgConnection,
    selection: &Selection,
    after: Option<ExceptionId>,
    at_most: u32,
) -> Result<Vec<QueuedException>, Fault> {
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT raised.id, raised.error_class, raised.cause, raised.connector, raised.environment, \
         raised.profile_id, raised.order_sn, known.profile_id AS order_profile, \
         raised.raw_event_id, raised.status, raised.last_seen_at \
         FROM connector_exception AS raised \
         LEFT JOIN connector_order AS known \
           ON known.order_sn = raised.order_sn AND known.connector = raised.connector \
          AND known.environment = raised.environment \
         WHERE raised.connector = ANY (",
    );
    query.push_bind(known::connectors()).push(")");
    match selection {
        Selection::These(ids) => {
            query
                .push(" AND raised.id = ANY (")
                .push_bind(texts(ids))
                .push(")");
        }
        Selection::Matching(selector) => {
            query.push(" AND raised.status = 'open'");
            narrow(&mut query, selector);
        }
    }
    if let Some(after) = after {
        query.push(" AND raised.id > ").push_bind(after.to_string());
    }
    // Of two who decide at once the second sees what the first made of a row.
    query
        .push(" ORDER BY raised.id LIMIT ")
        .push_bind(i64::from(at_most))
        .push(" FOR NO KEY UPDATE OF raised");
    let rows: Vec<QueuedRow> = query.build_query_as().fetch_all(connection).await?;
    rows.into_iter().map(QueuedException::try_from).collect()
}

/// Adds what exceptions, here called `raised`, are to have in common.
pub(crate) fn narrow(query: &mut QueryBuilder<Postgres>, selector: &ExceptionSelector) {
    let ExceptionSelector {
        class,
        cause,
        environment,
        profile,
        order_sn,
        assignee,
    } = selector;
    let texts = [
        ("error_class", class.map(|class| class.to_string())),
        ("cause", cause.as_ref().map(stored)),
        ("environment", environment.map(|of| of.to_string())),
        ("profile_id", profile.as_ref().map(ToString::to_string)),
        ("order_sn", order_sn.as_ref().map(ToString::to_string)),
        ("assignee", assignee.as_ref().map(stored)),
    ];
    for (column, text) in texts {
        if let Some(text) = text {
            query
                .push(format_args!(" AND raised.{column} = "))
                .push_bind(text);
        }
    }
}
