//! Setting up a shop.

use std::sync::Arc;

use hawker_domain::profile::Region;
use hawker_domain::{ConnectorName, Environment};
use hawker_ports::Store as _;
use hawker_ports::profiles::ReceivingProfile;
use hawker_ports::testing::{PlainSealer, examples};
use hawker_usecases::SetUpShop;
use hawker_usecases::set_up_shop::{SetUpShopError, ShopToSetUp, TokenPair};

use crate::world::{PROFILE, World};

fn shop(push_key: Option<&str>) -> ShopToSetUp {
    ShopToSetUp {
        id: examples::profile_id(PROFILE),
        display_name: "Sandbox".into(),
        environment: Environment::Sandbox,
        region: Region::TestSg,
        base_url_override: None,
        registered_url: None,
        partner_id: Some(1),
        partner_key: Some("partner-key".into()),
        push_key: push_key.map(Into::into),
        shop: Some(examples::SHOP),
        token: None,
    }
}

async fn set_up(world: &World, shop: ShopToSetUp) -> Result<(), SetUpShopError> {
    let set_up = SetUpShop {
        store: world.store.clone(),
        sealer: Arc::new(PlainSealer),
        clock: world.clock.clone(),
        ids: world.ids.clone(),
    };
    set_up.run(&world.tenant, shop).await
}

async fn stored(world: &World) -> ReceivingProfile {
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    let profiles = uow
        .profiles()
        .receiving(ConnectorName::Shopee)
        .await
        .unwrap();
    profiles
        .into_iter()
        .find(|profile| profile.id.as_str() == PROFILE)
        .unwrap()
}

#[tokio::test]
async fn the_push_key_before_the_last_rotation_stays_valid_however_often_the_new_one_is_given() {
    let world = World::new().await;
    for key in ["rotated", "rotated"] {
        set_up(&world, shop(Some(key))).await.unwrap();
    }
    let profile = stored(&world).await;
    assert_eq!(profile.push_key, Some(examples::sealed("rotated")));
    assert_eq!(
        profile.previous_push_key,
        Some(examples::sealed("push-key"))
    );
}

#[tokio::test]
async fn a_secret_that_is_not_given_stays_as_it_is() {
    let world = World::new().await;
    set_up(&world, shop(None)).await.unwrap();
    assert_eq!(
        stored(&world).await.push_key,
        Some(examples::sealed("push-key"))
    );
}

#[tokio::test]
async fn a_token_without_a_shop_is_refused() {
    let world = World::new().await;
    let token = TokenPair {
        access_token: "a".into(),
        refresh_token: "r".into(),
        expires_at: world.now(),
    };
    let shop = ShopToSetUp {
        shop: None,
        token: Some(token),
        ..shop(None)
    };
    assert!(matches!(
        set_up(&world, shop).await,
        Err(SetUpShopError::TokenWithoutShop)
    ));
}
