//! Keeping what was captured: the domain says whether it is a new version, the database keeps the
//! versions.
//!
//! Since when a version is known is decided by the database, by its own clock, as the row is written
//! (`shopee_escrow_is_changed`): a report that was made before does not show it, so that it can be made
//! again. A report that is made between that moment and the commit, or by a process whose clock is ahead of
//! the database's, may lack a version that it has later.

use std::collections::{HashMap, HashSet};

use hawker_domain::channel::OrderKey;
use hawker_domain::escrow::{Escrow, EscrowVersion, VersionCause, change};
use hawker_domain::{ConnectorName, Timestamp};
use sqlx::PgConnection;

use super::EscrowRow;
use super::columns::{Columns, storable_escrow};
use crate::fault::Fault;

/// A payout that another process captured for the first time at the same moment is there at the second
/// try, and locked.
const TRIES: u32 = 2;

/// What identifies a payout: environment and order number.
type Place = (String, String);

/// What is to be written of some payouts.
#[derive(Default)]
struct Changes {
    versions: Columns,
    /// Which of the payouts these are, and why they are new versions.
    of: HashMap<Place, (usize, VersionCause)>,
    unchanged: Unchanged,
}

/// Payouts that are as they were.
#[derive(Default)]
struct Unchanged {
    environment: Vec<&'static str>,
    ordersn: Vec<String>,
    fetched_at: Vec<Timestamp>,
}

pub(super) async fn keep(
    connection: &mut PgConnection,
    escrows: &[Escrow],
) -> Result<Vec<Option<VersionCause>>, Fault> {
    let escrows: Vec<Escrow> = escrows.iter().map(storable_escrow).collect();
    let mut causes = vec![None; escrows.len()];
    let mut open: Vec<usize> = (0..escrows.len()).collect();
    for _ in 0..TRIES {
        if open.is_empty() {
            return Ok(causes);
        }
        let known = lock(connection, open.iter().map(|place| &escrows[*place].key)).await?;
        let changes = changes(&escrows, &open, &known)?;
        note_fetch(connection, &changes.unchanged).await?;
        let written = write(connection, &changes.versions).await?;
        open.clear();
        for (place, (index, cause)) in changes.of {
            if written.contains(&place) {
                causes[index] = Some(cause);
            } else {
                open.push(index);
            }
        }
    }
    if open.is_empty() {
        Ok(causes)
    } else {
        Err(Fault::Refused(
            "a payout was removed while it was being kept".to_owned(),
        ))
    }
}

fn place(key: &OrderKey) -> Place {
    (key.environment.to_string(), key.order_sn.to_string())
}

/// An answer that was overtaken changes nothing.
fn changes(
    escrows: &[Escrow],
    open: &[usize],
    known: &HashMap<Place, EscrowVersion>,
) -> Result<Changes, Fault> {
    let mut changes = Changes::default();
    for index in open.iter().copied() {
        let fetched = &escrows[index];
        let before = known.get(&place(&fetched.key));
        if before.is_some_and(|before| before.escrow.fetched_at > fetched.fetched_at) {
            continue;
        }
        let before_it = before.map(|before| &before.escrow);
        let kept = fetched.clone().following(before_it);
        let Some(cause) = change(before_it, &kept) else {
            changes.unchanged.push(fetched);
            continue;
        };
        let number = before.map_or(0, |before| before.number) + 1;
        let number = i32::try_from(number).map_err(|error| Fault::Refused(error.to_string()))?;
        changes.versions.push(&kept, number, cause)?;
        changes.of.insert(place(&fetched.key), (index, cause));
    }
    Ok(changes)
}

impl Unchanged {
    fn push(&mut self, escrow: &Escrow) {
        self.environment.push(escrow.key.environment.as_str());
        self.ordersn.push(escrow.key.order_sn.to_string());
        self.fetched_at.push(escrow.fetched_at);
    }
}

