//! Orders whose payout details are due.

use hawker_domain::channel::OrderKey;
use hawker_domain::ids::ProfileId;
use hawker_domain::{OrderSn, Timestamp};
use hawker_ports::escrow::{DueEscrow, KnownPayout};
use hawker_ports::reconciliation::OrdersOf;
use sqlx::PgConnection;

use crate::fault::{Fault, read};

/// An order becomes due when it is written, so its currency is known; what somebody made due by hand
/// before that waits until it is.
pub(super) async fn claim(
    connection: &mut PgConnection,
    now: Timestamp,
    lease_until: Timestamp,
    at_most: u32,
) -> Result<Vec<DueEscrow>, Fault> {
    let mut claimed = sqlx::query!(
        r#"
        WITH claimed AS (
            UPDATE connector_order AS known
            SET escrow_due_at = $2
            FROM (
                SELECT id, escrow_due_at FROM connector_order
                WHERE escrow_due_at <= $1 AND currency IS NOT NULL
                ORDER BY escrow_due_at, id
                LIMIT $3
                FOR UPDATE SKIP LOCKED
            ) AS due
            WHERE known.id = due.id
            RETURNING known.*, due.escrow_due_at AS due_since
        )
        SELECT claimed.id AS "id!", claimed.connector AS "connector!",
               claimed.environment AS "environment!", claimed.order_sn AS "order_sn!",
               claimed.profile_id AS "profile_id!", claimed.currency AS "currency!",
               coalesce(claimed.marketplace_updated_at, claimed.created_at) AS "completed_at!",
               claimed.escrow_due_at AS "leased_until!", claimed.due_since AS "due_since!",
               coalesce(kept.escrow_release_time, claimed.released_at) AS "released_at?",
               kept.escrow_amount AS "escrow_amount?",
               nullif(kept.listed_payout, kept.payout) AS "listed?"
        FROM claimed
        LEFT JOIN shopee_escrow AS kept
          ON kept.environment = claimed.environment AND kept.ordersn = claimed.order_sn
        "#,
        now,
        lease_until,
        i64::from(at_most),
    )
    .fetch_all(connection)
    .await?;
    claimed.sort_by(|a, b| (a.due_since, &a.id).cmp(&(b.due_since, &b.id)));
    claimed
        .into_iter()
        .map(|row| {
            let malformed = |what: &str| Fault::corrupt("order", &row.id, what);
            Ok(DueEscrow {
                sync: read("order", &row.id, &row.id)?,
                key: OrderKey {
                    connector: read("order", &row.id, &row.connector)?,
                    environment: read("order", &row.id, &row.environment)?,
                    order_sn: OrderSn::parse(&row.order_sn)
                        .ok_or_else(|| malformed("the order number is malformed"))?,
                },
                profile: ProfileId::parse(&row.profile_id)
                    .ok_or_else(|| malformed("the profile's id is malformed"))?,
                currency: read("order", &row.id, &row.currency)?,
                completed_at: row.completed_at,
                released_at: row.released_at,
                known: row.escrow_amount.map(|escrow_amount| KnownPayout {
                    escrow_amount,
                    listed: row.listed,
                }),
                leased_until: row.leased_until,
            })
        })
        .collect()
}

/// Ends claims. The rows are locked in the order of their numbers, as whoever writes orders does.
pub(super) async fn report(
    connection: &mut PgConnection,
    claimed: &[DueEscrow],
    due_at: Option<Timestamp>,
) -> Result<(), Fault> {
    if claimed.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = claimed.iter().map(|claim| claim.sync.to_string()).collect();
    let leased_until: Vec<Timestamp> = claimed.iter().map(|claim| claim.leased_until).collect();
    sqlx::query!(
        r#"
        UPDATE connector_order AS known
        SET escrow_due_at = $3
        FROM (
            SELECT held.id
            FROM connector_order AS held
            JOIN UNNEST($1::text[], $2::timestamptz[]) AS claim (id, leased_until)
              ON held.id = claim.id AND held.escrow_due_at = claim.leased_until
            ORDER BY held.order_sn
            FOR UPDATE OF held
        ) AS reported
        WHERE known.id = reported.id
        "#,
        &ids,
        &leased_until,
        due_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn rest(
    connection: &mut PgConnection,
    profile: &ProfileId,
    now: Timestamp,
    until: Timestamp,
) -> Result<(), Fault> {
    sqlx::query!(
        r#"
        UPDATE connector_order AS known
        SET escrow_due_at = $3
        FROM (
            SELECT id FROM connector_order
            WHERE profile_id = $1 AND escrow_due_at <= $2
            FOR UPDATE SKIP LOCKED
        ) AS due
        WHERE known.id = due.id
        "#,
        profile.as_str(),
        now,
        until,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn make_due(
    connection: &mut PgConnection,
    orders: &[OrderKey],
    now: Timestamp,
) -> Result<Vec<bool>, Fault> {
    let connectors: Vec<&str> = orders.iter().map(|key| key.connector.as_str()).collect();
    let environments: Vec<&str> = orders.iter().map(|key| key.environment.as_str()).collect();
    let numbers: Vec<&str> = orders.iter().map(|key| key.order_sn.as_str()).collect();
    let completed = sqlx::query_scalar!(
        r#"
        SELECT completed.id AS "id?"
        FROM UNNEST($1::text[], $2::text[], $3::text[])
            WITH ORDINALITY AS asked (connector, environment, order_sn, place)
        LEFT JOIN (
            connector_order AS completed
            JOIN sales_order AS head ON head.id = completed.order_id AND head.status = 'completed'
        ) ON completed.order_sn = asked.order_sn
         AND completed.connector = asked.connector
         AND completed.environment = asked.environment
        ORDER BY asked.place
        "#,
        &connectors as _,
        &environments as _,
        &numbers as _,
    )
    .fetch_all(&mut *connection)
    .await?;
    let ids: Vec<String> = completed.iter().flatten().cloned().collect();
    make_records_due(connection, &ids, now).await?;
    Ok(completed.iter().map(Option::is_some).collect())
}

/// A claim, if there is one, no longer holds them.
pub(super) async fn make_records_due(
    connection: &mut PgConnection,
    records: &[String],
    now: Timestamp,
) -> Result<(), Fault> {
    if records.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        UPDATE connector_order AS known
        SET escrow_due_at = $2
        FROM (
            SELECT id FROM connector_order
            WHERE id = ANY ($1) AND coalesce(escrow_due_at, 'infinity') > $2
            ORDER BY order_sn
            FOR UPDATE
        ) AS later
        WHERE known.id = later.id
        "#,
        records,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn make_missing_due(
    connection: &mut PgConnection,
    orders: &OrdersOf,
    since: Timestamp,
    now: Timestamp,
) -> Result<u64, Fault> {
    let made_due = sqlx::query_file!(
        "src/escrow/make_missing_due.sql",
        orders.connector.as_str(),
        orders.environment.as_str(),
        orders.profile.as_str(),
        since,
        now,
    )
    .execute(connection)
    .await?;
    Ok(made_due.rows_affected())
}
