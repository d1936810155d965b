//! Comparing the marketplace's list of released payouts with what we hold.

use std::collections::{BTreeMap, HashMap};

use hawker_domain::Timestamp;
use hawker_domain::escrow::VersionCause;
use hawker_ports::escrow::ReleaseOutcome;
use hawker_ports::reconciliation::OrdersOf;
use hawker_ports::recovery::Release;
use rust_decimal::Decimal;
use sqlx::PgConnection;

use super::due;
use crate::fault::Fault;

/// A payout as far as a release concerns it.
struct Paid {
    payout: Decimal,
    released_at: Option<Timestamp>,
}

/// What a payout is found to be: released then, and due.
#[derive(Default)]
struct Found<'a> {
    noted: BTreeMap<&'a str, Timestamp>,
    due: BTreeMap<&'a str, &'a str>,
    unknown: Vec<&'a Release>,
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
    let mut paid = lock_paid(connection, orders, &numbers).await?;
    let held = held(connection, orders, &numbers).await?;
    let found = found(releases, &mut paid, &held);
    write(connection, orders, &found.noted, now).await?;
    let records: Vec<String> = found.due.values().map(ToString::to_string).collect();
    due::make_records_due(connection, &records, now).await?;
    let count = |many: usize| u64::try_from(many).unwrap_or(u64::MAX);
    let unknown = found.unknown.iter();
    Ok(ReleaseOutcome {
        noted: count(found.noted.len()),
        made_due: count(records.len()),
        unknown: unknown.map(|release| release.order_sn.clone()).collect(),
    })
}

fn found<'a>(
    releases: &'a [Release],
    paid: &mut HashMap<String, Paid>,
    held: &'a HashMap<String, String>,
) -> Found<'a> {
    let mut found = Found::default();
    for release in releases {
        let number = release.order_sn.as_str();
        let Some(record) = held.get(number) else {
            let is_told = |told: &&Release| told.order_sn == release.order_sn;
            if !found.unknown.iter().any(is_told) {
                found.unknown.push(release);
            }
            continue;
        };
        let Some(known) = paid.get_mut(number) else {
            found.due.insert(number, record);
            continue;
        };
        let is_as_told = release.payout.is_none_or(|told| told == known.payout);
        if known.released_at.is_none() {
            known.released_at = Some(release.released_at);
            found.noted.insert(number, release.released_at);
            found.due.insert(number, record);
        } else if !is_as_told {
            found.due.insert(number, record);
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
        SELECT ordersn, payout AS "payout!", escrow_release_time
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
            released_at: row.escrow_release_time,
        };
        (row.ordersn, paid)
    });
    Ok(paid.collect())
}

/// The records of those that we hold, by their numbers.
async fn held(
    connection: &mut PgConnection,
    orders: &OrdersOf,
    numbers: &[&str],
) -> Result<HashMap<String, String>, Fault> {
    let rows = sqlx::query!(
        "SELECT order_sn, id FROM connector_order
         WHERE order_sn = ANY ($3) AND connector = $1 AND environment = $2
           AND shopee_status IS NOT NULL",
        orders.connector.as_str(),
        orders.environment.as_str(),
        numbers as _,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.order_sn, row.id)).collect())
}

/// The database keeps the rest of each new version as it was.
async fn write(
    connection: &mut PgConnection,
    orders: &OrdersOf,
    noted: &BTreeMap<&str, Timestamp>,
    now: Timestamp,
) -> Result<(), Fault> {
    if noted.is_empty() {
        return Ok(());
    }
    let (numbers, times): (Vec<&str>, Vec<Timestamp>) =
        noted.iter().map(|(number, at)| (*number, *at)).unzip();
    sqlx::query!(
        "UPDATE shopee_escrow AS known
         SET escrow_release_time = told.released_at,
             version = known.version + 1,
             cause = $4,
             known_at = greatest(known.known_at, $5)
         FROM UNNEST($2::text[], $3::timestamptz[]) AS told (ordersn, released_at)
         WHERE known.environment = $1 AND known.ordersn = told.ordersn",
        orders.environment.as_str(),
        &numbers as _,
        &times,
        VersionCause::Released.as_str(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
