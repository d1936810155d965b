//! The first boot of an installation.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use hawker_domain::profile::Region;
use hawker_domain::{ConnectorName, Environment, TenantSlug};
use hawker_ports::profiles::Profile;
use hawker_ports::shops::Warehouses;
use hawker_ports::testing::{InMemoryStore, PlainSealer, examples};
use hawker_ports::{Store as _, StoreError};
use hawker_usecases::first_boot::{FirstBootError, FirstBootResult, Seed, TokenPair};
use hawker_usecases::{CareForTokens, FirstBoot};

use crate::operators::{Interrupted, anna, id};
use crate::world::World;

/// A world in which nothing was set up.
async fn empty_world() -> World {
    let tenant = TenantSlug::default_tenant();
    World {
        store: Arc::new(InMemoryStore::with_tenants([tenant])),
        ..World::new().await
    }
}

fn nothing() -> Seed {
    Seed {
        profile: None,
        environment: Environment::Sandbox,
        region: None,
        base_url_override: None,
        registered_url: None,
        partner_id: None,
        partner_key: None,
        push_key: None,
        shop: None,
        default_location_id: None,
        token: None,
    }
}

fn shop(world: &World) -> Seed {
    Seed {
        region: Some(Region::TestSg),
        partner_id: Some(1_000_001),
        partner_key: Some("partner-key".into()),
        push_key: Some("push-key".into()),
        shop: Some(examples::SHOP),
        token: Some(TokenPair {
            access_token: "access-token".into(),
            refresh_token: "refresh-token".into(),
            expires_at: world.now() + TimeDelta::hours(4),
        }),
        ..nothing()
    }
}

fn first_boot(world: &World) -> FirstBoot {
    FirstBoot {
        store: world.store.clone(),
        sealer: Arc::new(PlainSealer),
        clock: world.clock.clone(),
        ids: world.ids.clone(),
    }
}

async fn boot(world: &World, seed: Seed) -> Result<FirstBootResult, FirstBootError> {
    first_boot(world).run(&world.tenant, seed).await
}

async fn profiles(world: &World) -> Vec<Profile> {
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    uow.profiles()
        .of_connector(ConnectorName::Shopee, true)
        .await
        .unwrap()
}

fn seeded(filled: &str, empty: &str) -> FirstBootResult {
    FirstBootResult::Seeded {
        filled: id(filled),
        empty: id(empty),
    }
}

