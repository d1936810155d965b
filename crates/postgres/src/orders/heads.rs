//! What an order has once: its own row, its address, its payment.

use hawker_domain::Timestamp;
use hawker_domain::order::{Cancellation, Fulfilment, Order, Payment};
use rust_decimal::Decimal;
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::text::{stored, stored_opt};

/// Orders.
#[derive(Default)]
struct Heads {
    id: Vec<String>,
    connector: Vec<&'static str>,
    environment: Vec<&'static str>,
    order_sn: Vec<String>,
    profile_id: Vec<String>,
    shop_id: Vec<i64>,
    customer: Vec<Option<String>>,
    status: Vec<&'static str>,
    ended_at: Vec<Option<Timestamp>>,
    fulfillment_status: Vec<&'static str>,
    fulfilled_at: Vec<Option<Timestamp>>,
    marketplace_status: Vec<String>,
    marketplace_updated_at: Vec<Timestamp>,
    placed_at: Vec<Timestamp>,
    ship_by: Vec<Option<Timestamp>>,
    currency: Vec<String>,
    total: Vec<Option<Decimal>>,
    fulfilled_by: Vec<&'static str>,
    message_to_seller: Vec<Option<String>>,
    note: Vec<Option<String>>,
    cancellation_told: Vec<bool>,
    canceled_by: Vec<Option<String>>,
    cancel_reason: Vec<Option<String>>,
    buyer_cancel_reason: Vec<Option<String>>,
}

/// Addresses.
#[derive(Default)]
struct Addresses {
    order_id: Vec<String>,
    name: Vec<Option<String>>,
    phone: Vec<Option<String>>,
    full_address: Vec<Option<String>>,
    town: Vec<Option<String>>,
    district: Vec<Option<String>>,
    city: Vec<Option<String>>,
    state: Vec<Option<String>>,
    postal_code: Vec<Option<String>>,
    country_code: Vec<Option<String>>,
}

/// Payments.
#[derive(Default)]
struct Payments {
    order_id: Vec<String>,
    status: Vec<&'static str>,
    captured_at: Vec<Option<Timestamp>>,
    method: Vec<Option<String>>,
    cash_on_delivery: Vec<bool>,
}

impl Heads {
    fn push(&mut self, order: &Order) {
        self.id.push(order.id.to_string());
        self.connector.push(order.key.connector.as_str());
        self.environment.push(order.key.environment.as_str());
        self.order_sn.push(order.key.order_sn.to_string());
        self.profile_id.push(order.profile.to_string());
        self.shop_id.push(order.shop.0);
        let customer = order.customer.as_ref();
        self.customer
            .push(stored_opt(customer.map(|customer| &customer.external_id)));
        self.status.push(order.lifecycle.as_str());
        self.ended_at.push(order.lifecycle.ended_at());
        self.fulfillment_status.push(order.fulfilment.as_str());
        self.fulfilled_at.push(match order.fulfilment {
            Fulfilment::Fulfilled { at } => Some(at),
            Fulfilment::Unfulfilled | Fulfilment::ShipmentCreated => None,
        });
        self.marketplace_status
            .push(stored(order.marketplace_status.as_str()));
        self.marketplace_updated_at
            .push(order.marketplace_updated_at);
        self.placed_at.push(order.placed_at);
        self.ship_by.push(order.ship_by);
        self.currency.push(order.currency.to_string());
        self.total.push(order.total);
        self.fulfilled_by.push(order.fulfilled_by.as_str());
        self.message_to_seller
            .push(stored_opt(order.message_to_seller.as_ref()));
        self.note.push(stored_opt(order.note.as_ref()));
        self.cancellation_told.push(order.cancellation.is_some());
        let Cancellation {
            by,
            reason,
            buyer_reason,
        } = order.cancellation.clone().unwrap_or_default();
        self.canceled_by.push(stored_opt(by));
        self.cancel_reason.push(stored_opt(reason));
        self.buyer_cancel_reason.push(stored_opt(buyer_reason));
    }
}

