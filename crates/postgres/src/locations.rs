//! The marketplace's warehouses of shops. Whoever changes those of a profile holds the row of the
//! profile: so it has one default, however many change them at once.

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::ids::ProfileId;
use hawker_ports::StoreError;
use hawker_ports::locations::{ShopLocation, ShopLocations};
use hawker_ports::shops::Warehouse;
use serde_json::Value;
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::text::{storable_json, stored, stored_opt};
use crate::unit_of_work::PgUnitOfWork;

const LOCATIONS: &str = "locations";

#[async_trait]
impl ShopLocations for PgUnitOfWork {
    async fn replace(
        &mut self,
        profile: &ProfileId,
        warehouses: &[Warehouse],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let done = replace(self.enter()?, profile, warehouses, now).await;
        self.leave(LOCATIONS, done)
    }

    async fn of_profile(&mut self, profile: &ProfileId) -> Result<Vec<ShopLocation>, StoreError> {
        let done = of_profile(self.enter()?, profile).await;
        self.leave(LOCATIONS, done)
    }

    async fn choose_default(
        &mut self,
        profile: &ProfileId,
        location_id: &str,
    ) -> Result<bool, StoreError> {
        let done = choose_default(self.enter()?, profile, location_id).await;
        self.leave(LOCATIONS, done)
    }
}

/// Warehouses to be kept.
#[derive(Default)]
struct Columns {
    location_id: Vec<String>,
    name: Vec<Option<String>>,
    warehouse_type: Vec<Option<i32>>,
    address: Vec<Value>,
}

impl Columns {
    /// A warehouse that is named twice is kept as it was named first.
    fn of(warehouses: &[Warehouse]) -> Self {
        let mut columns = Self::default();
        for warehouse in warehouses {
            let Warehouse {
                location_id,
                name,
                kind,
                address,
            } = warehouse;
            let location_id = stored(location_id);
            if columns.location_id.contains(&location_id) {
                continue;
            }
            columns.location_id.push(location_id);
            columns.name.push(stored_opt(name.as_ref()));
            columns.warehouse_type.push(*kind);
            columns
                .address
                .push(storable_json(Value::Object(address.clone())));
        }
        columns
    }
}

/// Rows are brought up to date and not made anew: our place that stands for a warehouse stays.
async fn replace(
    connection: &mut PgConnection,
    profile: &ProfileId,
    warehouses: &[Warehouse],
    now: Timestamp,
) -> Result<(), Fault> {
    let columns = Columns::of(warehouses);
    if !lock(connection, profile).await? {
        return Err(Fault::Refused(format!("there is no profile {profile}")));
    }
    sqlx::query!(
        "DELETE FROM connector_location WHERE profile_id = $1 AND location_id <> ALL ($2)",
        profile.as_str(),
        &columns.location_id,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO connector_location (
            profile_id, location_id, name, warehouse_type, address, is_default, fetched_at
        )
        SELECT
            $1, location_id, name, warehouse_type, address,
            number = 1 AND NOT EXISTS (
                SELECT FROM connector_location WHERE profile_id = $1 AND is_default
            ),
            $6
        FROM UNNEST($2::text[], $3::text[], $4::int[], $5::jsonb[])
            WITH ORDINALITY AS fetched (location_id, name, warehouse_type, address, number)
        ON CONFLICT (profile_id, location_id) DO UPDATE
        SET name = excluded.name,
            warehouse_type = excluded.warehouse_type,
            address = excluded.address,
            is_default = connector_location.is_default OR excluded.is_default,
            fetched_at = excluded.fetched_at
        "#,
        profile.as_str(),
        &columns.location_id,
        &columns.name as _,
        &columns.warehouse_type as _,
        &columns.address,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn of_profile(
    connection: &mut PgConnection,
    profile: &ProfileId,
) -> Result<Vec<ShopLocation>, Fault> {
    sqlx::query!(
        r#"
        SELECT location_id, name, warehouse_type, address, is_default, fetched_at
        FROM connector_location
        WHERE profile_id = $1
        ORDER BY is_default DESC, location_id COLLATE "C"
        "#,
        profile.as_str(),
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(|row| {
        let Value::Object(address) = row.address else {
            return Err(Fault::corrupt(
                "location",
                row.location_id,
                "its address is no JSON object",
            ));
        };
        Ok(ShopLocation {
            warehouse: Warehouse {
                location_id: row.location_id,
                name: row.name,
                kind: row.warehouse_type,
                address,
            },
            is_default: row.is_default,
            fetched_at: row.fetched_at,
        })
    })
    .collect()
}

async fn choose_default(
    connection: &mut PgConnection,
    profile: &ProfileId,
    location_id: &str,
) -> Result<bool, Fault> {
    if !lock(connection, profile).await? {
        return Ok(false);
    }
    let changed = sqlx::query!(
        r#"
        UPDATE connector_location
        SET is_default = (location_id = $2)
        WHERE profile_id = $1
          AND EXISTS (
              SELECT FROM connector_location WHERE profile_id = $1 AND location_id = $2
          )
        "#,
        profile.as_str(),
        stored(location_id),
    )
    .execute(connection)
    .await?;
    Ok(changed.rows_affected() > 0)
}

/// Whether there is such a profile.
async fn lock(connection: &mut PgConnection, profile: &ProfileId) -> Result<bool, Fault> {
    let held = sqlx::query!(
        "SELECT id FROM connector_profile WHERE id = $1 FOR NO KEY UPDATE",
        profile.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(held.is_some())
}
