//! Stock: places, levels and the ledger. Levels are written by the database itself, from the ledger.

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::ids::{LocationId, VariantId};
use hawker_domain::inventory::{LedgerCause, LedgerEntry, Stock, StockLevel};
use hawker_ports::StoreError;
use hawker_ports::inventory::{InventoryRepository, NewLocation};
use sqlx::PgConnection;

use crate::fault::{Fault, read};
use crate::text::stored;
use crate::unit_of_work::PgUnitOfWork;

#[async_trait]
impl InventoryRepository for PgUnitOfWork {
    async fn look(&mut self, variants: &[VariantId]) -> Result<Stock, StoreError> {
        let done = look(self.enter()?, &ids_of(variants)).await;
        self.leave("stock", done)
    }

    async fn lock(&mut self, variants: &[VariantId]) -> Result<Stock, StoreError> {
        let done = lock(self.enter()?, variants).await;
        self.leave("stock", done)
    }

    async fn location(&mut self, code: &str) -> Result<Option<LocationId>, StoreError> {
        let done = location(self.enter()?, code).await;
        self.leave("stock location", done)
    }

    async fn add_location(
        &mut self,
        location: &NewLocation,
        now: Timestamp,
    ) -> Result<LocationId, StoreError> {
        let done = add_location(self.enter()?, location, now).await;
        self.leave("stock location", done)
    }

    async fn book(&mut self, entries: &[LedgerEntry]) -> Result<(), StoreError> {
        let done = book(self.enter()?, entries).await;
        self.leave("stock ledger", done)
    }
}

/// Locks the variants, in their order: a variant that lies nowhere yet has no level to be locked,
/// and whoever writes the ledger takes the same locks.
async fn lock(connection: &mut PgConnection, variants: &[VariantId]) -> Result<Stock, Fault> {
    let ids = ids_of(variants);
    sqlx::query!(
        "SELECT id FROM product_variant WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE",
        &ids,
    )
    .fetch_all(&mut *connection)
    .await?;
    look(connection, &ids).await
}

fn ids_of(variants: &[VariantId]) -> Vec<String> {
    variants.iter().map(ToString::to_string).collect()
}

async fn look(connection: &mut PgConnection, ids: &[String]) -> Result<Stock, Fault> {
    let locations = sqlx::query_scalar!("SELECT id FROM stock_location ORDER BY priority, code")
        .fetch_all(&mut *connection)
        .await?
        .iter()
        .map(|id| read("stock location", id, id))
        .collect::<Result<Vec<_>, _>>()?;
    let levels = sqlx::query!(
        "SELECT variant_id, location_id, on_hand, reserved FROM stock_level WHERE variant_id = ANY ($1)",
        ids,
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(|row| {
        let variant = read("stock level", &row.variant_id, &row.variant_id)?;
        let location = read("stock level", &row.variant_id, &row.location_id)?;
        let level = StockLevel {
            on_hand: row.on_hand,
            reserved: row.reserved,
        };
        Ok(((variant, location), level))
    })
    .collect::<Result<Vec<_>, Fault>>()?;
    Ok(Stock::new(locations, levels))
}

async fn add_location(
    connection: &mut PgConnection,
    location: &NewLocation,
    now: Timestamp,
) -> Result<LocationId, Fault> {
    let NewLocation {
        id,
        code,
        name,
        priority,
    } = location;
    sqlx::query!(
        "INSERT INTO stock_location (id, code, name, priority, created_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (code) DO NOTHING",
        id.to_string(),
        stored(code),
        stored(name),
        priority,
        now,
    )
    .execute(&mut *connection)
    .await?;
    self::location(connection, code)
        .await?
        .ok_or_else(|| Fault::Sql(sqlx::Error::RowNotFound))
}

async fn location(connection: &mut PgConnection, code: &str) -> Result<Option<LocationId>, Fault> {
    let id = sqlx::query_scalar!(
        "SELECT id FROM stock_location WHERE code = $1",
        stored(code)
    )
    .fetch_optional(connection)
    .await?;
    id.map(|id| read("stock location", &id, &id)).transpose()
}

/// Entries of the ledger.
#[derive(Default)]
struct Entries {
    id: Vec<String>,
    variant_id: Vec<String>,
    location_id: Vec<String>,
    movement: Vec<&'static str>,
    on_hand_delta: Vec<i64>,
    reserved_delta: Vec<i64>,
    cause_kind: Vec<&'static str>,
    cause_id: Vec<String>,
    cause_text: Vec<String>,
    at: Vec<Timestamp>,
}

impl Entries {
    fn push(&mut self, entry: &LedgerEntry) {
        let LedgerEntry {
            id,
            variant,
            location,
            movement,
            on_hand_delta,
            reserved_delta,
            cause,
            at,
        } = entry;
        let (kind, cause_id, text) = match cause {
            LedgerCause::OrderLine { order, line } => {
                ("order_line", line.to_string(), order.to_string())
            }
            LedgerCause::Stated { by, reason } => ("stated", stored(by), stored(reason)),
        };
        self.id.push(id.to_string());
        self.variant_id.push(variant.to_string());
        self.location_id.push(location.to_string());
        self.movement.push(movement.as_str());
        self.on_hand_delta.push(*on_hand_delta);
        self.reserved_delta.push(*reserved_delta);
        self.cause_kind.push(kind);
        self.cause_id.push(cause_id);
        self.cause_text.push(text);
        self.at.push(*at);
    }
}

/// Appends entries; their order is kept by their ids.
async fn book(connection: &mut PgConnection, entries: &[LedgerEntry]) -> Result<(), Fault> {
    let mut columns = Entries::default();
    for entry in entries {
        columns.push(entry);
    }
    if columns.id.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        INSERT INTO stock_ledger (
            id, variant_id, location_id, movement, on_hand_delta, reserved_delta,
            cause_kind, cause_id, cause_text, at
        )
        SELECT * FROM UNNEST(
            $1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[],
            $7::text[], $8::text[], $9::text[], $10::timestamptz[]
        )
        "#,
        &columns.id,
        &columns.variant_id,
        &columns.location_id,
        &columns.movement as _,
        &columns.on_hand_delta,
        &columns.reserved_delta,
        &columns.cause_kind as _,
        &columns.cause_id,
        &columns.cause_text,
        &columns.at,
    )
    .execute(connection)
    .await?;
    Ok(())
}
