//! Missing orders that nothing asks for any more.

use hawker_domain::event::EventSource;
use hawker_domain::ids::ProfileId;
use hawker_domain::{OrderSn, Timestamp};
use hawker_ports::reconciliation::OrdersOf;
use sqlx::PgConnection;

use crate::fault::{Fault, read};

/// An event that is parked waits for a person or a SKU, and brings the order no further by itself.
pub(super) async fn unasked(
    connection: &mut PgConnection,
    found_before: Timestamp,
    asked_since: Timestamp,
    at_most: u32,
) -> Result<Vec<(OrdersOf, OrderSn)>, Fault> {
    let rows = sqlx::query!(
        r#"
        SELECT day.profile_id, day.connector, day.environment, noted.order_sn
        FROM connector_day_order AS noted
        JOIN connector_day AS day USING (profile_id, day)
        LEFT JOIN connector_profile AS profile ON profile.id = day.profile_id
        WHERE noted.side = 'listed'
          AND noted.found_at < $1
          AND profile.deleted_at IS NULL
          AND NOT EXISTS (
              SELECT FROM connector_order AS held
              WHERE held.order_sn = noted.order_sn
                AND held.connector = day.connector
                AND held.environment = day.environment
                AND held.shopee_status IS NOT NULL
          )
          AND NOT EXISTS (
              SELECT FROM connector_event AS asking
              WHERE asking.order_sn = noted.order_sn
                AND asking.connector = day.connector
                AND asking.environment = day.environment
                AND asking.trusted
                AND (
                    NOT asking.processed
                        AND asking.profile_id IS NOT NULL
                        AND asking.next_attempt_at < 'infinity'
                    OR asking.source = $4 AND asking.received_at >= $2
                )
          )
        ORDER BY noted.found_at, noted.profile_id, noted.day, noted.order_sn
        LIMIT $3
        "#,
        found_before,
        asked_since,
        i64::from(at_most),
        EventSource::Reconcile.as_str(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let malformed = |what: &str| Fault::corrupt("day", &row.profile_id, what);
            let orders = OrdersOf {
                connector: read("day", &row.profile_id, &row.connector)?,
                environment: read("day", &row.profile_id, &row.environment)?,
                profile: ProfileId::parse(&row.profile_id)
                    .ok_or_else(|| malformed("the profile's id is malformed"))?,
            };
            let order_sn = OrderSn::parse(&row.order_sn)
                .ok_or_else(|| malformed("an order number is malformed"))?;
            Ok((orders, order_sn))
        })
        .collect()
}
