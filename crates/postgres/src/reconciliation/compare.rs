//! Comparing a page of a list with what we hold: one statement.

use std::collections::HashSet;

use hawker_domain::Timestamp;
use hawker_domain::order::OrderStatus;
use hawker_ports::reconciliation::{Comparison, Difference, OrdersOf};
use hawker_ports::recovery::ListedOrder;
use sqlx::PgConnection;

use crate::fault::Fault;

pub(super) async fn compare(
    connection: &mut PgConnection,
    orders: &OrdersOf,
    listed: &[ListedOrder],
    fetched_since: Option<Timestamp>,
) -> Result<Comparison, Fault> {
    let mut seen = HashSet::new();
    let listed: Vec<&ListedOrder> = listed
        .iter()
        .filter(|one| seen.insert(&one.order_sn))
        .collect();
    if listed.is_empty() {
        return Ok(Comparison::default());
    }
    let numbers: Vec<&str> = listed.iter().map(|one| one.order_sn.as_str()).collect();
    let statuses: Vec<Option<&str>> = listed
        .iter()
        .map(|one| one.status.as_ref().map(OrderStatus::as_str))
        .collect();
    // An event that is parked waits for a person or a SKU, and brings the order no further by itself.
    let rows = sqlx::query!(
        r#"
        SELECT
            known.shopee_status IS NULL OR known.profile_id <> $6 AS "is_missing!",
            coalesce(told.status <> known.shopee_status, false) AS "has_other_status!",
            coalesce(coalesce(known.seen_at, '-infinity') < $5, false) AS "is_older!",
            EXISTS (
                SELECT FROM connector_event AS waiting
                WHERE waiting.order_sn = told.order_sn
                  AND waiting.connector = $1
                  AND waiting.environment = $2
                  AND waiting.trusted
                  AND NOT waiting.processed
                  AND waiting.profile_id IS NOT NULL
                  AND waiting.next_attempt_at < 'infinity'
            ) AS "is_waited_for!"
        FROM UNNEST($3::text[], $4::text[]) WITH ORDINALITY AS told (order_sn, status, place)
        LEFT JOIN connector_order AS known
          ON known.order_sn = told.order_sn
         AND known.connector = $1
         AND known.environment = $2
        ORDER BY told.place
        "#,
        orders.connector.as_str(),
        orders.environment.as_str(),
        &numbers as _,
        &statuses as _,
        fetched_since,
        orders.profile.as_str(),
    )
    .fetch_all(connection)
    .await?;
    let mut comparison = Comparison::default();
    for (one, row) in listed.into_iter().zip(rows) {
        let difference = match (row.is_missing, row.has_other_status, row.is_older) {
            (true, _, _) => Difference::Missing,
            (_, true, _) => Difference::OtherStatus,
            (_, _, true) => Difference::Older,
            (false, false, false) => {
                comparison.agreeing += 1;
                continue;
            }
        };
        if row.is_waited_for {
            comparison.waiting += 1;
        } else {
            let differing = (one.order_sn.clone(), difference);
            comparison.differing.push(differing);
        }
    }
    Ok(comparison)
}
