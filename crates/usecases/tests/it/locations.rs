//! Fetching warehouses.

use std::sync::Arc;

use hawker_domain::ShopId;
use hawker_ports::marketplace::MarketplaceError;
use hawker_ports::profiles::Profile;
use hawker_ports::shops::Warehouses;
use hawker_ports::testing::{DeskCall, examples};
use hawker_usecases::refresh_locations::{LocationsCard, LocationsError};

use crate::operators::{anna, id, usual};
use crate::world::{PROFILE, World};

async fn refreshed(world: &World) -> Result<LocationsCard, LocationsError> {
    world
        .locations()
        .run(&world.tenant, &anna(), &usual())
        .await
}

fn ids(card: &LocationsCard) -> Vec<Option<&str>> {
    let locations = card.locations.iter();
    locations
        .map(|location| location.location_id.as_deref())
        .collect()
}

fn put(world: &World, warehouses: &[&str]) {
    let warehouses = warehouses
        .iter()
        .map(|id| examples::warehouse(id))
        .collect();
    world
        .desk
        .put_warehouses(examples::SHOP, Warehouses::Several(warehouses));
}

#[tokio::test]
async fn a_shop_without_multi_warehouse_shows_one_location_and_no_error() {
    let world = World::new().await;
    let card = refreshed(&world).await.unwrap();
    assert!(card.is_single);
    assert_eq!(ids(&card), [None]);
    assert!(card.locations[0].is_default);
    assert!(
        card.note
            .is_some_and(|note| note.contains("single warehouse"))
    );
    assert_eq!(card.fetched_at, Some(world.now()));
}

#[tokio::test]
async fn warehouses_are_kept_and_the_default_stays_as_long_as_it_exists() {
    let world = World::new().await;
    put(&world, &["SGA", "SGB"]);
    let card = refreshed(&world).await.unwrap();
    assert_eq!(ids(&card), [Some("SGA"), Some("SGB")]);
    assert_eq!((card.is_single, card.note.clone()), (false, None));
    assert_eq!(
        world
            .locations()
            .show(&world.tenant, &usual())
            .await
            .unwrap(),
        card
    );
    put(&world, &["SG0", "SGA"]);
    let card = refreshed(&world).await.unwrap();
    assert_eq!(ids(&card), [Some("SGA"), Some("SG0")]);
    put(&world, &["SG0"]);
    assert!(refreshed(&world).await.unwrap().locations[0].is_default);
    assert_eq!(world.deeds(), ["locations.refreshed"; 3]);
}

#[tokio::test]
async fn before_they_were_fetched_there_are_none_and_the_card_says_why() {
    let world = World::new().await;
    let card = world
        .locations()
        .show(&world.tenant, &usual())
        .await
        .unwrap();
    assert_eq!(
        (card.locations.len(), card.fetched_at, card.is_single),
        (0, None, false)
    );
    assert!(
        card.note
            .is_some_and(|note| note.contains("not fetched yet"))
    );
}

#[tokio::test]
async fn what_is_known_stays_when_the_marketplace_refuses() {
    let world = World::new().await;
    put(&world, &["SGA"]);
    refreshed(&world).await.unwrap();
    let refusal = MarketplaceError::Refused {
        endpoint: "shop/get_warehouse_detail",
        code: "warehouse.error_region_not_valid".into(),
        message: "region".into(),
        request_id: None,
    };
    world.desk.fail_next(DeskCall::Warehouses, refusal);
    assert!(matches!(
        refreshed(&world).await,
        Err(LocationsError::Marketplace(_))
    ));
    let card = world
        .locations()
        .show(&world.tenant, &usual())
        .await
        .unwrap();
    assert_eq!(ids(&card), [Some("SGA")]);
}

#[tokio::test]
async fn a_shop_that_is_not_authorised_is_not_called_for() {
    let world = World::new().await;
    let stored = world.stored(PROFILE).await;
    world
        .put(Profile {
            shop: Some(ShopId(77)),
            ..stored
        })
        .await;
    let told = refreshed(&world).await.unwrap_err().to_string();
    assert!(told.contains("Shop 77 is not authorised"), "{told}");
    assert!(world.desk.asked().is_empty());
}

#[tokio::test]
async fn warehouses_of_a_shop_that_the_profile_left_meanwhile_are_not_kept() {
    let world = Arc::new(World::new().await);
    put(&world, &["SGA"]);
    let inside = Arc::clone(&world);
    world.desk.meanwhile(DeskCall::Warehouses, async move {
        let stored = inside.stored(PROFILE).await;
        let other_shop = Profile {
            shop: Some(ShopId(77)),
            ..stored
        };
        inside.put(other_shop).await;
    });
    let told = refreshed(&world).await.unwrap_err().to_string();
    assert!(told.contains("another shop"), "{told}");
    let card = world
        .locations()
        .show(&world.tenant, &usual())
        .await
        .unwrap();
    assert_eq!((card.locations.len(), card.fetched_at), (0, None));
}

#[tokio::test]
async fn a_profile_that_is_not_there_has_no_locations() {
    let world = World::new().await;
    let shown = world
        .locations()
        .show(&world.tenant, &id("prof_gone"))
        .await;
    assert!(
        matches!(shown, Err(LocationsError::NoSuchProfile(_))),
        "{shown:?}"
    );
}
