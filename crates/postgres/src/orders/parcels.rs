//! The parcels of orders mirror the marketplace's packages: one that is no longer listed is gone.

use hawker_domain::order::{Order, Shipment};
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::text::{stored, stored_opt};

/// Parcels.
#[derive(Default)]
struct Parcels {
    id: Vec<String>,
    order_id: Vec<String>,
    position: Vec<i32>,
    package_number: Vec<String>,
    state: Vec<&'static str>,
    carrier: Vec<Option<String>>,
    tracking_number: Vec<Option<String>>,
    logistics_status: Vec<Option<String>>,
}

impl Parcels {
    fn push(&mut self, order: &Order, position: i32, parcel: &Shipment) {
        let Shipment {
            id,
            package_number,
            state,
            carrier,
            tracking_number,
            logistics_status,
        } = parcel;
        self.id.push(id.to_string());
        self.order_id.push(order.id.to_string());
        self.position.push(position);
        self.package_number.push(stored(package_number));
        self.state.push(state.as_str());
        self.carrier.push(stored_opt(carrier.as_ref()));
        self.tracking_number
            .push(stored_opt(tracking_number.as_ref()));
        self.logistics_status
            .push(stored_opt(logistics_status.as_ref()));
    }
}

pub(super) async fn write(
    connection: &mut PgConnection,
    orders: &[&Order],
    known: &[&Order],
) -> Result<(), Fault> {
    let mut columns = Parcels::default();
    for order in orders {
        for (position, parcel) in (0..).zip(&order.shipments) {
            columns.push(order, position, parcel);
        }
    }
    if !known.is_empty() {
        let ids: Vec<String> = known.iter().map(|order| order.id.to_string()).collect();
        sqlx::query!(
            "DELETE FROM order_shipment WHERE order_id = ANY ($1) AND id <> ALL ($2)",
            &ids,
            &columns.id,
        )
        .execute(&mut *connection)
        .await?;
    }
    if columns.id.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        INSERT INTO order_shipment (
            id, order_id, position, package_number, state, carrier, tracking_number,
            logistics_status
        )
        SELECT * FROM UNNEST(
            $1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[],
            $8::text[]
        )
        ON CONFLICT (id) DO UPDATE
        SET position = excluded.position,
            package_number = excluded.package_number,
            state = excluded.state,
            carrier = excluded.carrier,
            tracking_number = excluded.tracking_number,
            logistics_status = excluded.logistics_status
        "#,
        &columns.id,
        &columns.order_id,
        &columns.position,
        &columns.package_number,
        &columns.state as _,
        &columns.carrier as _,
        &columns.tracking_number as _,
        &columns.logistics_status as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}
