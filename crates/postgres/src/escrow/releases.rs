//! Comparing the marketplace's list of released payouts with what we hold.

use std::collections::HashMap;

use hawker_domain::escrow::VersionCause;
use hawker_domain::{OrderSn, Timestamp};
use hawker_ports::escrow::{ReleaseOutcome, latest_of_each};
use hawker_ports::reconciliation::OrdersOf;
use hawker_ports::recovery::Release;
use rust_decimal::Decimal;
use sqlx::PgConnection;

use super::due;
use crate::fault::Fault;

/// A payout as far as a release concerns it.
struct Paid {
    payout: Decimal,
    /// What the list told of it before.
    listed: Option<Decimal>,
    released_at: Option<Timestamp>,
}

/// What we keep of an order.
struct Record {
    id: String,
    /// Whether it was ever fetched.
    is_held: bool,
}

impl Paid {
    /// What the list tells, where that is not what we know.
    fn differing(&self, listed: Option<Decimal>) -> Option<Decimal> {
        listed.filter(|listed| *listed != self.payout)
    }
}

/// What payouts are found to be: released then, listed with so much if that differs, and due; and the
/// records of those that are released before they are captured.
#[derive(Default)]
struct Found<'a> {
    early: Vec<(&'a str, Timestamp)>,
    noted: Vec<(&'a str, Timestamp)>,
    listed: Vec<(&'a str, Option<Decimal>)>,
    due: Vec<String>,
    unknown: Vec<OrderSn>,
}

pub(super) async fn note(
    connection: &mut PgConnection,
    orders: &OrdersOf,
    releases: &[Release],
    now: Timestamp,
) -> Result<ReleaseOutcome, Fault> {
    let numbers: Vec<&str> = releases
        .iter()
        .map(|release| release.order_sn.as_str())
        .collect();
    if numbers.is_empty() {
        return Ok(ReleaseOutcome::default());
    }
    let paid = lock_paid(connection, orders, &numbers).await?;
    let records = records(connection, orders, &numbers).await?;
    let found = found(releases, &paid, &records);
    write_early(connection, &found.early).await?;
    write_times(connection, orders, &found.noted).await?;
    write_listed(connection, orders, &found.listed).await?;
    due::make_records_due(connection, &found.due, now).await?;
    let count = |many: usize| u64::try_from(many).unwrap_or(u64::MAX);
    Ok(ReleaseOutcome {
        noted: count(found.noted.len()),
        made_due: count(found.due.len()),
        unknown: found.unknown,
    })
}

fn found<'a>(
    releases: &'a [Release],
    paid: &HashMap<String, Paid>,
    records: &'a HashMap<String, Record>,
) -> Found<'a> {
    let mut found = Found::default();
    for release in latest_of_each(releases) {
        let number = release.order_sn.as_str();
        let (record, paid) = (records.get(number), paid.get(number));
        if let (Some(record), None) = (record, paid) {
            found.early.push((&record.id, release.released_at));
        }
        let Some(record) = record.filter(|record| record.is_held) else {
            found.unknown.push(release.order_sn.clone());
            continue;
        };
        let Some(known) = paid else {
            found.due.push(record.id.clone());
            continue;
        };
        if known.released_at > Some(release.released_at) {
            continue;
        }
        let is_noted = known.released_at != Some(release.released_at);
        if is_noted {
            found.noted.push((number, release.released_at));
        }
        let differing = known.differing(release.payout);
        let is_news = release.payout.is_some() && differing != known.differing(known.listed);
        if is_news {
            found.listed.push((number, differing));
        }
        if is_noted || is_news {
            found.due.push(record.id.clone());
        }
    }
    found
}

