//! Loading orders: five statements for a whole batch.

use std::collections::HashMap;
use std::error::Error;

use hawker_domain::catalogue::Sku;
use hawker_domain::channel::OrderKey;
use hawker_domain::ids::{OrderId, OrderSyncId, ProfileId};
use hawker_domain::order::snapshot::{LineKey, ListingRef};
use hawker_domain::order::{
    Address, Allocation, Cancellation, Customer, Fulfilment, Lifecycle, LineStock, Order,
    OrderLine, OrderStatus, Payment, Shipment,
};
use hawker_domain::{OrderSn, ShopId, Timestamp};
use hawker_ports::inbox::ClaimedBatch;
use hawker_ports::orders::LoadedOrder;
use sqlx::PgConnection;

use crate::fault::{Fault, read};

/// Locks the records in the order of their numbers, so that two batches never wait for each other
/// in a circle.
pub(super) async fn load_claimed(
    connection: &mut PgConnection,
    batch: &ClaimedBatch,
) -> Result<Vec<LoadedOrder>, Fault> {
    let numbers: Vec<String> = batch
        .orders
        .iter()
        .map(|order| order.order_sn.to_string())
        .collect();
    let held = sqlx::query!(
        r#"
        SELECT id, order_sn, order_id
        FROM connector_order
        WHERE connector = $1 AND environment = $2 AND order_sn = ANY ($3) AND lease = $4
        ORDER BY order_sn
        FOR UPDATE
        "#,
        batch.connector.as_str(),
        batch.environment.as_str(),
        &numbers,
        batch.lease.to_string(),
    )
    .fetch_all(&mut *connection)
    .await?;

    let mut records = HashMap::with_capacity(held.len());
    for row in &held {
        if let Some(order) = &row.order_id {
            records.insert(order.clone(), read("order", &row.order_sn, &row.id)?);
        }
    }
    let mut orders = load(connection, &records).await?;
    held.into_iter()
        .map(|row| {
            Ok(LoadedOrder {
                sync: read("order", &row.order_sn, &row.id)?,
                order_sn: order_sn(&row.id, &row.order_sn)?,
                order: row.order_id.and_then(|id| orders.remove(&id)),
            })
        })
        .collect()
}

/// The orders with these ids, whose synchronisation records are given.
async fn load(
    connection: &mut PgConnection,
    records: &HashMap<String, OrderSyncId>,
) -> Result<HashMap<String, Order>, Fault> {
    if records.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<String> = records.keys().cloned().collect();
    let mut lines = load_lines(connection, &ids).await?;
    let mut parcels = load_parcels(connection, &ids).await?;
    let heads = sqlx::query!(
        r#"
        SELECT
            head.id, head.connector, head.environment, head.order_sn, head.profile_id, head.shop_id,
            head.status, head.ended_at, head.fulfillment_status, head.fulfilled_at,
            head.marketplace_status, head.marketplace_updated_at, head.placed_at, head.ship_by,
            head.currency, head.total, head.fulfilled_by, head.message_to_seller, head.note,
            head.cancellation_told, head.canceled_by, head.cancel_reason, head.buyer_cancel_reason,
            payment.status AS payment_status, payment.captured_at, payment.method,
            payment.cash_on_delivery,
            customer.id AS "customer_id?", customer.external_id AS "external_id?", customer.username,
            address.order_id AS "address_id?", address.name, address.phone, address.full_address,
            address.town, address.district, address.city, address.state, address.postal_code,
            address.country_code
        FROM sales_order AS head
        JOIN order_payment AS payment ON payment.order_id = head.id
        LEFT JOIN customer ON customer.id = head.customer_id
        LEFT JOIN order_address AS address ON address.order_id = head.id
        WHERE head.id = ANY ($1)
        "#,
        &ids,
    )
    .fetch_all(connection)
    .await?;

    let mut orders = HashMap::with_capacity(heads.len());
    for row in heads {
        let of = Stored(&row.id);
        let Some(sync) = records.get(&row.id) else {
            continue;
        };
        let customer = match (row.customer_id, row.external_id) {
            (Some(id), Some(external_id)) => Some(Customer {
                id: of.read(&id)?,
                external_id,
                username: row.username,
            }),
            _ => None,
        };
        let address = row.address_id.map(|_| Address {
            name: row.name,
            phone: row.phone,
            full_address: row.full_address,
            town: row.town,
            district: row.district,
            city: row.city,
            state: row.state,
            postal_code: row.postal_code,
            country_code: row.country_code,
        });
        let order = Order {
            id: of.read::<OrderId>(&row.id)?,
            sync: *sync,
            key: OrderKey {
                connector: of.read(&row.connector)?,
                environment: of.read(&row.environment)?,
                order_sn: order_sn(&row.id, &row.order_sn)?,
            },
            profile: ProfileId::parse(&row.profile_id)
                .ok_or_else(|| of.corrupt("the profile id is malformed"))?,
            shop: ShopId(row.shop_id),
            customer,
            lifecycle: of.lifecycle(&row.status, row.ended_at)?,
            payment: of.payment(&row.payment_status, row.captured_at)?,
            fulfilment: of.fulfilment(&row.fulfillment_status, row.fulfilled_at)?,
            marketplace_status: OrderStatus::from_text(&row.marketplace_status),
            marketplace_updated_at: row.marketplace_updated_at,
            placed_at: row.placed_at,
            ship_by: row.ship_by,
            currency: of.read(&row.currency)?,
            total: row.total,
            payment_method: row.method,
            cash_on_delivery: row.cash_on_delivery,
            fulfilled_by: of.read(&row.fulfilled_by)?,
            message_to_seller: row.message_to_seller,
            note: row.note,
            cancellation: row.cancellation_told.then_some(Cancellation {
                by: row.canceled_by,
                reason: row.cancel_reason,
                buyer_reason: row.buyer_cancel_reason,
            }),
            address,
            lines: lines.remove(&row.id).unwrap_or_default(),
            shipments: parcels.remove(&row.id).unwrap_or_default(),
        };
        orders.insert(row.id, order);
    }
    Ok(orders)
}

