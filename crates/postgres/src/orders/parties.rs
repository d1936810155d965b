//! Sales channels and customers: made when the first order brings them.

use std::collections::BTreeMap;

use hawker_domain::order::Order;
use hawker_domain::{ConnectorName, Timestamp};
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::text::{stored, stored_opt};

/// Sales channels.
#[derive(Default)]
struct Channels {
    connector: Vec<&'static str>,
    name: Vec<&'static str>,
}

/// Customers.
#[derive(Default)]
struct Customers {
    id: Vec<String>,
    connector: Vec<&'static str>,
    external_id: Vec<String>,
    username: Vec<Option<String>>,
    email: Vec<String>,
}

pub(super) async fn write(
    connection: &mut PgConnection,
    orders: &[&Order],
    now: Timestamp,
) -> Result<(), Fault> {
    let mut connectors: Vec<ConnectorName> =
        orders.iter().map(|order| order.key.connector).collect();
    connectors.sort_unstable();
    connectors.dedup();
    let mut channels = Channels::default();
    for connector in connectors {
        channels.connector.push(connector.as_str());
        channels.name.push(connector.title());
    }
    sqlx::query!(
        "INSERT INTO sales_channel (connector, name, created_at)
         SELECT connector, name, $3 FROM UNNEST($1::text[], $2::text[]) AS channel (connector, name)
         ON CONFLICT (connector) DO NOTHING",
        &channels.connector as _,
        &channels.name as _,
        now,
    )
    .execute(&mut *connection)
    .await?;
    write_customers(connection, orders, now).await
}

/// One row for each buyer of a channel; the id that a buyer has is kept, and so is a readable name
/// where only a masked one comes in.
async fn write_customers(
    connection: &mut PgConnection,
    orders: &[&Order],
    now: Timestamp,
) -> Result<(), Fault> {
    // In one order for everybody, each buyer once.
    let buyers: BTreeMap<_, _> = orders
        .iter()
        .filter_map(|order| {
            let customer = order.customer.as_ref()?;
            Some(((order.key.connector, &customer.external_id), customer))
        })
        .collect();
    if buyers.is_empty() {
        return Ok(());
    }
    let mut columns = Customers::default();
    for ((connector, external_id), customer) in buyers {
        columns.id.push(customer.id.to_string());
        columns.connector.push(connector.as_str());
        columns.external_id.push(stored(external_id));
        columns
            .username
            .push(stored_opt(customer.username.as_ref()));
        columns.email.push(stored(customer.email(connector)));
    }
    sqlx::query!(
        r#"
        INSERT INTO customer AS known (
            id, sales_channel_id, external_id, username, email, created_at, updated_at
        )
        SELECT buyer.id, channel.id, buyer.external_id, buyer.username, buyer.email, $6, $6
        FROM UNNEST($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
            AS buyer (id, connector, external_id, username, email)
        JOIN sales_channel AS channel ON channel.connector = buyer.connector
        ORDER BY channel.id, buyer.external_id
        ON CONFLICT (sales_channel_id, external_id) DO UPDATE
        SET username = excluded.username, updated_at = excluded.updated_at
        WHERE excluded.username <> coalesce(known.username, '')
          AND (excluded.username !~ '\*\*|^[* ]+$' OR coalesce(known.username, '*') ~ '\*\*|^[* ]+$')
        "#,
        &columns.id,
        &columns.connector as _,
        &columns.external_id,
        &columns.username as _,
        &columns.email,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
