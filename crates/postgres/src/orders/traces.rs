//! What a change of an order leaves elsewhere: its timeline, the listings that it showed.

use std::collections::BTreeMap;

use hawker_domain::Timestamp;
use hawker_domain::order::Plan;
use hawker_domain::order::timeline::TimelineEntry;
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
        -- One that shows nothing new is not even locked: everybody who sells it would wait for that.
        WHERE NOT EXISTS (
            SELECT FROM tcg_channel_listing AS same
            WHERE same.channel = seen.channel
              AND same.environment = seen.environment
              AND same.external_listing_id = seen.external_listing_id
              AND coalesce(same.external_variation_id, '') = coalesce(seen.external_variation_id, '')
              AND (same.serialized_item_id IS NOT NULL
                   OR same.variant_id = seen.variant_id
                      AND same.last_synced_at >= $6::timestamptz - interval '1 hour')
        )
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
