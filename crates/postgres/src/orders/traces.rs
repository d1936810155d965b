//! What a change of an order leaves elsewhere: its timeline, the listings that it showed, its
//! synchronisation record.

use std::collections::BTreeMap;

use hawker_domain::Timestamp;
use hawker_domain::order::Plan;
use hawker_domain::order::timeline::TimelineEntry;
use rust_decimal::Decimal;
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::text::{stored, stored_opt};

/// Steps.
#[derive(Default)]
struct Steps {
    id: Vec<String>,
    order_id: Vec<String>,
    at: Vec<Timestamp>,
    step: Vec<&'static str>,
    marketplace_status: Vec<String>,
    event_id: Vec<Option<String>>,
    note: Vec<Option<String>>,
}

/// Listings and what they sell.
#[derive(Default)]
struct Listings {
    channel: Vec<&'static str>,
    environment: Vec<&'static str>,
    external_listing_id: Vec<String>,
    external_variation_id: Vec<Option<String>>,
    variant_id: Vec<String>,
}

/// Synchronisation records with the order that was made of them.
#[derive(Default)]
struct Records {
    id: Vec<String>,
    order_id: Vec<String>,
    shopee_status: Vec<String>,
    marketplace_updated_at: Vec<Timestamp>,
    placed_at: Vec<Timestamp>,
    ship_by: Vec<Option<Timestamp>>,
    currency: Vec<String>,
    total: Vec<Option<Decimal>>,
    escrow_due: Vec<bool>,
}

pub(super) async fn write_timeline(
    connection: &mut PgConnection,
    plans: &[&Plan],
) -> Result<(), Fault> {
    let mut columns = Steps::default();
    for plan in plans {
        for entry in &plan.steps {
            let TimelineEntry {
                id,
                step,
                at,
                marketplace_status,
                event,
                note,
            } = entry;
            columns.id.push(id.to_string());
            columns.order_id.push(plan.order.id.to_string());
            columns.at.push(*at);
            columns.step.push(step.as_str());
            columns.marketplace_status.push(stored(marketplace_status));
            columns.event_id.push(event.map(|event| event.to_string()));
            columns.note.push(stored_opt(note.as_ref()));
        }
    }
    if columns.id.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        INSERT INTO order_timeline (id, order_id, at, step, marketplace_status, event_id, note)
        SELECT * FROM UNNEST(
            $1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[],
            $7::text[]
        )
        "#,
        &columns.id,
        &columns.order_id,
        &columns.at,
        &columns.step as _,
        &columns.marketplace_status,
        &columns.event_id as _,
        &columns.note as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A listing that sells a serialised item is left as it is. One that shows nothing new is written
/// at most hourly: a listing that sells well would otherwise be written with every order.
pub(super) async fn write_listings(
    connection: &mut PgConnection,
    plans: &[&Plan],
    now: Timestamp,
) -> Result<(), Fault> {
    // In one order for everybody, each listing once.
    let seen: BTreeMap<_, _> = plans
        .iter()
        .flat_map(|plan| {
            let key = &plan.order.key;
            plan.listings.iter().map(move |sighting| {
                (
                    (key.connector, key.environment, sighting.listing),
                    sighting.variant,
                )
            })
        })
        .collect();
    if seen.is_empty() {
        return Ok(());
    }
    let mut columns = Listings::default();
    for ((connector, environment, listing), variant) in seen {
        columns.channel.push(connector.as_str());
        columns.environment.push(environment.as_str());
        columns
            .external_listing_id
            .push(listing.item_id.to_string());
        let has_variations = listing.model_id != 0;
        columns
            .external_variation_id
            .push(has_variations.then(|| listing.model_id.to_string()));
        columns.variant_id.push(variant.to_string());
    }
    sqlx::query!(
        r#"
        INSERT INTO tcg_channel_listing AS known (
            channel, environment, external_listing_id, external_variation_id, variant_id,
            last_synced_at, created_at
        )
        SELECT channel, environment, external_listing_id, external_variation_id, variant_id, $6, $6
        FROM UNNEST($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
            AS seen (channel, environment, external_listing_id, external_variation_id, variant_id)
        ON CONFLICT (channel, environment, external_listing_id, coalesce(external_variation_id, ''))
        DO UPDATE
        SET variant_id = excluded.variant_id, last_synced_at = excluded.last_synced_at
        WHERE known.serialized_item_id IS NULL
          AND (known.variant_id <> excluded.variant_id
               OR known.last_synced_at < excluded.last_synced_at - interval '1 hour')
        "#,
        &columns.channel as _,
        &columns.environment as _,
        &columns.external_listing_id,
        &columns.external_variation_id as _,
        &columns.variant_id,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Links the synchronisation records with their orders. A record belongs to one order for good.
pub(super) async fn link(
    connection: &mut PgConnection,
    plans: &[&Plan],
    now: Timestamp,
) -> Result<(), Fault> {
    let mut columns = Records::default();
    for plan in plans {
        let order = &plan.order;
        columns.id.push(order.sync.to_string());
        columns.order_id.push(order.id.to_string());
        columns
            .shopee_status
            .push(stored(order.marketplace_status.as_str()));
        columns
            .marketplace_updated_at
            .push(order.marketplace_updated_at);
        columns.placed_at.push(order.placed_at);
        columns.ship_by.push(order.ship_by);
        columns.currency.push(order.currency.to_string());
        columns.total.push(order.total);
        columns.escrow_due.push(plan.escrow_due);
    }
    let linked = sqlx::query!(
        r#"
        UPDATE connector_order AS known
        SET order_id = applied.order_id,
            status = 'created',
            shopee_status = applied.shopee_status,
            marketplace_updated_at = applied.marketplace_updated_at,
            placed_at = applied.placed_at,
            ship_by = applied.ship_by,
            currency = applied.currency,
            total = applied.total,
            escrow_due_at = CASE WHEN applied.escrow_due THEN $10 ELSE known.escrow_due_at END,
            updated_at = $10
        FROM UNNEST(
            $1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[],
            $6::timestamptz[], $7::text[], $8::numeric[], $9::bool[]
        ) AS applied (
            id, order_id, shopee_status, marketplace_updated_at, placed_at, ship_by, currency,
            total, escrow_due
        )
        WHERE known.id = applied.id AND coalesce(known.order_id, applied.order_id) = applied.order_id
        "#,
        &columns.id,
        &columns.order_id,
        &columns.shopee_status,
        &columns.marketplace_updated_at,
        &columns.placed_at,
        &columns.ship_by as _,
        &columns.currency,
        &columns.total as _,
        &columns.escrow_due,
        now,
    )
    .execute(connection)
    .await?
    .rows_affected();
    if usize::try_from(linked) == Ok(plans.len()) {
        Ok(())
    } else {
        Err(Fault::Refused(
            "a synchronisation record is missing or belongs to another order".to_owned(),
        ))
    }
}
