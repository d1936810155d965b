//! Adding to the catalogue.

use hawker_ports::testing::examples;
use hawker_usecases::AddVariants;
use hawker_usecases::add_variants::{Place, VariantToAdd};

use crate::world::World;

#[tokio::test]
async fn a_sku_that_is_there_already_keeps_its_stock() {
    let world = World::with_stock(5).await;
    world.add_card(examples::SKU, 100).await;
    assert_eq!(world.stock().on_hand, 5);
}

#[tokio::test]
async fn opening_stock_is_explained_in_the_ledger() {
    let world = World::with_stock(5).await;
    let ledger = world.store.ledger(&world.tenant).unwrap();
    assert_eq!(
        ledger
            .iter()
            .map(|entry| entry.on_hand_delta)
            .collect::<Vec<_>>(),
        [5]
    );
}

#[tokio::test]
async fn stock_lies_only_at_places_that_exist_or_are_added_with_it() {
    let world = World::new().await;
    let add = AddVariants {
        store: world.store.clone(),
        clock: world.clock.clone(),
        ids: world.ids.clone(),
    };
    let at = |code: &str| VariantToAdd {
        sku: examples::sku(code),
        title: code.into(),
        price: None,
        stock: vec![(code.into(), 1)],
    };
    let shelf = Place {
        code: "shelf".into(),
        name: "Shelf".into(),
        priority: 0,
    };
    let run = async |places: &[Place], code: &str| {
        let variants = [at(code)];
        add.run(&world.tenant, places, &variants, "test", "count")
            .await
    };
    let refused = run(&[], "shelf").await.unwrap_err();
    assert_eq!(refused.to_string(), "there is no stock location `shelf`");
    assert!(world.store.ledger(&world.tenant).unwrap().is_empty());
    assert_eq!(run(&[], "main").await.unwrap().added, 1);
    assert_eq!(run(&[shelf], "shelf").await.unwrap().added, 1);
    assert_eq!(world.stock().on_hand, 2);
}
