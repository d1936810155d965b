//! Stock follows its ledger; the catalogue says what a SKU names.

use hawker_domain::catalogue::MapSkuError;
use hawker_domain::ids::LedgerEntryId;
use hawker_domain::inventory::{LedgerCause, LedgerEntry, Movement, StockLevel};
use hawker_domain::order::{Allocation, OrderStatus};

use super::bench::Bench;
use super::{Outcome, StoreFixture};
use crate::testing::examples::{SKU, after_noon, noon, sku, snapshot};

/// Before the priority that a tenant's own place has.
const FIRST: i32 = -20;
const SECOND: i32 = -10;

/// The first order can be reserved without anybody setting up a warehouse.
pub async fn a_new_tenant_has_a_place_for_stock(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let card = bench.add_variant(SKU).await?;
    let stock = bench.stock(&[card]).await?;
    let reservation = stock.choose(card, 1).expect("there is a place");
    assert_eq!(reservation.short, 1);
    assert_eq!(
        reservation.allocations[0].location,
        bench.add_location("main", FIRST).await?
    );
    Ok(())
}

/// Smaller numbers first, whatever the order in which places were added.
pub async fn places_are_used_up_by_priority(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let card = bench.add_variant(SKU).await?;
    let safe = bench.add_location("safe", SECOND).await?;
    let shelf = bench.add_location("shelf", FIRST).await?;
    for place in [safe, shelf] {
        bench.book(bench.receipt(card, place, 2)).await?;
    }
    let stock = bench.stock(&[card]).await?;
    let reservation = stock.choose(card, 1).expect("there is a place");
    let one_from_shelf = Allocation {
        location: shelf,
        quantity: 1,
    };
    assert_eq!(reservation.allocations, [one_from_shelf]);
    assert_eq!(stock.available(card), 4);
    Ok(())
}

/// Its name and priority are the operator's by then.
pub async fn a_place_whose_code_is_known_is_not_added_again(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let shelf = bench.add_location("shelf", FIRST).await?;
    assert_eq!(bench.add_location("shelf", SECOND).await?, shelf);
    let mut uow = bench.begin().await?;
    assert_eq!(uow.inventory().location("shelf").await?, Some(shelf));
    assert_eq!(uow.inventory().location("nowhere").await?, None);
    drop(uow);
    assert_ne!(bench.add_location("safe", SECOND).await?, shelf);
    Ok(())
}

/// Nothing changes stock but the ledger.
pub async fn levels_are_the_sums_of_the_ledger(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let card = bench.add_variant(SKU).await?;
    let other = bench.add_variant("OTHER").await?;
    let shelf = bench.add_location("shelf", FIRST).await?;
    let safe = bench.add_location("safe", SECOND).await?;
    let entry = |movement, on_hand_delta, reserved_delta| LedgerEntry {
        id: LedgerEntryId::fresh(&bench.ids),
        variant: card,
        location: shelf,
        movement,
        on_hand_delta,
        reserved_delta,
        cause: LedgerCause::Stated {
            by: "contract".into(),
            reason: "count".into(),
        },
        at: noon(),
    };
    let mut uow = bench.begin().await?;
    let entries = [
        bench.receipt(card, shelf, 5),
        entry(Movement::Reserve, 0, 3),
        entry(Movement::Deduct, -2, -2),
        entry(Movement::Adjust, -1, 0),
        bench.receipt(card, safe, 7),
    ];
    uow.inventory().book(&entries).await?;
    let level = |on_hand, reserved| StockLevel { on_hand, reserved };
    let own = uow.inventory().lock(&[card]).await?;
    assert_eq!(own.level(card, shelf), level(2, 1));
    uow.commit().await?;

    let stock = bench.stock(&[card, other]).await?;
    assert_eq!(stock.level(card, shelf), level(2, 1));
    assert_eq!(stock.level(card, safe), level(7, 0));
    assert_eq!(stock.level(other, shelf), level(0, 0));
    assert_eq!(stock.available(card), 8);
    Ok(())
}

/// Reserved, sent, released: the next order sees it.
pub async fn orders_move_the_levels_that_others_see(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let card = bench.add_variant(SKU).await?;
    let shelf = bench.add_location("shelf", FIRST).await?;
    bench.book(bench.receipt(card, shelf, 10)).await?;
    let level = |on_hand, reserved| StockLevel { on_hand, reserved };
    let told = |number: &str, status, seconds| hawker_domain::order::OrderSnapshot {
        updated_at: after_noon(seconds),
        ..snapshot(number, status)
    };
    bench
        .refresh(told("250101AAA", OrderStatus::Unpaid, 0), 0)
        .await?;
    assert_eq!(bench.level(card, shelf).await?, level(10, 2));
    bench
        .refresh(told("250101BBB", OrderStatus::ReadyToShip, 10), 10)
        .await?;
    assert_eq!(bench.level(card, shelf).await?, level(10, 4));
    bench
        .refresh(told("250101BBB", OrderStatus::Shipped, 20), 20)
        .await?;
    assert_eq!(bench.level(card, shelf).await?, level(8, 2));
    bench
        .refresh(told("250101AAA", OrderStatus::Cancelled, 30), 30)
        .await?;
    assert_eq!(bench.level(card, shelf).await?, level(8, 0));
    Ok(())
}

/// Adding what is there already is no error and changes nothing.
pub async fn a_sku_names_the_variant_that_had_it_first(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let first = bench.add_variant(SKU).await?;
    let (again, new) = (bench.variant(SKU), bench.variant("OTHER"));
    let mut uow = bench.begin().await?;
    let variants = [new.clone(), again, bench.variant("OTHER")];
    let added = uow.catalogue().add_variants(&variants, noon()).await?;
    uow.commit().await?;
    assert_eq!(
        added,
        [(new.variant, true), (first, false), (new.variant, false)]
    );
    Ok(())
}

/// By their exact text.
pub async fn only_skus_that_were_asked_for_are_resolved(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let card = bench.add_variant("POK-1").await?;
    bench.add_variant("POK-2").await?;
    let mut uow = bench.begin().await?;
    let wanted = [sku("POK-1"), sku("pok-1"), sku("NONE")];
    let index = uow.catalogue().resolve(&wanted).await?;
    assert_eq!(index.resolve(&wanted[0]), Ok(card));
    for sku in [wanted[1].clone(), wanted[2].clone(), sku("POK-2")] {
        assert_eq!(index.resolve(&sku), Err(MapSkuError::NotFound { sku }));
    }
    Ok(())
}
