//! Claiming due orders: short, bounded, and safe among any number of workers.
//!
//! A claim first locks one due event for each order that it takes, passing over those that somebody else is
//! looking at (`SKIP LOCKED`), so that workers who come at the same time get different work. What makes a double claim impossible is the lease
//! on `connector_order`: it is taken by an upsert that succeeds only while the order is free.
//!
//! The database refuses what cannot be read. A row that got in all the same is passed over and told
//! of in the log: it holds up nothing but itself.

use std::collections::HashMap;

use hawker_domain::event::{EventSource, Tracking};
use hawker_domain::ids::ProfileId;
use hawker_domain::{ConnectorName, Environment, OrderSn, Timestamp};
use hawker_ports::inbox::{ClaimRequest, ClaimedBatch, ClaimedOrder};
use sqlx::{Executor as _, PgConnection};

use crate::fault::{Fault, read};

/// An order in the queue has a handful of events. At most so many of them are looked at for each order that
/// is wanted: enough for a full batch, few enough for one look.
const EVENTS_PER_ORDER: u32 = 8;

/// Somebody may commit the lease of what this worker has just chosen; at the next look it is seen.
const LEASE_TRIES: u32 = 3;

/// A profile with due work, and what its orders are numbered by, as stored.
struct SourceRow {
    profile_id: String,
    connector: String,
    environment: String,
}

/// The same, understood.
struct Source {
    profile: ProfileId,
    connector: ConnectorName,
    environment: Environment,
}

struct Leased {
    id: String,
    order_sn: String,
    attempts: i32,
}

pub(super) async fn claim(
    connection: &mut PgConnection,
    request: &ClaimRequest,
) -> Result<Option<ClaimedBatch>, Fault> {
    let mut except: Vec<String> = request.except.iter().map(ToString::to_string).collect();
    let mut unknown: Vec<String> = Vec::new();
    // Ends: every turn either answers or takes one more profile or connector out.
    loop {
        let Some(row) = longest_waiting(connection, &except, &unknown, request.now).await? else {
            return Ok(None);
        };
        let Some(connector) = readable(read("event", &row.profile_id, &row.connector)) else {
            unknown.push(row.connector);
            continue;
        };
        let Some(source) = readable(source(connector, &row)) else {
            except.push(row.profile_id);
            continue;
        };
        let mut tries = 0;
        while tries < LEASE_TRIES {
            connection.execute("SAVEPOINT lease").await?;
            let leased = lease_orders(connection, &source, request).await?;
            if !leased.is_empty() {
                let batch = batch(connection, &source, leased, request).await?;
                if !batch.orders.is_empty() {
                    return Ok(Some(batch));
                }
                // Nothing of it can be read. Leased, it is out of the way.
                continue;
            }
            // What was looked at in vain is locked. Letting go of it keeps everybody's locks in the
            // order in which one statement takes them, so that nobody waits in a circle.
            connection.execute("ROLLBACK TO SAVEPOINT lease").await?;
            tries += 1;
        }
        // Others are about to take all that is due there.
        except.push(row.profile_id);
    }
}

/// The profile whose due work has waited longest, unless others have leased it all.
async fn longest_waiting(
    connection: &mut PgConnection,
    except: &[String],
    unknown: &[String],
    now: Timestamp,
) -> Result<Option<SourceRow>, Fault> {
    let row = sqlx::query_file_as!(
        SourceRow,
        "src/inbox/longest_waiting.sql",
        except,
        now,
        unknown,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row)
}

fn source(connector: ConnectorName, row: &SourceRow) -> Result<Source, Fault> {
    Ok(Source {
        profile: ProfileId::parse(&row.profile_id)
            .ok_or_else(|| Fault::corrupt("profile", &row.profile_id, "the id is malformed"))?,
        connector,
        environment: read("profile", &row.profile_id, &row.environment)?,
    })
}

/// What was read, unless it cannot be: then the log says why.
fn readable<T>(read: Result<T, Fault>) -> Option<T> {
    read.inspect_err(|fault| tracing::error!(?fault, "a row of the queue is passed over"))
        .ok()
}

async fn lease_orders(
    connection: &mut PgConnection,
    source: &Source,
    request: &ClaimRequest,
) -> Result<Vec<Leased>, Fault> {
    let leased = sqlx::query_file_as!(
        Leased,
        "src/inbox/lease_orders.sql",
        source.profile.as_str(),
        source.connector.as_str(),
        source.environment.as_str(),
        request.now,
        i64::from(request.orders_max.saturating_mul(EVENTS_PER_ORDER)),
        i64::from(request.orders_max),
        request.lease.to_string(),
        request.lease_until,
    )
    .fetch_all(connection)
    .await?;
    Ok(leased)
}

