//! The journal: pushes that come in a crowd are put down a batch to a row, and filed a moment later. See
//! `connector_event_journal` in the migrations.

use hawker_domain::event::{Disposition, EventSource, NewEvent, PushContent, Tracking, Verdict};
use hawker_domain::ids::ProfileId;
use hawker_domain::{ConnectorName, OrderSn, ShopId, TenantSlug, Timestamp};
use hawker_ports::StoreError;
use hawker_ports::inbox::{Filed, StoredAs};
use hawker_ports::profiles::ProfilesVersion;
use sqlx::{AssertSqlSafe, PgConnection};

use super::at_once::{answer, is_plain};
use super::intake::{Events, store};
use super::journal_places::{BEGINNING, JournalPlace};
use crate::fault::{Fault, read};
use crate::store::PgStore;

/// See [`Store::put_in_journal`](hawker_ports::Store::put_in_journal).
pub(crate) async fn put_in_journal(
    pg: &PgStore,
    tenant: &TenantSlug,
    connector: ConnectorName,
    profiles: &ProfilesVersion,
    events: &[NewEvent],
) -> Result<bool, StoreError> {
    if !events
        .iter()
        .all(|event| is_for_the_journal(event, connector))
    {
        return Ok(false);
    }
    let columns = Events::of(events);
    // The name comes from a validated slug.
    let statement = format!(
        "SELECT \"{}\".connector_event_journal_put($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, \
         $15, $16, $17, $18)",
        tenant.schema()
    );
    let call = sqlx::query_scalar(AssertSqlSafe(statement))
        .bind(&profiles.0)
        .bind(connector.as_str())
        .bind(columns.id)
        .bind(columns.environment)
        .bind(columns.profile_id)
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
        .bind(columns.received_at);
    answer(pg.pool(), tenant, call).await
}

/// Whether the journal keeps everything that the event says: a genuine push that asks for work.
fn is_for_the_journal(event: &NewEvent, connector: ConnectorName) -> bool {
    is_plain(event, connector)
        && event.source == EventSource::Webhook
        && event.disposition == Disposition::Due
}

/// See [`Store::file_journal_at_once`](hawker_ports::Store::file_journal_at_once).
pub(crate) async fn file_at_once(
    pg: &PgStore,
    tenant: &TenantSlug,
    now: Timestamp,
    batches_max: u32,
) -> Result<Option<Filed>, StoreError> {
    let place = pg.journal_place(tenant);
    let from = place.next();
    // The name comes from a validated slug.
    let statement = format!(
        "SELECT \"{}\".connector_event_journal_file($1, $2, $3)",
        tenant.schema()
    );
    let call = sqlx::query_scalar(AssertSqlSafe(statement))
        .bind(now)
        .bind(i32::try_from(batches_max).unwrap_or(i32::MAX))
        .bind(from);
    let answered: Result<Option<Vec<i64>>, _> = answer(pg.pool(), tenant, call).await;
    let Ok(Some(filed)) = answered else {
        // Whoever looks after a batch that is refused looks for the oldest one; and a repetition that was found at
        // the beginning is to be found there again.
        if answered.is_err() || from == BEGINNING {
            place.forget();
        }
        return answered.map(|_| None);
    };
    let count = |count: i64| u32::try_from(count).unwrap_or_default();
    match filed[..] {
        [0, ..] => Ok(Some(Filed::default())),
        [batches, stored, last] => {
            place.reached(last);
            Ok(Some(Filed {
                batches: count(batches),
                stored: count(stored),
                duplicates: 0,
            }))
        }
        _ => Ok(None),
    }
}

pub(super) async fn file(
    connection: &mut PgConnection,
    place: &JournalPlace,
    now: Timestamp,
    batches_max: u32,
) -> Result<Filed, Fault> {
    let filed = file_from(connection, place.next(), now, batches_max).await;
    match &filed {
        Ok(Some((_, last))) => place.reached(*last),
        // Whoever looks after a batch that is refused looks for the oldest one.
        Ok(None) | Err(_) => place.forget(),
    }
    Ok(filed?.map(|(filed, _)| filed).unwrap_or_default())
}