impl Addresses {
    fn push(&mut self, order: &Order) {
        let Some(address) = order.address.clone() else {
            return;
        };
        self.order_id.push(order.id.to_string());
        self.name.push(stored_opt(address.name));
        self.phone.push(stored_opt(address.phone));
        self.full_address.push(stored_opt(address.full_address));
        self.town.push(stored_opt(address.town));
        self.district.push(stored_opt(address.district));
        self.city.push(stored_opt(address.city));
        self.state.push(stored_opt(address.state));
        self.postal_code.push(stored_opt(address.postal_code));
        self.country_code.push(stored_opt(address.country_code));
    }
}

impl Payments {
    fn push(&mut self, order: &Order) {
        self.order_id.push(order.id.to_string());
        self.status.push(order.payment.as_str());
        self.captured_at.push(match order.payment {
            Payment::Captured { at } => Some(at),
            Payment::Awaiting | Payment::OnDelivery | Payment::Voided => None,
        });
        self.method.push(stored_opt(order.payment_method.as_ref()));
        self.cash_on_delivery.push(order.cash_on_delivery);
    }
}

pub(super) async fn write(
    connection: &mut PgConnection,
    orders: &[&Order],
    now: Timestamp,
) -> Result<(), Fault> {
    let mut heads = Heads::default();
    let mut addresses = Addresses::default();
    let mut payments = Payments::default();
    for order in orders {
        heads.push(order);
        addresses.push(order);
        payments.push(order);
    }
    write_heads(connection, &heads, now).await?;
    write_addresses(connection, &heads.id, &addresses).await?;
    write_payments(connection, &payments).await
}