/// The claimed orders with everything that is pending for them.
async fn batch(
    connection: &mut PgConnection,
    source: &Source,
    leased: Vec<Leased>,
    request: &ClaimRequest,
) -> Result<ClaimedBatch, Fault> {
    let numbers: Vec<String> = leased.iter().map(|order| order.order_sn.clone()).collect();
    // By the order alone, whatever the plan was made upon: the index by content has connector and environment
    // behind it, and that of due events all that is pending; each would be read from end to end.
    let pending = sqlx::query!(
        r#"
        SELECT id, source, order_sn AS "order_sn!", package_number, tracking_number,
               marketplace_updated_at, asked_again,
               NULLIF(next_attempt_at, 'infinity') AS next_attempt_at
        FROM connector_event
        WHERE order_sn = ANY ($1)
          AND connector IS NOT DISTINCT FROM $2
          AND environment IS NOT DISTINCT FROM $3
          AND trusted IS NOT DISTINCT FROM true
          AND processed IS DISTINCT FROM true
        ORDER BY received_at, id
        "#,
        &numbers,
        source.connector.as_str(),
        source.environment.as_str(),
    )
    .fetch_all(&mut *connection)
    .await?;

    let mut asked_again = (Vec::new(), Vec::new());
    let mut orders = HashMap::with_capacity(leased.len());
    for row in leased {
        if let Some(order) = readable(claimed(&row)) {
            let waits_since: Option<(Timestamp, String)> = None;
            orders.insert(row.order_sn, (waits_since, order));
        }
    }
    for event in pending {
        let Some((waits_since, order)) = orders.get_mut(&event.order_sn) else {
            continue;
        };
        let Some(id) = readable(read("event", &event.id, &event.id)) else {
            continue;
        };
        order.events.push(id);
        order.hinted_at = order.hinted_at.max(event.marketplace_updated_at);
        if let Some(tracking_number) = event.tracking_number {
            let source: Option<EventSource> = readable(read("event", &event.id, &event.source));
            order.tracking.push(Tracking {
                package_number: event.package_number.unwrap_or_default(),
                tracking_number,
                is_pushed: source.is_some_and(EventSource::is_push),
            });
        }
        if event.asked_again {
            order.attempts = 0;
            asked_again.0.push(event.id.clone());
            asked_again.1.push(order.sync.to_string());
        }
        if let Some(due_since) = event.next_attempt_at {
            let waits = (due_since, event.id);
            if waits_since.as_ref().is_none_or(|earlier| waits < *earlier) {
                *waits_since = Some(waits);
            }
        }
    }
    if !asked_again.0.is_empty() {
        start_over(connection, &asked_again.0, &asked_again.1).await?;
    }

    let mut orders: Vec<_> = orders
        .into_values()
        .filter(|(_, order)| !order.events.is_empty())
        .collect();
    orders.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(ClaimedBatch {
        lease: request.lease,
        connector: source.connector,
        environment: source.environment,
        profile: source.profile.clone(),
        orders: orders.into_iter().map(|(_, order)| order).collect(),
    })
}

/// A leased order without its events.
fn claimed(row: &Leased) -> Result<ClaimedOrder, Fault> {
    Ok(ClaimedOrder {
        sync: read("order", &row.order_sn, &row.id)?,
        order_sn: OrderSn::parse(&row.order_sn)
            .filter(|order_sn| order_sn.as_str() == row.order_sn)
            .ok_or_else(|| Fault::corrupt("order", &row.id, "the order number is malformed"))?,
        attempts: u32::try_from(row.attempts).unwrap_or_default(),
        events: Vec::new(),
        tracking: Vec::new(),
        hinted_at: None,
    })
}

/// Somebody asked for these events again: the attempts of their orders start over, and from here on
/// the events are like any other. One that another worker is just looking at keeps its mark, which
/// makes it due once more; waiting for that worker could be waiting in a circle.
async fn start_over(
    connection: &mut PgConnection,
    events: &[String],
    orders: &[String],
) -> Result<(), Fault> {
    sqlx::query!(
        "UPDATE connector_event SET asked_again = false
         WHERE id IN (SELECT id FROM connector_event WHERE id = ANY ($1) FOR UPDATE SKIP LOCKED)",
        events,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "UPDATE connector_order SET attempts = 0 WHERE id = ANY ($1)",
        orders
    )
    .execute(connection)
    .await?;
    Ok(())
}