/// And the last batch that was filed.
async fn file_from(
    connection: &mut PgConnection,
    from: i64,
    now: Timestamp,
    batches_max: u32,
) -> Result<Option<(Filed, i64)>, Fault> {
    let mut batches = oldest(connection, from, now, batches_max).await?;
    if batches.is_empty() && from > BEGINNING {
        batches = oldest(connection, BEGINNING, now, batches_max).await?;
    }
    let Some(last) = batches.iter().map(|batch| batch.seq).max() else {
        return Ok(None);
    };
    let filed = file_these(connection, &batches).await?;
    Ok(Some((filed, last)))
}

/// Files batches that are locked.
pub(super) async fn file_these(
    connection: &mut PgConnection,
    batches: &[Batch],
) -> Result<Filed, Fault> {
    // Nobody waits for this commit: if it is lost, the batches are in the journal as before.
    sqlx::query("SET LOCAL synchronous_commit = off")
        .execute(&mut *connection)
        .await?;
    let taken: Vec<i64> = batches.iter().map(|batch| batch.seq).collect();
    let refused = refused_of(connection, &taken).await?;
    let again = store(connection, &refused).await?;
    let duplicates = again
        .iter()
        .filter(|is| **is == StoredAs::Duplicate)
        .count();
    let duplicates = u32::try_from(duplicates).unwrap_or(u32::MAX);
    let pushes: i64 = batches.iter().map(|batch| i64::from(batch.pushes)).sum();
    let pushes = u32::try_from(pushes).unwrap_or(u32::MAX);
    Ok(Filed {
        batches: u32::try_from(batches.len()).unwrap_or(u32::MAX),
        stored: pushes.saturating_sub(duplicates),
        duplicates,
    })
}

pub(super) struct Batch {
    pub(super) seq: i64,
    pub(super) pushes: i32,
    pub(super) first_received_at: Timestamp,
}

/// Those that nobody else is at, locked.
pub(super) async fn oldest(
    connection: &mut PgConnection,
    from: i64,
    now: Timestamp,
    batches_max: u32,
) -> Result<Vec<Batch>, Fault> {
    let batches = sqlx::query_as!(
        Batch,
        r#"
        SELECT seq, pushes, first_received_at AS "first_received_at!"
        FROM connector_event_journal
        WHERE seq >= $1 AND not_before <= $2
        ORDER BY seq
        LIMIT $3
        FOR UPDATE SKIP LOCKED
        "#,
        from,
        now,
        i64::from(batches_max),
    );
    Ok(batches.fetch_all(connection).await?)
}

/// Files batches; answers the pushes that others forestalled, of which few are more than repetitions.
async fn refused_of(
    connection: &mut PgConnection,
    batches: &[i64],
) -> Result<Vec<NewEvent>, Fault> {
    let refused = sqlx::query_file!("src/inbox/file_journal.sql", batches)
        .fetch_all(connection)
        .await?;
    let events = refused.into_iter().map(|row| {
        let scheme = read("event", &row.id, &row.signature_scheme)?;
        let key = read("event", &row.id, &row.signature_key)?;
        Ok(NewEvent {
            id: read("event", &row.id, &row.id)?,
            connector: read("event", &row.id, &row.connector)?,
            environment: read("event", &row.id, &row.environment)?,
            profile: row.profile_id.as_deref().and_then(ProfileId::parse),
            source: EventSource::Webhook,
            received_at: row.received_at,
            body: row.body,
            signature: row.signature,
            verdict: Some(Verdict::Genuine { scheme, key }),
            delivery_id: row.delivery_id,
            content: PushContent {
                code: row.event_type,
                shop: row.shop_id.map(ShopId),
                order_sn: row.order_sn.as_deref().and_then(OrderSn::parse),
                updated_at: row.marketplace_updated_at,
                tracking: row.tracking_number.map(|tracking_number| Tracking {
                    package_number: row.package_number.unwrap_or_default(),
                    tracking_number,
                    is_pushed: true,
                }),
                content_key: row.content_key,
                is_json: true,
                ..PushContent::default()
            },
            disposition: Disposition::Due,
        })
    });
    events.collect()
}
