//! The record of an order, by its number.

use hawker_domain::channel::OrderKey;
use hawker_domain::ids::ProfileId;
use hawker_domain::{ConnectorName, OrderSn};
use sqlx::PgConnection;

use crate::fault::{Fault, read};

pub(super) async fn find_order(
    connection: &mut PgConnection,
    connector: ConnectorName,
    order_sn: &OrderSn,
) -> Result<Vec<(OrderKey, ProfileId)>, Fault> {
    sqlx::query!(
        "SELECT id, environment, profile_id FROM connector_order
         WHERE order_sn = $1 AND connector = $2
         ORDER BY environment DESC",
        order_sn.as_str(),
        connector.as_str(),
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(|row| {
        let key = OrderKey {
            connector,
            environment: read("order", &row.id, &row.environment)?,
            order_sn: order_sn.clone(),
        };
        let profile = ProfileId::parse(&row.profile_id)
            .ok_or_else(|| Fault::corrupt("order", &row.id, "the profile's id is malformed"))?;
        Ok((key, profile))
    })
    .collect()
}
