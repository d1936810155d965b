//! One order with everything about it.

use std::collections::HashMap;

use hawker_domain::OrderSn;
use hawker_domain::order::Address;
use hawker_ports::views::{OrderDetail, OrderLineRow, OrderSummary, ShipmentRow, TimelineRow};
use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::{SUMMARY, SummaryRow};
use crate::fault::Fault;

/// The order with this number; the live one where both environments have it.
pub(in crate::views) async fn find(
    connection: &mut PgConnection,
    order_sn: &OrderSn,
) -> Result<Option<OrderDetail>, Fault> {
    let mut query = QueryBuilder::<Postgres>::new(SUMMARY);
    query
        .push(" AND known.order_sn = ")
        .push_bind(order_sn.as_str());
    query.push(" ORDER BY known.environment = 'live' DESC, known.id DESC LIMIT 1");
    let row: Option<SummaryRow> = query
        .build_query_as()
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let missing_skus = sqlx::query_scalar!(
        "SELECT sku FROM connector_order_hold WHERE connector_order_id = $1 ORDER BY sku",
        row.id,
    )
    .fetch_all(&mut *connection)
    .await?;
    let summary = OrderSummary::from(row);
    let empty = OrderDetail {
        summary,
        sales_channel: None,
        buyer_username: None,
        address: None,
        lines: Vec::new(),
        shipments: Vec::new(),
        timeline: Vec::new(),
        missing_skus,
    };
    match empty.summary.order_id.clone() {
        Some(order) => Ok(Some(fill(connection, &order, empty).await?)),
        None => Ok(Some(empty)),
    }
}

/// Adds what only an order that was created has.
async fn fill(
    connection: &mut PgConnection,
    order: &str,
    detail: OrderDetail,
) -> Result<OrderDetail, Fault> {
    let head = sqlx::query!(
        r#"
        SELECT
            channel.name AS channel, customer.username AS "username?",
            address.order_id AS "address_id?", address.name, address.phone, address.full_address,
            address.town, address.district, address.city, address.state, address.postal_code,
            address.country_code
        FROM sales_order AS head
        JOIN sales_channel AS channel ON channel.id = head.sales_channel_id
        LEFT JOIN customer ON customer.id = head.customer_id
        LEFT JOIN order_address AS address ON address.order_id = head.id
        WHERE head.id = $1
        "#,
        order,
    )
    .fetch_one(&mut *connection)
    .await?;
    let address = head.address_id.map(|_| Address {
        name: head.name,
        phone: head.phone,
        full_address: head.full_address,
        town: head.town,
        district: head.district,
        city: head.city,
        state: head.state,
        postal_code: head.postal_code,
        country_code: head.country_code,
    });
    let address = address
        .map(|address| {
            serde_json::to_value(address).map_err(|error| Fault::corrupt("address", order, error))
        })
        .transpose()?;
    Ok(OrderDetail {
        sales_channel: Some(head.channel),
        buyer_username: head.username,
        address,
        lines: lines(connection, order).await?,
        shipments: shipments(connection, order).await?,
        timeline: timeline(connection, order).await?,
        ..detail
    })
}

async fn lines(connection: &mut PgConnection, order: &str) -> Result<Vec<OrderLineRow>, Fault> {
    let mut allocations = HashMap::<String, Vec<(String, i32)>>::new();
    let held = sqlx::query!(
        r#"
        SELECT held.order_line_id, location.code, held.quantity
        FROM stock_reservation AS held
        JOIN sales_order_line AS line ON line.id = held.order_line_id
        JOIN stock_location AS location ON location.id = held.location_id
        WHERE line.order_id = $1 AND held.state <> 'released'
        ORDER BY location.priority, location.code
        "#,
        order,
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in held {
        allocations
            .entry(row.order_line_id)
            .or_default()
            .push((row.code, row.quantity));
    }
    let rows = sqlx::query!(
        r#"
        SELECT id, sku, title, quantity, cancelled_quantity, unit_price, stock
        FROM sales_order_line
        WHERE order_id = $1
        ORDER BY position
        "#,
        order,
    )
    .fetch_all(connection)
    .await?;
    let line = rows.into_iter().map(|row| OrderLineRow {
        allocations: allocations.remove(&row.id).unwrap_or_default(),
        sku: row.sku,
        title: row.title,
        quantity: row.quantity,
        cancelled_quantity: row.cancelled_quantity,
        unit_price: row.unit_price.normalize(),
        stock: row.stock,
    });
    Ok(line.collect())
}

async fn shipments(connection: &mut PgConnection, order: &str) -> Result<Vec<ShipmentRow>, Fault> {
    let rows = sqlx::query_as!(
        ShipmentRow,
        r#"
        SELECT package_number, state, carrier, tracking_number
        FROM order_shipment
        WHERE order_id = $1
        ORDER BY position
        "#,
        order,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

async fn timeline(connection: &mut PgConnection, order: &str) -> Result<Vec<TimelineRow>, Fault> {
    let rows = sqlx::query_as!(
        TimelineRow,
        r#"
        SELECT at, step, marketplace_status, event_id, note
        FROM order_timeline
        WHERE order_id = $1
        ORDER BY at, id
        "#,
        order,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}
