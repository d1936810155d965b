//! Storing verified events without a unit of work: the database's own function does in one way there and back
//! what takes four with a transaction around it.

use std::collections::HashSet;

use hawker_domain::event::{Disposition, NewEvent, Verdict};
use hawker_domain::{ConnectorName, TenantSlug};
use hawker_ports::StoreError;
use hawker_ports::inbox::StoredAs;
use hawker_ports::profiles::ProfilesVersion;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::QueryScalar;
use sqlx::{AssertSqlSafe, FromRow, PgPool, Postgres};

use super::EVENTS;
use super::intake::{Events, store};
use crate::fault::{call_error, store_error};
use crate::store::{Access, PgStore};

/// See [`Store::store_at_once`](hawker_ports::Store::store_at_once).
pub(crate) async fn store_at_once(
    pg: &PgStore,
    tenant: &TenantSlug,
    connector: ConnectorName,
    profiles: &ProfilesVersion,
    events: &[NewEvent],
) -> Result<Option<Vec<StoredAs>>, StoreError> {
    if !events.iter().all(|event| is_plain(event, connector)) {
        return Ok(None);
    }
    let Some(stored) = take_in(pg.pool(), tenant, connector, profiles, events).await? else {
        return Ok(None);
    };
    if stored.len() == events.len() {
        return Ok(Some(vec![StoredAs::New; events.len()]));
    }
    // Few are repetitions, and what becomes of one is not the function's to say.
    let stored: HashSet<_> = stored.into_iter().collect();
    let is_stored: Vec<_> = events
        .iter()
        .map(|event| stored.contains(&event.id.to_string()))
        .collect();
    let is_refused = |(_, is_stored): &(_, &bool)| !**is_stored;
    let refused = events.iter().zip(&is_stored).filter(is_refused);
    let refused: Vec<_> = refused.map(|(event, _)| event.clone()).collect();
    let mut session = pg.session(tenant, Access::ReadWrite).await?;
    let rest = store(session.connection()?, &refused).await;
    let rest = rest.map_err(|fault| fault.into_store_error(EVENTS))?;
    session.commit().await?;
    let mut rest = rest.into_iter();
    let became = |is_stored| {
        if is_stored {
            StoredAs::New
        } else {
            rest.next().unwrap_or(StoredAs::Duplicate)
        }
    };
    Ok(Some(is_stored.into_iter().map(became).collect()))
}

/// Whether the function knows of everything that the event says.
pub(super) fn is_plain(event: &NewEvent, connector: ConnectorName) -> bool {
    matches!(event.verdict, Some(Verdict::Genuine { .. }))
        && event.connector == connector
        && event.content.is_json
        && event.disposition != Disposition::Parked
}

/// Inserts what is not there yet; answers the ids of what was inserted.
async fn take_in(
    pool: &PgPool,
    tenant: &TenantSlug,
    connector: ConnectorName,
    profiles: &ProfilesVersion,
    events: &[NewEvent],
) -> Result<Option<Vec<String>>, StoreError> {
    let mut in_order: Vec<_> = events.iter().collect();
    in_order.sort_unstable_by_key(|event| (&event.content.content_key, event.id));
    let columns = Events::of(in_order);
    // The name comes from a validated slug.
    let statement = format!(
        "SELECT \"{}\".connector_event_take_in($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, \
         $15, $16, $17, $18, $19, $20)",
        tenant.schema()
    );
    let call = sqlx::query_scalar(AssertSqlSafe(statement))
        .bind(&profiles.0)
        .bind(connector.as_str())
        .bind(columns.id)
        .bind(columns.environment)
        .bind(columns.profile_id)
        .bind(columns.source)
        .bind(columns.event_type)
        .bind(columns.shop_id)
        .bind(columns.order_sn)
        .bind(columns.package_number)
        .bind(columns.tracking_number)
        .bind(columns.marketplace_updated_at)
        .bind(columns.delivery_id)
        .bind(columns.content_key)
        .bind(columns.signature)
        .bind(columns.signature_scheme)
        .bind(columns.signature_key)
        .bind(columns.body)
        .bind(columns.outcome)
        .bind(columns.received_at);
    answer(pool, tenant, call).await
}

/// What a function answers that is a transaction of its own. A connection on which it is not known whether
/// that was committed is not used again.
pub(super) async fn answer<T>(
    pool: &PgPool,
    tenant: &TenantSlug,
    call: QueryScalar<'_, Postgres, T, PgArguments>,
) -> Result<T, StoreError>
where
    T: Send + Unpin,
    (T,): for<'row> FromRow<'row, PgRow> + Send + Unpin,
{
    let mut connection = pool
        .acquire()
        .await
        .map_err(|error| store_error(error, EVENTS))?;
    let answered = call
        .fetch_one(&mut *connection)
        .await
        .map_err(|error| call_error(error, tenant));
    if matches!(answered, Err(StoreError::CommitUnknown(_))) {
        connection.close_on_drop();
    }
    answered
}