async fn lock_paid(
    connection: &mut PgConnection,
    orders: &OrdersOf,
    numbers: &[&str],
) -> Result<HashMap<String, Paid>, Fault> {
    let rows = sqlx::query!(
        r#"
        SELECT ordersn, payout AS "payout!", listed_payout, escrow_release_time
        FROM shopee_escrow
        WHERE environment = $1 AND ordersn = ANY ($2)
        ORDER BY environment, ordersn
        FOR UPDATE
        "#,
        orders.environment.as_str(),
        numbers as _,
    )
    .fetch_all(connection)
    .await?;
    let paid = rows.into_iter().map(|row| {
        let paid = Paid {
            payout: row.payout,
            listed: row.listed_payout,
            released_at: row.escrow_release_time,
        };
        (row.ordersn, paid)
    });
    Ok(paid.collect())
}

/// The records of those that something is kept of, by their numbers.
async fn records(
    connection: &mut PgConnection,
    orders: &OrdersOf,
    numbers: &[&str],
) -> Result<HashMap<String, Record>, Fault> {
    let rows = sqlx::query!(
        r#"
        SELECT order_sn, id, shopee_status IS NOT NULL AS "is_held!"
        FROM connector_order
        WHERE order_sn = ANY ($3) AND connector = $1 AND environment = $2
        "#,
        orders.connector.as_str(),
        orders.environment.as_str(),
        numbers as _,
    )
    .fetch_all(connection)
    .await?;
    let records = rows.into_iter().map(|row| {
        let record = Record {
            id: row.id,
            is_held: row.is_held,
        };
        (row.order_sn, record)
    });
    Ok(records.collect())
}

/// The first version of their payouts takes it over. Rows are locked in the order of their numbers, as
/// whoever writes orders does.
async fn write_early(
    connection: &mut PgConnection,
    early: &[(&str, Timestamp)],
) -> Result<(), Fault> {
    if early.is_empty() {
        return Ok(());
    }
    let (records, times): (Vec<&str>, Vec<Timestamp>) = early.iter().copied().unzip();
    sqlx::query!(
        "UPDATE connector_order AS known
         SET released_at = held.told
         FROM (
             SELECT record.id, told.released_at AS told
             FROM connector_order AS record
             JOIN UNNEST($1::text[], $2::timestamptz[]) AS told (id, released_at)
               ON record.id = told.id
              AND coalesce(record.released_at, '-infinity') < told.released_at
             ORDER BY record.order_sn
             FOR UPDATE OF record
         ) AS held
         WHERE known.id = held.id",
        &records as _,
        &times,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The database keeps the rest of each new version as it was.
async fn write_times(
    connection: &mut PgConnection,
    orders: &OrdersOf,
    noted: &[(&str, Timestamp)],
) -> Result<(), Fault> {
    if noted.is_empty() {
        return Ok(());
    }
    let (numbers, times): (Vec<&str>, Vec<Timestamp>) = noted.iter().copied().unzip();
    sqlx::query!(
        "UPDATE shopee_escrow AS known
         SET escrow_release_time = told.released_at,
             version = known.version + 1,
             cause = $4
         FROM UNNEST($2::text[], $3::timestamptz[]) AS told (ordersn, released_at)
         WHERE known.environment = $1 AND known.ordersn = told.ordersn",
        orders.environment.as_str(),
        &numbers as _,
        &times,
        VersionCause::Released.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// No version: what is paid out did not change by it.
async fn write_listed(
    connection: &mut PgConnection,
    orders: &OrdersOf,
    listed: &[(&str, Option<Decimal>)],
) -> Result<(), Fault> {
    if listed.is_empty() {
        return Ok(());
    }
    let (numbers, amounts): (Vec<&str>, Vec<Option<Decimal>>) = listed.iter().copied().unzip();
    sqlx::query!(
        "UPDATE shopee_escrow AS known
         SET listed_payout = told.payout
         FROM UNNEST($2::text[], $3::numeric[]) AS told (ordersn, payout)
         WHERE known.environment = $1 AND known.ordersn = told.ordersn",
        orders.environment.as_str(),
        &numbers as _,
        &amounts as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}