#[tokio::test]
async fn a_cold_boot_fills_the_sandbox_and_leaves_an_empty_live_profile() {
    let world = empty_world().await;
    let booted = boot(&world, shop(&world)).await.unwrap();
    assert_eq!(booted, seeded("prof_sandbox", "prof_live"));
    let sandbox = world.stored("prof_sandbox").await;
    assert_eq!(
        (sandbox.display_name.as_str(), sandbox.region),
        ("Sandbox", Region::TestSg)
    );
    assert_eq!(sandbox.partner_key, Some(examples::sealed("partner-key")));
    assert!(sandbox.missing().is_empty() && sandbox.is_active);
    let live = world
        .profiles()
        .show(&world.tenant, &id("prof_live"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (live.region, live.missing.len(), live.is_active),
        (Region::Global, 3, true)
    );
    assert_eq!(
        world.pair().await.access_token,
        examples::sealed("access-token")
    );
    assert_eq!(world.pair().await.partner_id, Some(1_000_001));
    let environment = world
        .profiles()
        .active_environment(&world.tenant, ConnectorName::Shopee)
        .await;
    assert_eq!(environment.unwrap(), Environment::Sandbox);
    assert_eq!(world.deeds(), ["profile.seeded", "profile.seeded"]);
}

#[tokio::test]
async fn without_any_setting_both_profiles_are_empty_and_can_be_shown() {
    let world = empty_world().await;
    boot(&world, nothing()).await.unwrap();
    for name in ["prof_sandbox", "prof_live"] {
        let card = world
            .profiles()
            .show(&world.tenant, &id(name))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(card.missing.len(), 3, "{name}");
    }
}

#[tokio::test]
async fn a_live_seed_makes_live_the_environment() {
    let world = empty_world().await;
    let seed = Seed {
        environment: Environment::Live,
        ..nothing()
    };
    assert_eq!(
        boot(&world, seed).await.unwrap(),
        seeded("prof_live", "prof_sandbox")
    );
    let environment = world
        .profiles()
        .active_environment(&world.tenant, ConnectorName::Shopee)
        .await;
    assert_eq!(environment.unwrap(), Environment::Live);
}

#[tokio::test]
async fn later_boots_change_nothing_whatever_the_environment_says() {
    let world = empty_world().await;
    boot(&world, shop(&world)).await.unwrap();
    let before = world.stored("prof_sandbox").await;
    let other = Seed {
        partner_key: Some("edited".into()),
        partner_id: Some(9),
        ..shop(&world)
    };
    let again = boot(&world, other).await.unwrap();
    let there = vec![id("prof_live"), id("prof_sandbox")];
    assert_eq!(again, FirstBootResult::AlreadyThere { profiles: there });
    let after = world.stored("prof_sandbox").await;
    assert_eq!(
        (after.partner_key, after.version),
        (before.partner_key, before.version)
    );
}

#[tokio::test]
async fn a_deleted_profile_is_not_made_again() {
    let world = empty_world().await;
    let gone = Profile {
        deleted_at: Some(world.now()),
        ..examples::blank_profile("prof_old")
    };
    world.put(gone).await;
    let booted = boot(&world, shop(&world)).await.unwrap();
    assert_eq!(
        booted,
        FirstBootResult::AlreadyThere {
            profiles: Vec::new()
        }
    );
    assert_eq!(profiles(&world).await.len(), 1);
}

#[tokio::test]
async fn of_processes_that_boot_at_once_one_makes_the_profiles() {
    let world = Arc::new(empty_world().await);
    let results = Arc::new(Mutex::new(Vec::new()));
    let interrupted = Interrupted::by({
        let (world, results) = (Arc::clone(&world), Arc::clone(&results));
        async move {
            let booted = boot(&world, shop(&world)).await.unwrap();
            results.lock().unwrap().push(booted);
        }
    });
    let first_boot = FirstBoot {
        sealer: Arc::new(interrupted.clone()),
        ..first_boot(&world)
    };
    let booted = first_boot.run(&world.tenant, shop(&world)).await.unwrap();
    interrupted.end().await;
    assert_eq!(booted, seeded("prof_sandbox", "prof_live"));
    let other = FirstBootResult::AlreadyThere {
        profiles: vec![id("prof_live"), id("prof_sandbox")],
    };
    assert_eq!(*results.lock().unwrap(), [other]);
    assert_eq!(profiles(&world).await.len(), 2);
}

#[tokio::test]
async fn a_named_profile_gets_its_name_even_if_it_is_the_others_usual_one() {
    let world = empty_world().await;
    let seed = Seed {
        profile: Some(id("prof_live")),
        ..nothing()
    };
    let FirstBootResult::Seeded { filled, empty } = boot(&world, seed).await.unwrap() else {
        panic!("there was nothing");
    };
    assert_eq!(filled, id("prof_live"));
    assert_ne!(empty, filled);
    assert_eq!(
        world.stored("prof_live").await.environment,
        Environment::Sandbox
    );
}

#[tokio::test]
async fn a_failure_of_the_store_is_told_and_leaves_nothing_behind() {
    let world = empty_world().await;
    world
        .store
        .fail_next_commit(StoreError::Unavailable("away".into()));
    let failed = boot(&world, shop(&world)).await;
    assert!(
        matches!(
            failed,
            Err(FirstBootError::Store(StoreError::Unavailable(_)))
        ),
        "{failed:?}"
    );
    assert!(profiles(&world).await.is_empty());
    assert!(matches!(
        boot(&world, shop(&world)).await,
        Ok(FirstBootResult::Seeded { .. })
    ));
}

#[tokio::test]
async fn a_refresh_token_of_unknown_age_is_renewed_by_the_next_run_of_the_keep_alive() {
    let world = empty_world().await;
    let seeded = first_boot(&world).run(&world.tenant, shop(&world)).await;
    seeded.unwrap();
    let care = CareForTokens {
        tokens: Arc::new(world.tokens()),
        store: world.store.clone(),
        views: world.store.clone(),
        clock: world.clock.clone(),
        ids: world.ids.clone(),
    };
    assert_eq!(care.run(&world.tenant).await.unwrap(), 1);
    let pair = world.pair().await;
    assert_eq!(pair.access_token, examples::sealed("access-1"));
    assert_eq!(care.run(&world.tenant).await.unwrap(), 0);
}

#[tokio::test]
async fn a_token_without_a_shop_is_refused() {
    let world = empty_world().await;
    let seed = Seed {
        shop: None,
        ..shop(&world)
    };
    let refused = boot(&world, seed).await;
    assert!(
        matches!(refused, Err(FirstBootError::TokenWithoutShop)),
        "{refused:?}"
    );
    assert!(profiles(&world).await.is_empty());
}

#[tokio::test]
async fn the_profiles_that_a_boot_made_can_be_deleted_only_when_another_is_active() {
    let world = empty_world().await;
    boot(&world, nothing()).await.unwrap();
    let deleted = world
        .profiles()
        .delete(&world.tenant, &anna(), &id("prof_live"), None)
        .await;
    assert!(deleted.is_err());
}

#[tokio::test]
async fn a_default_location_that_was_named_is_known_by_its_id_until_warehouses_are_fetched() {
    let world = empty_world().await;
    let seed = Seed {
        default_location_id: Some(" SGA ".into()),
        ..shop(&world)
    };
    boot(&world, seed).await.unwrap();
    let shown = async || {
        let profiles = world.profiles();
        let card = profiles.show(&world.tenant, &id("prof_sandbox")).await;
        let card = card.unwrap().expect("a card");
        (card.default_location_id, card.default_location_name)
    };
    assert_eq!(shown().await, (Some("SGA".into()), None));
    let warehouses = ["SG0", "SGA"].map(examples::warehouse).to_vec();
    world
        .desk
        .put_warehouses(examples::SHOP, Warehouses::Several(warehouses));
    let locations = world.locations();
    let (operator, profile) = (anna(), id("prof_sandbox"));
    let fetched = locations.run(&world.tenant, &operator, &profile);
    fetched.await.unwrap();
    assert_eq!(
        shown().await,
        (Some("SGA".into()), Some("Warehouse SGA".into()))
    );
}
