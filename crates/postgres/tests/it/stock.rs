//! Stock follows from the ledger, whoever writes and however many at once.

use std::sync::Arc;

use hawker_domain::ids::{LedgerEntryId, LocationId, ProductId, VariantId};
use hawker_domain::inventory::{LedgerCause, LedgerEntry, Movement};
use hawker_ports::catalogue::NewVariant;
use hawker_ports::testing::examples::{noon, sku};
use tokio::task::JoinSet;

use crate::workshop::Workshop;

async fn variants(workshop: &Workshop, count: usize) -> anyhow::Result<Vec<VariantId>> {
    let new: Vec<_> = (0..count)
        .map(|number| NewVariant {
            product: ProductId::fresh(&workshop.ids),
            variant: VariantId::fresh(&workshop.ids),
            sku: sku(&format!("POK-{number}")),
            title: "Card".into(),
            price: None,
        })
        .collect();
    let mut uow = workshop.begin().await?;
    let added = uow.catalogue().add_variants(&new, noon()).await?;
    uow.commit().await?;
    Ok(added.into_iter().map(|(variant, _)| variant).collect())
}

async fn main_place(workshop: &Workshop) -> anyhow::Result<LocationId> {
    let id: String = sqlx::query_scalar("SELECT id FROM tenant_default.stock_location")
        .fetch_one(workshop.database.pool())
        .await?;
    Ok(id.parse()?)
}

fn entry(
    workshop: &Workshop,
    variant: VariantId,
    location: LocationId,
    pieces: i64,
) -> LedgerEntry {
    LedgerEntry {
        id: LedgerEntryId::fresh(&workshop.ids),
        variant,
        location,
        movement: Movement::Adjust,
        on_hand_delta: pieces,
        reserved_delta: 0,
        cause: LedgerCause::Stated {
            by: "test".into(),
            reason: "count".into(),
        },
        at: noon(),
    }
}

/// Each locks and books the same variants, half of them the other way round.
#[tokio::test]
async fn batches_that_share_variants_never_deadlock_and_lose_nothing() -> anyhow::Result<()> {
    const BATCHES: i64 = 40;
    let workshop = Arc::new(Workshop::new().await?);
    let variants = variants(&workshop, 6).await?;
    let place = main_place(&workshop).await?;
    let mut batches = JoinSet::new();
    for number in 0..BATCHES {
        let workshop = workshop.clone();
        let mut order = variants.clone();
        if number % 2 == 0 {
            order.reverse();
        }
        batches.spawn(async move {
            let mut uow = workshop.begin().await?;
            // Some plan before they book, as orders do; some only book, as a delivery does.
            if number % 3 != 0 {
                uow.inventory().lock(&order).await?;
            }
            let entries: Vec<_> = order
                .iter()
                .map(|variant| entry(&workshop, *variant, place, 1))
                .collect();
            uow.inventory().book(&entries).await?;
            anyhow::Ok(uow.commit().await?)
        });
    }
    while let Some(done) = batches.join_next().await {
        done??;
    }
    let mut uow = workshop.begin().await?;
    let stock = uow.inventory().lock(&variants).await?;
    for variant in variants {
        assert_eq!(stock.level(variant, place).on_hand, BATCHES);
    }
    let differing: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM tenant_default.stock_level AS level
         JOIN (
             SELECT variant_id, location_id, sum(on_hand_delta) AS on_hand, sum(reserved_delta) AS reserved
             FROM tenant_default.stock_ledger GROUP BY variant_id, location_id
         ) AS booked USING (variant_id, location_id)
         WHERE (level.on_hand, level.reserved) IS DISTINCT FROM (booked.on_hand, booked.reserved)",
    )
    .fetch_one(workshop.database.pool())
    .await?;
    assert_eq!(differing, 0);
    Ok(())
}

#[tokio::test]
async fn not_even_the_owner_changes_the_ledger() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let variant = variants(&workshop, 1).await?[0];
    let place = main_place(&workshop).await?;
    let mut uow = workshop.begin().await?;
    uow.inventory()
        .book(&[entry(&workshop, variant, place, 3)])
        .await?;
    uow.commit().await?;
    for statement in [
        "UPDATE tenant_default.stock_ledger SET on_hand_delta = 5",
        "DELETE FROM tenant_default.stock_ledger",
        "TRUNCATE tenant_default.stock_ledger",
    ] {
        assert!(workshop.psql(statement).await.is_err(), "{statement}");
    }
    Ok(())
}

#[tokio::test]
async fn a_plain_insert_into_the_ledger_moves_the_level() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let variant = variants(&workshop, 1).await?[0];
    let place = main_place(&workshop).await?;
    workshop
        .psql(
            "INSERT INTO tenant_default.stock_ledger
                 (variant_id, location_id, movement, on_hand_delta, reserved_delta, cause_kind, cause_id, cause_text)
             SELECT variant.id, location.id, 'receive', 4, 0, 'stated', 'operator', 'delivery'
             FROM tenant_default.product_variant AS variant, tenant_default.stock_location AS location",
        )
        .await?;
    let mut uow = workshop.begin().await?;
    let stock = uow.inventory().lock(&[variant]).await?;
    assert_eq!(stock.level(variant, place).on_hand, 4);
    Ok(())
}

#[tokio::test]
async fn a_listing_has_exactly_one_target() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    variants(&workshop, 1).await?;
    workshop
        .psql(
            "INSERT INTO tenant_default.tcg_serialized_item (id, variant_id, grader, cert_number)
             SELECT 'tsi_00000000000000000000000001', id, 'PSA', '1' FROM tenant_default.product_variant",
        )
        .await?;
    let both = workshop
        .psql(
            "INSERT INTO tenant_default.tcg_channel_listing
                 (variant_id, serialized_item_id, channel, external_listing_id)
             SELECT id, 'tsi_00000000000000000000000001', 'shopee', '1' FROM tenant_default.product_variant",
        )
        .await;
    let neither = workshop
        .psql("INSERT INTO tenant_default.tcg_channel_listing (channel, external_listing_id) VALUES ('shopee', '1')")
        .await;
    for refused in [both, neither] {
        let error = refused.expect_err("refused").to_string();
        assert!(
            error.contains("tcg_channel_listing_one_target_check"),
            "{error}"
        );
    }
    workshop
        .psql(
            "INSERT INTO tenant_default.tcg_channel_listing (serialized_item_id, channel, external_listing_id)
             VALUES ('tsi_00000000000000000000000001', 'shopee', '1'), ('tsi_00000000000000000000000001', 'telegram', '1')",
        )
        .await?;
    Ok(())
}