async fn load_lines(
    connection: &mut PgConnection,
    orders: &[String],
) -> Result<HashMap<String, Vec<OrderLine>>, Fault> {
    let mut allocations = load_allocations(connection, orders).await?;
    let rows = sqlx::query!(
        r#"
        SELECT
            id, order_id, line_key, variant_id, sku, external_item_id, external_model_id, title,
            quantity, cancelled_quantity, unit_price, original_price, price_basis, stock
        FROM sales_order_line
        WHERE order_id = ANY ($1)
        ORDER BY order_id, position
        "#,
        orders,
    )
    .fetch_all(connection)
    .await?;
    let mut lines = HashMap::<_, Vec<_>>::new();
    for row in rows {
        let of = Stored(&row.order_id);
        let held = allocations.remove(&row.id).unwrap_or_default();
        let variant = row
            .variant_id
            .as_deref()
            .map(|id| of.read(id))
            .transpose()?;
        let line = OrderLine {
            id: of.read(&row.id)?,
            key: LineKey(row.line_key),
            variant,
            sku: row.sku.as_deref().and_then(Sku::parse),
            listing: ListingRef {
                item_id: row.external_item_id,
                model_id: row.external_model_id,
            },
            title: row.title,
            quantity: of.pieces(row.quantity)?,
            cancelled_quantity: of.pieces(row.cancelled_quantity)?,
            unit_price: row.unit_price,
            original_price: row.original_price,
            price_basis: of.read(&row.price_basis)?,
            stock: of.stock(&row.stock, held)?,
        };
        lines.entry(row.order_id).or_default().push(line);
    }
    Ok(lines)
}

/// What the lines of these orders hold or have taken, by line.
async fn load_allocations(
    connection: &mut PgConnection,
    orders: &[String],
) -> Result<HashMap<String, Vec<Allocation>>, Fault> {
    let rows = sqlx::query!(
        r#"
        SELECT held.order_line_id, held.location_id, held.quantity
        FROM stock_reservation AS held
        JOIN sales_order_line AS line ON line.id = held.order_line_id
        WHERE line.order_id = ANY ($1) AND held.state <> 'released'
        "#,
        orders,
    )
    .fetch_all(connection)
    .await?;
    let mut by_line = HashMap::<String, Vec<Allocation>>::new();
    for row in rows {
        let of = Stored(&row.order_line_id);
        let allocation = Allocation {
            location: of.read(&row.location_id)?,
            quantity: of.pieces(row.quantity)?,
        };
        by_line
            .entry(row.order_line_id)
            .or_default()
            .push(allocation);
    }
    for allocations in by_line.values_mut() {
        allocations.sort_unstable();
    }
    Ok(by_line)
}

