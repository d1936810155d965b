//! Choosing profiles and environments, and deleting profiles.

use chrono::TimeDelta;
use hawker_domain::order::OrderStatus;
use hawker_domain::profile::Region;
use hawker_domain::{ConnectorName, Environment, ShopId};
use hawker_ports::Store as _;
use hawker_ports::profiles::Profile;
use hawker_ports::pushes::ReceivedPush;
use hawker_ports::testing::examples;
use hawker_usecases::ManageProfiles;
use hawker_usecases::manage_profiles::{ProfileDraft, ProfileError};

use crate::operators::{anna, id, usual};
use crate::world::{PROFILE, World};

const SHOPEE: ConnectorName = ConnectorName::Shopee;

/// A profile beside the usual one, fully configured.
fn complete(name: &str) -> Profile {
    Profile {
        partner_id: Some(2),
        partner_key: Some(examples::sealed("key-of-two")),
        shop: Some(ShopId(2)),
        ..examples::blank_profile(name)
    }
}

async fn active(world: &World) -> Vec<String> {
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    let profiles = uow.profiles().of_connector(SHOPEE, false).await.unwrap();
    let active = profiles.into_iter().filter(|profile| profile.is_active);
    active
        .map(|profile| profile.id.as_str().to_owned())
        .collect()
}

async fn activate(
    profiles: &ManageProfiles,
    world: &World,
    name: &str,
) -> Result<(), ProfileError> {
    let activated = profiles
        .activate(&world.tenant, &anna(), &id(name), None)
        .await;
    activated.map(drop)
}

#[tokio::test]
async fn the_profile_that_was_active_gives_way() {
    let world = World::new().await;
    world.put(complete("prof_two")).await;
    let profiles = world.profiles();
    let card = profiles
        .activate(&world.tenant, &anna(), &id("prof_two"), None)
        .await
        .unwrap();
    assert!(card.is_active && card.is_in_force);
    assert_eq!(active(&world).await, ["prof_two"]);
    let entry = &world.audit()[0];
    assert_eq!(
        (entry.action, entry.subject.as_str()),
        ("profile.activated", "profile:prof_two")
    );
    assert_eq!(entry.details["instead_of"], PROFILE);
    activate(&profiles, &world, "prof_two").await.unwrap();
    assert_eq!(world.audit().len(), 1, "nothing happened the second time");
}

#[tokio::test]
async fn of_operators_who_activate_at_once_each_succeeds_and_one_profile_is_active() {
    let world = World::new().await;
    let names = ["prof_two", "prof_three", "prof_four"];
    for name in names {
        world.put(complete(name)).await;
    }
    let (one, two, three) = (world.profiles(), world.profiles(), world.profiles());
    let done = tokio::join!(
        activate(&one, &world, names[0]),
        activate(&two, &world, names[1]),
        activate(&three, &world, names[2]),
        activate(&one, &world, PROFILE),
    );
    assert!(matches!(done, (Ok(()), Ok(()), Ok(()), Ok(()))), "{done:?}");
    assert_eq!(active(&world).await.len(), 1);
}

#[tokio::test]
async fn a_profile_that_works_does_not_give_way_to_one_that_cannot() {
    let world = World::new().await;
    world.put(examples::blank_profile("prof_empty")).await;
    let refused = activate(&world.profiles(), &world, "prof_empty")
        .await
        .unwrap_err();
    let told = refused.to_string();
    assert!(
        told.contains("not fully configured: missing partner_id, partner_key, shop_id"),
        "{told}"
    );
    assert_eq!(active(&world).await, [PROFILE]);
}

#[tokio::test]
async fn where_nothing_works_an_incomplete_profile_may_be_activated() {
    let world = World::new().await;
    let stored = world.stored(PROFILE).await;
    world
        .put(Profile {
            partner_key: None,
            ..stored
        })
        .await;
    world.put(examples::blank_profile("prof_empty")).await;
    activate(&world.profiles(), &world, "prof_empty")
        .await
        .unwrap();
    assert_eq!(active(&world).await, ["prof_empty"]);
}

#[tokio::test]
async fn the_active_profile_is_not_deleted_and_another_is_gone_but_kept() {
    let world = World::new().await;
    world.put(complete("prof_two")).await;
    let profiles = world.profiles();
    let delete = async |name: &str| {
        profiles
            .delete(&world.tenant, &anna(), &id(name), None)
            .await
    };
    assert!(matches!(
        delete(PROFILE).await,
        Err(ProfileError::IsActive(_))
    ));
    delete("prof_two").await.unwrap();
    assert!(world.stored("prof_two").await.deleted_at.is_some());
    assert_eq!(
        profiles.show(&world.tenant, &id("prof_two")).await.unwrap(),
        None
    );
    assert!(matches!(
        delete("prof_two").await,
        Err(ProfileError::NoSuchProfile(_))
    ));
    let activated = activate(&profiles, &world, "prof_two").await;
    assert!(matches!(activated, Err(ProfileError::NoSuchProfile(_))));
    assert_eq!(world.deeds(), ["profile.deleted"]);
}

