//! Adding to the catalogue.

use hawker_ports::testing::examples;

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