async fn load_parcels(
    connection: &mut PgConnection,
    orders: &[String],
) -> Result<HashMap<String, Vec<Shipment>>, Fault> {
    let rows = sqlx::query!(
        r#"
        SELECT id, order_id, package_number, state, carrier, tracking_number, logistics_status
        FROM order_shipment
        WHERE order_id = ANY ($1)
        ORDER BY order_id, position
        "#,
        orders,
    )
    .fetch_all(connection)
    .await?;
    let mut parcels = HashMap::<_, Vec<_>>::new();
    for row in rows {
        let of = Stored(&row.order_id);
        let parcel = Shipment {
            id: of.read(&row.id)?,
            package_number: row.package_number,
            state: of.read(&row.state)?,
            carrier: row.carrier,
            tracking_number: row.tracking_number,
            logistics_status: row.logistics_status,
        };
        parcels.entry(row.order_id).or_default().push(parcel);
    }
    Ok(parcels)
}

fn order_sn(id: &str, text: &str) -> Result<OrderSn, Fault> {
    OrderSn::parse(text).ok_or_else(|| Stored(id).corrupt("the order number is malformed"))
}

/// Reads the columns of the order with this id.
struct Stored<'a>(&'a str);

impl Stored<'_> {
    fn read<T>(&self, text: &str) -> Result<T, Fault>
    where
        T: std::str::FromStr,
        T::Err: Error + Send + Sync + 'static,
    {
        read("order", self.0, text)
    }

    fn corrupt(&self, why: &str) -> Fault {
        Fault::corrupt("order", self.0, why)
    }

    fn pieces(&self, quantity: i32) -> Result<u32, Fault> {
        u32::try_from(quantity).map_err(|error| Fault::corrupt("order", self.0, error))
    }

    fn lifecycle(&self, status: &str, ended_at: Option<Timestamp>) -> Result<Lifecycle, Fault> {
        match (status, ended_at) {
            ("pending", None) => Ok(Lifecycle::Pending),
            ("open", None) => Ok(Lifecycle::Open),
            ("completed", Some(at)) => Ok(Lifecycle::Completed { at }),
            ("canceled", Some(at)) => Ok(Lifecycle::Cancelled { at }),
            _ => Err(self.corrupt("the status does not fit the time of its end")),
        }
    }

    fn payment(&self, status: &str, captured_at: Option<Timestamp>) -> Result<Payment, Fault> {
        match (status, captured_at) {
            ("awaiting", None) => Ok(Payment::Awaiting),
            ("on_delivery", None) => Ok(Payment::OnDelivery),
            ("captured", Some(at)) => Ok(Payment::Captured { at }),
            ("voided", None) => Ok(Payment::Voided),
            _ => Err(self.corrupt("the payment does not fit the time of its capture")),
        }
    }

    fn fulfilment(&self, status: &str, at: Option<Timestamp>) -> Result<Fulfilment, Fault> {
        match (status, at) {
            ("unfulfilled", None) => Ok(Fulfilment::Unfulfilled),
            ("shipment_created", None) => Ok(Fulfilment::ShipmentCreated),
            ("fulfilled", Some(at)) => Ok(Fulfilment::Fulfilled { at }),
            _ => Err(self.corrupt("the fulfilment does not fit the time of it")),
        }
    }

    fn stock(&self, name: &str, held: Vec<Allocation>) -> Result<LineStock, Fault> {
        match name {
            "untouched" => Ok(LineStock::Untouched),
            "reserved" => Ok(LineStock::Reserved(held)),
            "deducted" => Ok(LineStock::Deducted(held)),
            "released" => Ok(LineStock::Released),
            _ => Err(self.corrupt("the stock of a line is in no known state")),
        }
    }
}