#[tokio::test]
async fn a_version_that_is_gone_is_neither_activated_nor_deleted() {
    let world = World::new().await;
    world.put(complete("prof_two")).await;
    let profiles = world.profiles();
    let two = id("prof_two");
    let stale = Some(world.stored("prof_two").await.version - 1);
    let activated = profiles.activate(&world.tenant, &anna(), &two, stale).await;
    assert!(
        matches!(activated, Err(ProfileError::Changed { .. })),
        "{activated:?}"
    );
    let deleted = profiles.delete(&world.tenant, &anna(), &two, stale).await;
    assert!(
        matches!(deleted, Err(ProfileError::Changed { .. })),
        "{deleted:?}"
    );
}

#[tokio::test]
async fn an_environment_is_chosen_once_its_profile_is_complete() {
    let world = World::new().await;
    let profiles = world.profiles();
    let switch = async || {
        let live = Environment::Live;
        profiles
            .switch_environment(&world.tenant, &anna(), SHOPEE, live)
            .await
    };
    let told = switch().await.unwrap_err().to_string();
    assert!(
        told.contains("live") && told.contains("no active profile"),
        "{told}"
    );
    let live = Profile {
        environment: Environment::Live,
        is_active: true,
        ..complete("prof_live")
    };
    world
        .put(Profile {
            shop: None,
            ..live.clone()
        })
        .await;
    let refused = switch().await.unwrap_err();
    let told = refused.to_string();
    assert!(
        told.contains("`prof_live` (live) is not fully configured: missing shop_id"),
        "{told}"
    );
    assert_eq!(
        profiles
            .active_environment(&world.tenant, SHOPEE)
            .await
            .unwrap(),
        Environment::Sandbox
    );
    world.put(live).await;
    switch().await.unwrap();
    switch().await.unwrap();
    let card = profiles
        .active(&world.tenant, SHOPEE, Environment::Live)
        .await
        .unwrap()
        .unwrap();
    assert!(card.is_in_force);
    let before = profiles
        .show(&world.tenant, &usual())
        .await
        .unwrap()
        .unwrap();
    assert!(before.is_active && !before.is_in_force);
    assert_eq!(
        world.deeds(),
        ["environment.switched"],
        "the second time nothing happened"
    );
    assert_eq!(world.audit()[0].details["from"], "sandbox");
}

#[tokio::test]
async fn without_any_profile_the_sandbox_is_the_environment_and_the_first_profile_settles_it() {
    let tenant = hawker_domain::TenantSlug::default_tenant();
    let store = hawker_ports::testing::InMemoryStore::with_tenants([tenant]);
    let world = World {
        store: store.into(),
        ..World::new().await
    };
    let profiles = world.profiles();
    let environment = async || {
        profiles
            .active_environment(&world.tenant, SHOPEE)
            .await
            .unwrap()
    };
    assert_eq!(environment().await, Environment::Sandbox);
    assert_eq!(
        profiles
            .active(&world.tenant, SHOPEE, Environment::Live)
            .await
            .unwrap(),
        None
    );
    let draft = ProfileDraft::new(SHOPEE, Environment::Live, "Shop", Region::Sg);
    let made = profiles
        .create(&world.tenant, &anna(), draft)
        .await
        .unwrap();
    assert!(made.is_in_force);
    assert_eq!(environment().await, Environment::Live);
}

#[tokio::test]
async fn what_is_open_for_a_profile_is_over_once_it_is_deleted() {
    let world = World::new().await;
    world.put(complete("prof_two")).await;
    let forged = ReceivedPush {
        profile: Some(id("prof_two")),
        authorization: Some("guess".into()),
        ..world.order_push(&examples::snapshot("A1", OrderStatus::ReadyToShip))
    };
    let usual = ReceivedPush {
        profile: None,
        ..forged.clone()
    };
    let receive = world.receive();
    receive.run(&world.tenant, &[forged, usual]).await.unwrap();
    assert_eq!(world.open().await.len(), 2);
    world.clock.advance(TimeDelta::seconds(1));
    let profiles = world.profiles();
    profiles
        .delete(&world.tenant, &anna(), &id("prof_two"), None)
        .await
        .unwrap();
    assert_eq!(world.open().await.len(), 1, "that of the other profile");
}