/// What is known of these payouts, locked in one order for everybody.
async fn lock(
    connection: &mut PgConnection,
    keys: impl Iterator<Item = &OrderKey>,
) -> Result<HashMap<Place, EscrowVersion>, Fault> {
    let (environments, numbers): (Vec<&str>, Vec<&str>) = keys
        .map(|key| (key.environment.as_str(), key.order_sn.as_str()))
        .unzip();
    sqlx::query_as!(
        EscrowRow,
        r#"
        SELECT environment, ordersn, version, cause, known_at, escrow_amount, original_price,
               seller_discount, shopee_discount, voucher_from_seller, voucher_from_shopee,
               commission_fee, service_fee, seller_transaction_fee, actual_shipping_fee,
               seller_lost_compensation, buyer_total_amount, parts, adjustments, returns,
               is_converted, currency, escrow_release_time,
               raw_escrow_payload::text AS "payload!", fetched_at
        FROM shopee_escrow
        WHERE (environment, ordersn) IN (SELECT * FROM UNNEST($1::text[], $2::text[]))
        ORDER BY environment, ordersn
        FOR UPDATE
        "#,
        &environments as _,
        &numbers as _,
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(|row| {
        let place = (row.environment.clone(), row.ordersn.clone());
        Ok((place, row.try_into()?))
    })
    .collect()
}

async fn note_fetch(connection: &mut PgConnection, unchanged: &Unchanged) -> Result<(), Fault> {
    if unchanged.ordersn.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "UPDATE shopee_escrow AS known
         SET fetched_at = fetched.fetched_at
         FROM UNNEST($1::text[], $2::text[], $3::timestamptz[])
             AS fetched (environment, ordersn, fetched_at)
         WHERE known.environment = fetched.environment AND known.ordersn = fetched.ordersn",
        &unchanged.environment as _,
        &unchanged.ordersn,
        &unchanged.fetched_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The payload goes in as text: numbers keep every digit that they came with. Answers which were
/// written: not those that somebody else has captured in the meantime.
async fn write(connection: &mut PgConnection, columns: &Columns) -> Result<HashSet<Place>, Fault> {
    if columns.ordersn.is_empty() {
        return Ok(HashSet::new());
    }
    let written = sqlx::query_file!(
        "src/escrow/write_versions.sql",
        &columns.environment as _,
        &columns.ordersn,
        &columns.version,
        &columns.cause as _,
        &columns.escrow_amount,
        &columns.original_price,
        &columns.seller_discount,
        &columns.shopee_discount,
        &columns.voucher_from_seller,
        &columns.voucher_from_shopee,
        &columns.commission_fee,
        &columns.service_fee,
        &columns.seller_transaction_fee,
        &columns.actual_shipping_fee,
        &columns.seller_lost_compensation,
        &columns.buyer_total_amount,
        &columns.adjustment,
        &columns.computed as _,
        &columns.parts,
        &columns.adjustments,
        &columns.returns,
        &columns.is_converted,
        &columns.currency,
        &columns.escrow_release_time as _,
        &columns.raw_escrow_payload,
        &columns.fetched_at,
    )
    .fetch_all(connection)
    .await?;
    Ok(written
        .into_iter()
        .map(|row| (row.environment, row.ordersn))
        .collect())
}

pub(super) async fn find(
    connection: &mut PgConnection,
    order: &OrderKey,
) -> Result<Option<Escrow>, Fault> {
    if order.connector != ConnectorName::Shopee {
        return Ok(None);
    }
    let row = sqlx::query_as!(
        EscrowRow,
        r#"
        SELECT environment, ordersn, version, cause, known_at, escrow_amount, original_price,
               seller_discount, shopee_discount, voucher_from_seller, voucher_from_shopee,
               commission_fee, service_fee, seller_transaction_fee, actual_shipping_fee,
               seller_lost_compensation, buyer_total_amount, parts, adjustments, returns,
               is_converted, currency, escrow_release_time,
               raw_escrow_payload::text AS "payload!", fetched_at
        FROM shopee_escrow
        WHERE environment = $1 AND ordersn = $2
        "#,
        order.environment.as_str(),
        order.order_sn.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| Ok(EscrowVersion::try_from(row)?.escrow))
        .transpose()
}