async fn write_heads(
    connection: &mut PgConnection,
    heads: &Heads,
    now: Timestamp,
) -> Result<(), Fault> {
    sqlx::query!(
        r#"
        INSERT INTO sales_order AS known (
            id, connector, environment, order_sn, sales_channel_id, profile_id, shop_id, customer_id,
            status, ended_at, fulfillment_status, fulfilled_at, marketplace_status,
            marketplace_updated_at, placed_at, ship_by, currency, total, fulfilled_by,
            message_to_seller, note, cancellation_told, canceled_by, cancel_reason,
            buyer_cancel_reason, created_at, updated_at
        )
        SELECT
            head.id, head.connector, head.environment, head.order_sn, channel.id, head.profile_id,
            head.shop_id,
            -- By both parts of its key: joined, it might be looked for among all of the channel.
            (
                SELECT customer.id FROM customer
                WHERE customer.sales_channel_id = channel.id
                  AND customer.external_id = head.customer
            ),
            head.status, head.ended_at, head.fulfillment_status,
            head.fulfilled_at, head.marketplace_status, head.marketplace_updated_at, head.placed_at,
            head.ship_by, head.currency, head.total, head.fulfilled_by, head.message_to_seller,
            head.note, head.cancellation_told, head.canceled_by, head.cancel_reason,
            head.buyer_cancel_reason, $25, $25
        FROM UNNEST(
            $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[],
            $8::text[], $9::timestamptz[], $10::text[], $11::timestamptz[], $12::text[],
            $13::timestamptz[], $14::timestamptz[], $15::timestamptz[], $16::text[],
            $17::numeric[], $18::text[], $19::text[], $20::text[], $21::bool[], $22::text[],
            $23::text[], $24::text[]
        ) AS head (
            id, connector, environment, order_sn, profile_id, shop_id, customer, status, ended_at,
            fulfillment_status, fulfilled_at, marketplace_status, marketplace_updated_at, placed_at,
            ship_by, currency, total, fulfilled_by, message_to_seller, note, cancellation_told,
            canceled_by, cancel_reason, buyer_cancel_reason
        )
        JOIN sales_channel AS channel ON channel.connector = head.connector
        ON CONFLICT (id) DO UPDATE
        SET profile_id = excluded.profile_id,
            shop_id = excluded.shop_id,
            customer_id = excluded.customer_id,
            status = excluded.status,
            ended_at = excluded.ended_at,
            fulfillment_status = excluded.fulfillment_status,
            fulfilled_at = excluded.fulfilled_at,
            marketplace_status = excluded.marketplace_status,
            marketplace_updated_at = excluded.marketplace_updated_at,
            placed_at = excluded.placed_at,
            ship_by = excluded.ship_by,
            currency = excluded.currency,
            total = excluded.total,
            fulfilled_by = excluded.fulfilled_by,
            message_to_seller = excluded.message_to_seller,
            note = excluded.note,
            cancellation_told = excluded.cancellation_told,
            canceled_by = excluded.canceled_by,
            cancel_reason = excluded.cancel_reason,
            buyer_cancel_reason = excluded.buyer_cancel_reason,
            version = known.version + 1,
            updated_at = excluded.updated_at
        "#,
        &heads.id,
        &heads.connector as _,
        &heads.environment as _,
        &heads.order_sn,
        &heads.profile_id,
        &heads.shop_id,
        &heads.customer as _,
        &heads.status as _,
        &heads.ended_at as _,
        &heads.fulfillment_status as _,
        &heads.fulfilled_at as _,
        &heads.marketplace_status,
        &heads.marketplace_updated_at,
        &heads.placed_at,
        &heads.ship_by as _,
        &heads.currency,
        &heads.total as _,
        &heads.fulfilled_by as _,
        &heads.message_to_seller as _,
        &heads.note as _,
        &heads.cancellation_told,
        &heads.canceled_by as _,
        &heads.cancel_reason as _,
        &heads.buyer_cancel_reason as _,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn write_addresses(
    connection: &mut PgConnection,
    orders: &[String],
    addresses: &Addresses,
) -> Result<(), Fault> {
    if addresses.order_id.len() < orders.len() {
        sqlx::query!(
            "DELETE FROM order_address WHERE order_id = ANY ($1) AND order_id <> ALL ($2)",
            orders,
            &addresses.order_id,
        )
        .execute(&mut *connection)
        .await?;
    }
    if addresses.order_id.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        INSERT INTO order_address (
            order_id, name, phone, full_address, town, district, city, state, postal_code,
            country_code
        )
        SELECT * FROM UNNEST(
            $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
            $8::text[], $9::text[], $10::text[]
        )
        ON CONFLICT (order_id) DO UPDATE
        SET name = excluded.name,
            phone = excluded.phone,
            full_address = excluded.full_address,
            town = excluded.town,
            district = excluded.district,
            city = excluded.city,
            state = excluded.state,
            postal_code = excluded.postal_code,
            country_code = excluded.country_code
        "#,
        &addresses.order_id,
        &addresses.name as _,
        &addresses.phone as _,
        &addresses.full_address as _,
        &addresses.town as _,
        &addresses.district as _,
        &addresses.city as _,
        &addresses.state as _,
        &addresses.postal_code as _,
        &addresses.country_code as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn write_payments(connection: &mut PgConnection, payments: &Payments) -> Result<(), Fault> {
    sqlx::query!(
        r#"
        INSERT INTO order_payment (order_id, status, captured_at, method, cash_on_delivery)
        SELECT * FROM UNNEST($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::bool[])
        ON CONFLICT (order_id) DO UPDATE
        SET status = excluded.status,
            captured_at = excluded.captured_at,
            method = excluded.method,
            cash_on_delivery = excluded.cash_on_delivery
        "#,
        &payments.order_id,
        &payments.status as _,
        &payments.captured_at as _,
        &payments.method as _,
        &payments.cash_on_delivery,
    )
    .execute(connection)
    .await?;
    Ok(())
}
