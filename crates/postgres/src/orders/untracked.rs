//! Parcels whose tracking number is not known: `tracking_due_at` says when they are asked for.
//!
//! Whoever writes orders locks parcels in an order of its own. So nothing in here waits for a row while
//! it holds others: what somebody else has locked is passed over.

use hawker_domain::channel::OrderKey;
use hawker_domain::ids::{ProfileId, ShipmentId};
use hawker_domain::{OrderSn, Timestamp};
use hawker_ports::orders::UntrackedParcel;
use sqlx::PgConnection;

use crate::fault::{Fault, read};

pub(super) async fn due(
    connection: &mut PgConnection,
    now: Timestamp,
    at_most: u32,
) -> Result<Vec<UntrackedParcel>, Fault> {
    let due = sqlx::query_file!("src/orders/untracked.sql", now, i64::from(at_most))
        .fetch_all(connection)
        .await?;
    due.into_iter()
        .map(|row| {
            let malformed = |what: &str| Fault::corrupt("parcel", &row.id, what);
            Ok(UntrackedParcel {
                id: read("parcel", &row.id, &row.id)?,
                order: OrderKey {
                    connector: read("parcel", &row.id, &row.connector)?,
                    environment: read("parcel", &row.id, &row.environment)?,
                    order_sn: OrderSn::parse(&row.order_sn)
                        .ok_or_else(|| malformed("the order number is malformed"))?,
                },
                profile: ProfileId::parse(&row.profile_id)
                    .ok_or_else(|| malformed("the profile's id is malformed"))?,
                package_number: row.package_number,
                changed_at: row.marketplace_updated_at,
            })
        })
        .collect()
}

pub(super) async fn ask_again(
    connection: &mut PgConnection,
    parcels: &[(ShipmentId, Option<Timestamp>)],
) -> Result<(), Fault> {
    if parcels.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = parcels.iter().map(|(id, _)| id.to_string()).collect();
    let due_at: Vec<Option<Timestamp>> = parcels.iter().map(|(_, due_at)| *due_at).collect();
    sqlx::query!(
        r#"
        UPDATE order_shipment AS parcel
        SET tracking_due_at = coalesce(again.due_at, 'infinity')
        FROM (
            SELECT held.id, asked.due_at
            FROM order_shipment AS held
            JOIN UNNEST($1::text[], $2::timestamptz[]) AS asked (id, due_at) ON asked.id = held.id
            FOR UPDATE OF held SKIP LOCKED
        ) AS again
        WHERE parcel.id = again.id
        "#,
        &ids,
        &due_at as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}
