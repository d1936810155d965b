//! The lines of orders, and what they hold in stock.

use hawker_domain::Timestamp;
use hawker_domain::catalogue::Sku;
use hawker_domain::order::{LineStock, Order, OrderLine};
use rust_decimal::Decimal;
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::text::{stored, stored_opt};

/// Lines.
#[derive(Default)]
struct Lines {
    id: Vec<String>,
    order_id: Vec<String>,
    position: Vec<i32>,
    line_key: Vec<String>,
    variant_id: Vec<Option<String>>,
    sku: Vec<Option<String>>,
    external_item_id: Vec<i64>,
    external_model_id: Vec<i64>,
    title: Vec<String>,
    quantity: Vec<i32>,
    cancelled_quantity: Vec<i32>,
    unit_price: Vec<Decimal>,
    original_price: Vec<Decimal>,
    price_basis: Vec<&'static str>,
    stock: Vec<&'static str>,
}

/// What lines hold or have taken.
#[derive(Default)]
struct Reservations {
    order_line_id: Vec<String>,
    location_id: Vec<String>,
    variant_id: Vec<String>,
    quantity: Vec<i32>,
    state: Vec<&'static str>,
}

impl Lines {
    fn push(&mut self, order: &str, position: i32, line: &OrderLine) -> Result<(), Fault> {
        let OrderLine {
            id,
            key,
            variant,
            sku,
            listing,
            title,
            quantity,
            cancelled_quantity,
            unit_price,
            original_price,
            price_basis,
            stock,
        } = line;
        self.id.push(id.to_string());
        self.order_id.push(order.to_owned());
        self.position.push(position);
        self.line_key.push(stored(&key.0));
        self.variant_id
            .push(variant.map(|variant| variant.to_string()));
        self.sku.push(stored_opt(sku.as_ref().map(Sku::as_str)));
        self.external_item_id.push(listing.item_id);
        self.external_model_id.push(listing.model_id);
        self.title.push(stored(title));
        self.quantity.push(pieces(*quantity)?);
        self.cancelled_quantity.push(pieces(*cancelled_quantity)?);
        self.unit_price.push(*unit_price);
        self.original_price.push(*original_price);
        self.price_basis.push(price_basis.as_str());
        self.stock.push(stock.as_str());
        Ok(())
    }
}

impl Reservations {
    fn push(&mut self, line: &OrderLine) -> Result<(), Fault> {
        let (state, allocations) = match &line.stock {
            LineStock::Reserved(allocations) => ("reserved", allocations),
            LineStock::Deducted(allocations) => ("deducted", allocations),
            LineStock::Untouched | LineStock::Released => return Ok(()),
        };
        let Some(variant) = line.variant else {
            return Ok(());
        };
        for allocation in allocations
            .iter()
            .filter(|allocation| allocation.quantity > 0)
        {
            self.order_line_id.push(line.id.to_string());
            self.location_id.push(allocation.location.to_string());
            self.variant_id.push(variant.to_string());
            self.quantity.push(pieces(allocation.quantity)?);
            self.state.push(state);
        }
        Ok(())
    }
}

fn pieces(quantity: u32) -> Result<i32, Fault> {
    i32::try_from(quantity).map_err(|_| Fault::Refused(format!("{quantity} pieces are too many")))
}

/// Lines are never removed: one that the marketplace no longer shows was cancelled whole.
pub(super) async fn write(
    connection: &mut PgConnection,
    orders: &[&Order],
    known: &[&Order],
    now: Timestamp,
) -> Result<(), Fault> {
    let mut lines = Lines::default();
    let mut reservations = Reservations::default();
    for order in orders {
        let id = order.id.to_string();
        for (position, line) in (0..).zip(&order.lines) {
            lines.push(&id, position, line)?;
            reservations.push(line)?;
        }
    }
    write_lines(connection, &lines).await?;
    let of_known = known.iter().flat_map(|order| &order.lines);
    let of_known: Vec<String> = of_known.map(|line| line.id.to_string()).collect();
    release_reservations(connection, &of_known, &reservations, now).await?;
    write_reservations(connection, &reservations, now).await
}

async fn write_lines(connection: &mut PgConnection, lines: &Lines) -> Result<(), Fault> {
    sqlx::query!(
        r#"
        INSERT INTO sales_order_line (
            id, order_id, position, line_key, variant_id, sku, external_item_id, external_model_id,
            title, quantity, cancelled_quantity, unit_price, original_price, price_basis, stock
        )
        SELECT * FROM UNNEST(
            $1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::bigint[],
            $8::bigint[], $9::text[], $10::int[], $11::int[], $12::numeric[], $13::numeric[],
            $14::text[], $15::text[]
        )
        ON CONFLICT (id) DO UPDATE
        SET position = excluded.position,
            variant_id = excluded.variant_id,
            sku = excluded.sku,
            external_item_id = excluded.external_item_id,
            external_model_id = excluded.external_model_id,
            title = excluded.title,
            quantity = excluded.quantity,
            cancelled_quantity = excluded.cancelled_quantity,
            unit_price = excluded.unit_price,
            original_price = excluded.original_price,
            price_basis = excluded.price_basis,
            stock = excluded.stock
        "#,
        &lines.id,
        &lines.order_id,
        &lines.position,
        &lines.line_key,
        &lines.variant_id as _,
        &lines.sku as _,
        &lines.external_item_id,
        &lines.external_model_id,
        &lines.title,
        &lines.quantity,
        &lines.cancelled_quantity,
        &lines.unit_price,
        &lines.original_price,
        &lines.price_basis as _,
        &lines.stock as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Lets go of what lines that were there before hold no more.
async fn release_reservations(
    connection: &mut PgConnection,
    lines: &[String],
    reservations: &Reservations,
    now: Timestamp,
) -> Result<(), Fault> {
    if lines.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        UPDATE stock_reservation AS known
        SET state = 'released', updated_at = $4
        WHERE known.order_line_id = ANY ($1)
          AND known.state <> 'released'
          AND NOT EXISTS (
              SELECT FROM UNNEST($2::text[], $3::text[]) AS kept (order_line_id, location_id)
              WHERE kept.order_line_id = known.order_line_id
                AND kept.location_id = known.location_id
          )
        "#,
        lines,
        &reservations.order_line_id,
        &reservations.location_id,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn write_reservations(
    connection: &mut PgConnection,
    reservations: &Reservations,
    now: Timestamp,
) -> Result<(), Fault> {
    if reservations.order_line_id.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        INSERT INTO stock_reservation AS known (
            order_line_id, location_id, variant_id, quantity, state, updated_at
        )
        SELECT order_line_id, location_id, variant_id, quantity, state, $6
        FROM UNNEST($1::text[], $2::text[], $3::text[], $4::int[], $5::text[])
            AS held (order_line_id, location_id, variant_id, quantity, state)
        ON CONFLICT (order_line_id, location_id) DO UPDATE
        SET variant_id = excluded.variant_id,
            quantity = excluded.quantity,
            state = excluded.state,
            updated_at = excluded.updated_at
        WHERE (known.variant_id, known.quantity, known.state)
            IS DISTINCT FROM (excluded.variant_id, excluded.quantity, excluded.state)
        "#,
        &reservations.order_line_id,
        &reservations.location_id,
        &reservations.variant_id,
        &reservations.quantity,
        &reservations.state as _,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
