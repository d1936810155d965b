//! Pushes that verify once the key is saved.

use chrono::TimeDelta;
use hawker_domain::Environment;
use hawker_domain::order::OrderStatus;
use hawker_ports::Store as _;
use hawker_ports::profiles::NewProfile;
use hawker_ports::pushes::ReceivedPush;
use hawker_ports::testing::examples::{self, sealed, snapshot};
use hawker_usecases::receive_pushes::Progress;

use crate::world::{PROFILE, World};

/// A push that is signed with a key that nobody has saved yet.
fn early(world: &World, number: &str) -> ReceivedPush {
    let snapshot = snapshot(number, OrderStatus::ReadyToShip);
    world.marketplace.put(snapshot.clone());
    ReceivedPush {
        authorization: Some("fresh-key".into()),
        ..world.order_push(&snapshot)
    }
}

async fn received(world: &World, batch: &[ReceivedPush]) {
    world.receive().run(&world.tenant, batch).await.unwrap();
}

async fn save(world: &World, profile: NewProfile) {
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    uow.profiles().save(&profile, world.now()).await.unwrap();
    uow.commit().await.unwrap();
}

async fn save_key(world: &World) {
    world.clock.advance(TimeDelta::minutes(1));
    let profile = NewProfile {
        push_key: Some(sealed("fresh-key")),
        ..examples::profile(PROFILE)
    };
    save(world, profile).await;
}

/// Looks until nothing more is to be looked at; answers how many are trusted by now.
async fn look(world: &World, progress: &mut Progress) -> (u32, u32) {
    let (mut trusted, mut duplicates) = (0, 0);
    loop {
        let verified = world.verify_again();
        let verified = verified.run(&world.tenant, *progress).await.unwrap();
        *progress = verified.progress;
        if verified.judged == 0 {
            return (trusted, duplicates);
        }
        trusted += verified.trusted;
        duplicates += verified.duplicates;
    }
}

#[tokio::test]
async fn a_push_that_came_before_its_key_is_processed_once_the_key_is_saved() {
    let world = World::with_stock(5).await;
    received(&world, &[early(&world, "A1")]).await;
    assert_eq!(world.open().await, ["signature_mismatch"]);
    let mut progress = Progress::default();
    assert_eq!(look(&world, &mut progress).await, (0, 0));

    save_key(&world).await;
    assert_eq!(look(&world, &mut progress).await, (1, 0));
    assert!(world.open().await.is_empty(), "the mismatch is over");
    world.work().await;
    let events = world.events().await;
    assert_eq!(
        (events.len(), events[0].signature_ok, events[0].processed),
        (1, Some(true), true)
    );
    assert_eq!(world.stock().reserved, 2);
}

#[tokio::test]
async fn what_still_does_not_verify_stays_and_so_does_its_exception() {
    let world = World::new().await;
    let forged = ReceivedPush {
        authorization: Some("guess".into()),
        ..early(&world, "A2")
    };
    received(&world, &[early(&world, "A1"), forged]).await;
    save_key(&world).await;
    assert_eq!(look(&world, &mut Progress::default()).await, (1, 0));
    assert_eq!(world.open().await, ["signature_mismatch"]);
    let kept = world.events().await;
    let unverified = kept
        .iter()
        .filter(|event| event.signature_ok == Some(false));
    assert_eq!(unverified.count(), 1);
}

#[tokio::test]
async fn a_push_whose_repetition_was_processed_meanwhile_is_no_second_event() {
    let world = World::new().await;
    let push = early(&world, "A1");
    received(&world, &[push.clone(), push.clone()]).await;
    save_key(&world).await;
    received(&world, &[push]).await;
    assert_eq!(world.events().await.len(), 3);
    assert_eq!(look(&world, &mut Progress::default()).await, (0, 2));
    assert_eq!(world.events().await.len(), 1);
    assert!(world.open().await.is_empty());
}

#[tokio::test]
async fn nothing_is_judged_twice_by_the_same_keys_but_for_a_second_look() {
    let world = World::new().await;
    let forged = ReceivedPush {
        authorization: Some("guess".into()),
        ..early(&world, "A1")
    };
    received(&world, &[forged]).await;
    let verify = world.verify_again();
    let mut judged = Vec::new();
    let mut progress = Progress::default();
    for _ in 0..4 {
        let verified = verify.run(&world.tenant, progress).await.unwrap();
        progress = verified.progress;
        judged.push(verified.judged);
        world.clock.advance(TimeDelta::seconds(10));
    }
    assert_eq!(judged, [1, 0, 1, 0]);
    save_key(&world).await;
    let verified = verify.run(&world.tenant, progress).await.unwrap();
    assert_eq!(verified.judged, 1);
}

#[tokio::test]
async fn more_than_a_portion_is_released_in_portions() {
    let world = World::new().await;
    let pushes: Vec<_> = (0..450).map(|n| early(&world, &format!("E{n}"))).collect();
    received(&world, &pushes).await;
    save_key(&world).await;
    let mut progress = Progress::default();
    assert_eq!(look(&world, &mut progress).await, (450, 0));
    assert!(world.open().await.is_empty());
}

#[tokio::test]
async fn a_push_for_a_profile_that_was_set_up_later_finds_it() {
    let world = World::new().await;
    let push = ReceivedPush {
        environment: Environment::Live,
        profile: Some(examples::profile_id("prof_live")),
        ..early(&world, "A1")
    };
    received(&world, &[push]).await;
    assert_eq!(world.open().await, ["signature_mismatch"]);
    world.clock.advance(TimeDelta::minutes(1));
    let live = NewProfile {
        environment: Environment::Live,
        push_key: Some(sealed("fresh-key")),
        ..examples::profile("prof_live")
    };
    save(&world, live).await;
    assert_eq!(look(&world, &mut Progress::default()).await, (1, 0));
    let events = world.events().await;
    assert_eq!(
        (events[0].environment.as_str(), events[0].outcome.as_deref()),
        ("live", Some("skipped")),
        "its environment is not in force"
    );
    assert!(world.open().await.is_empty());
}
