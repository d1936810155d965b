//! Taking in pushes.

use chrono::TimeDelta;
use hawker_domain::event::{PushCode, PushContent};
use hawker_domain::order::OrderStatus;
use hawker_domain::{Environment, ShopId};
use hawker_ports::profiles::NewProfile;
use hawker_ports::pushes::{IntakeCounts, ReceivedPush};
use hawker_ports::testing::examples::{self, snapshot};
use hawker_ports::{Sealed, Store as _, StoreError};
use hawker_usecases::receive_pushes::{Received, UNVERIFIED_ROWS_MAX};

use crate::operators::id;
use crate::world::{PROFILE, World};

/// The app of [`of_other_app`], and its push key.
const OTHER_APP: (i64, &str) = (2, "key-of-two");

/// Makes a profile of another app in the same environment. It is not the active one.
async fn of_other_app(world: &World) {
    let (partner_id, key) = OTHER_APP;
    let other = NewProfile {
        partner_id: Some(partner_id),
        shop: Some(ShopId(42)),
        partner_key: None,
        push_key: Some(examples::sealed(key)),
        ..examples::profile("prof_other")
    };
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    uow.profiles().save(&other, world.now()).await.unwrap();
    uow.commit().await.unwrap();
}

/// A push about authorisations: it names no shop. Signed with the key of the other app.
fn without_shop(world: &World, code: PushCode, partner_id: Option<i64>) -> ReceivedPush {
    let content = PushContent {
        code: code.0,
        partner_id,
        content_key: format!("{code:?}:{partner_id:?}"),
        is_json: true,
        ..PushContent::default()
    };
    ReceivedPush {
        authorization: Some(OTHER_APP.1.into()),
        ..world.push(content)
    }
}

fn forged(push: ReceivedPush) -> ReceivedPush {
    ReceivedPush {
        authorization: Some("guess".into()),
        ..push
    }
}

async fn received(world: &World, batch: &[ReceivedPush]) -> Received {
    world.receive().run(&world.tenant, batch).await.unwrap()
}

#[tokio::test]
async fn a_genuine_push_is_stored_once_however_often_it_comes() {
    let world = World::new().await;
    let push = world.order_push(&snapshot("A1", OrderStatus::ReadyToShip));
    let first = received(&world, &[push.clone(), push.clone()]).await;
    let second = received(&world, &[push]).await;
    assert_eq!(
        first.counts,
        IntakeCounts {
            stored: 1,
            duplicates: 1,
            ..IntakeCounts::default()
        }
    );
    assert!(first.is_work_due && !second.is_work_due);
    let events = world.events().await;
    assert_eq!(events.len(), 1);
    assert_eq!(
        (events[0].signature_ok, events[0].processed),
        (Some(true), false)
    );
}

#[tokio::test]
async fn a_push_that_does_not_verify_is_kept_and_reported_but_never_processed() {
    let world = World::new().await;
    let push = forged(world.order_push(&snapshot("A1", OrderStatus::ReadyToShip)));
    let received = received(&world, &[push]).await;
    world.work().await;
    assert_eq!(received.counts.unverified, 1);
    assert!(world.marketplace.calls().is_empty());
    let events = world.events().await;
    assert_eq!(
        (events[0].signature_ok, events[0].processed),
        (Some(false), false)
    );
    assert_eq!(world.open().await, ["signature_mismatch"]);
    assert_eq!(world.tell_all().await, 1);
}

#[tokio::test]
async fn a_forged_push_with_a_guessed_id_does_not_shadow_the_genuine_one() {
    let world = World::new().await;
    let genuine = ReceivedPush {
        event_id: Some("evt-1".into()),
        ..world.order_push(&snapshot("A1", OrderStatus::ReadyToShip))
    };
    received(&world, &[forged(genuine.clone())]).await;
    assert_eq!(received(&world, &[genuine]).await.counts.stored, 1);
}

#[tokio::test]
async fn a_flood_of_forged_pushes_costs_a_bounded_number_of_rows_and_one_alert() {
    let world = World::new().await;
    let flood: Vec<_> = (0..2_000)
        .map(|n| forged(world.order_push(&snapshot(&format!("F{n}"), OrderStatus::Unpaid))))
        .collect();
    for batch in flood.chunks(250) {
        received(&world, batch).await;
    }
    let kept = world.events().await.len();
    assert!(
        kept <= UNVERIFIED_ROWS_MAX as usize,
        "{kept} rows were kept"
    );
    let open = world.exceptions("open").await;
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].retry_count, 1_999, "every one of them is counted");
    assert_eq!(world.tell_all().await, 1);
}

#[tokio::test]
async fn a_registration_ping_never_alarms_even_when_it_does_not_verify() {
    let world = World::new().await;
    let ping = PushContent {
        is_ping: true,
        content_key: "ping".into(),
        is_json: true,
        ..PushContent::default()
    };
    let received = received(&world, &[forged(world.push(ping))]).await;
    assert_eq!(received.counts.pings, 1);
    assert!(world.open().await.is_empty());
}

#[tokio::test]
async fn a_signature_mismatch_is_over_when_pushes_verify_and_none_failed_for_a_while() {
    let world = World::new().await;
    received(
        &world,
        &[forged(
            world.order_push(&snapshot("A1", OrderStatus::Unpaid)),
        )],
    )
    .await;
    received(
        &world,
        &[world.order_push(&snapshot("A2", OrderStatus::Unpaid))],
    )
    .await;
    assert_eq!(
        world.open().await.len(),
        1,
        "a forger between genuine pushes must not make it flicker"
    );
    world.clock.advance(TimeDelta::minutes(16));
    received(
        &world,
        &[world.order_push(&snapshot("A3", OrderStatus::Unpaid))],
    )
    .await;
    assert!(world.open().await.is_empty());
}

#[tokio::test]
async fn a_push_for_an_environment_that_is_not_active_is_kept_as_skipped() {
    let world = World::with_stock(1).await;
    let mut uow = hawker_ports::Store::begin(&*world.store, &world.tenant)
        .await
        .unwrap();
    let live = hawker_ports::profiles::NewProfile {
        environment: Environment::Live,
        ..examples::profile("prof_live")
    };
    uow.profiles().save(&live, world.now()).await.unwrap();
    uow.commit().await.unwrap();
    let push = ReceivedPush {
        environment: Environment::Live,
        ..world.order_push(&snapshot("A1", OrderStatus::Unpaid))
    };
    let received = received(&world, &[push]).await;
    assert_eq!((received.counts.skipped, received.is_work_due), (1, false));
    let event = &world.events().await[0];
    assert_eq!(
        (event.processed, event.outcome.as_deref()),
        (true, Some("skipped"))
    );
}

#[tokio::test]
async fn an_order_push_without_an_order_is_reported_and_waits() {
    let world = World::new().await;
    let content = PushContent {
        code: 3,
        content_key: "3:".into(),
        is_json: true,
        ..PushContent::default()
    };
    received(&world, &[world.push(content)]).await;
    assert_eq!(world.open().await, ["normalization_failed"]);
    assert!(!world.events().await[0].processed);
}

#[tokio::test]
async fn an_unknown_code_is_recorded_without_a_call_to_the_marketplace() {
    let world = World::new().await;
    let content = PushContent {
        code: 4711,
        content_key: "4711".into(),
        is_json: true,
        ..PushContent::default()
    };
    received(&world, &[world.push(content)]).await;
    world.work().await;
    let event = &world.events().await[0];
    assert_eq!(
        (event.processed, event.outcome.as_deref()),
        (true, Some("recorded"))
    );
    assert!(world.marketplace.calls().is_empty());
}

#[tokio::test]
async fn an_authorisation_that_runs_out_alerts_once_for_each_shop() {
    let world = World::new().await;
    let content = PushContent {
        code: PushCode::AUTHORISATION_EXPIRY.0,
        content_key: "12".into(),
        expiring_shops: vec![ShopId(1), ShopId(2)],
        expires_before: Some(examples::after_noon(86_400 * 7)),
        is_json: true,
        ..PushContent::default()
    };
    received(&world, &[world.push(content)]).await;
    assert_eq!(world.open().await, ["token_expired", "token_expired"]);
    assert_eq!(world.tell_all().await, 2);
    assert!(world.events().await[0].processed);
}

#[tokio::test]
async fn a_push_for_a_profile_that_does_not_exist_is_kept() {
    let world = World::new().await;
    let push = ReceivedPush {
        profile: Some(examples::profile_id("prof_gone")),
        ..world.order_push(&snapshot("A1", OrderStatus::Unpaid))
    };
    assert_eq!(received(&world, &[push]).await.counts.unverified, 1);
    assert_eq!(world.events().await.len(), 1);
}

#[tokio::test]
async fn a_genuine_push_that_cannot_be_read_is_reported_and_no_ping() {
    let world = World::new().await;
    let content = PushContent {
        content_key: "unreadable".into(),
        ..PushContent::default()
    };
    let received = received(&world, &[world.push(content)]).await;
    assert_eq!((received.counts.pings, received.counts.stored), (0, 1));
    assert_eq!(world.open().await, ["normalization_failed"]);
}

#[tokio::test]
async fn pushes_are_refused_while_the_keys_of_their_profile_cannot_be_opened() {
    let world = World::new().await;
    let push = world.order_push(&snapshot("A1", OrderStatus::ReadyToShip));
    let mut receive = world.receive();
    receive.sealer = std::sync::Arc::new(OtherSecret);
    for _ in 0..2 {
        let refused = receive
            .run(&world.tenant, std::slice::from_ref(&push))
            .await;
        assert!(matches!(
            refused,
            Err(hawker_ports::StoreError::Corrupt { .. })
        ));
    }
    assert!(world.events().await.is_empty(), "the marketplace keeps it");
    assert_eq!(world.open().await, ["unknown"]);
    assert_eq!(world.tell_all().await, 1);
    assert_eq!(received(&world, &[push]).await.counts.stored, 1);
}

/// A sealer with another master secret.
struct OtherSecret;

impl hawker_ports::Sealer for OtherSecret {
    fn seal(
        &self,
        _: &secrecy::SecretString,
    ) -> Result<hawker_ports::Sealed, hawker_ports::SealError> {
        Err(hawker_ports::SealError::Failed)
    }

    fn open(
        &self,
        _: &hawker_ports::Sealed,
    ) -> Result<secrecy::SecretString, hawker_ports::SealError> {
        Err(hawker_ports::SealError::NoKeyOpens)
    }

    fn is_in_force(&self, _: &hawker_ports::Sealed) -> Result<bool, hawker_ports::SealError> {
        Err(hawker_ports::SealError::NoKeyOpens)
    }
}

#[tokio::test]
async fn a_push_is_for_the_profile_of_its_shop_whichever_profile_its_url_names() {
    let world = World::new().await;
    let other = hawker_ports::profiles::NewProfile {
        shop: Some(ShopId(42)),
        ..examples::profile("prof_other")
    };
    let mut uow = hawker_ports::Store::begin(&*world.store, &world.tenant)
        .await
        .unwrap();
    uow.profiles().save(&other, world.now()).await.unwrap();
    uow.commit().await.unwrap();
    let named = ReceivedPush {
        profile: Some(examples::profile_id("prof_other")),
        ..world.order_push(&snapshot("A1", OrderStatus::ReadyToShip))
    };
    received(&world, &[named]).await;
    world
        .marketplace
        .put(snapshot("A1", OrderStatus::ReadyToShip));
    world.work().await;
    let calls = world.marketplace.calls();
    assert_eq!(calls[0].profile.as_str(), crate::world::PROFILE);
}

#[tokio::test]
async fn a_push_that_names_an_app_is_for_a_profile_of_that_app() {
    let world = World::new().await;
    of_other_app(&world).await;
    let push = without_shop(&world, PushCode::AUTHORISED, Some(OTHER_APP.0));
    received(&world, &[push]).await;
    let [event] = world.events().await.try_into().unwrap();
    assert_eq!((event.signature_ok, event.shop_id), (Some(true), Some(42)));

    let push = without_shop(&world, PushCode::AUTHORISATION_CANCELLED, Some(OTHER_APP.0));
    received(&world, &[forged(push)]).await;
    let [open] = world.exceptions("open").await.try_into().unwrap();
    assert!(open.message.contains("prof_other"), "{}", open.message);
}

#[tokio::test]
async fn every_profile_of_an_app_that_a_push_names_may_know_its_key() {
    let world = World::new().await;
    of_other_app(&world).await;
    let mut first = world.stored("prof_other").await;
    (first.id, first.push_key) = (id("prof_early"), None);
    first.shop = None;
    world.put(first).await;
    let push = without_shop(&world, PushCode::AUTHORISED, Some(OTHER_APP.0));
    received(&world, &[push]).await;
    assert_eq!(world.events().await[0].signature_ok, Some(true));
}

#[tokio::test]
async fn a_push_that_names_neither_shop_nor_app_is_for_the_profile_whose_key_it_verifies_with() {
    let world = World::new().await;
    of_other_app(&world).await;
    let push = without_shop(&world, PushCode::AUTHORISATION_EXPIRY, None);
    received(&world, std::slice::from_ref(&push)).await;
    let [event] = world.events().await.try_into().unwrap();
    assert_eq!((event.signature_ok, event.shop_id), (Some(true), Some(42)));

    received(&world, &[forged(push)]).await;
    let [open] = world.exceptions("open").await.try_into().unwrap();
    assert_eq!(open.error_class, "signature_mismatch");
    assert!(open.message.contains(PROFILE), "{}", open.message);
}

#[tokio::test]
async fn a_push_without_a_shop_is_not_verified_with_keys_of_another_environment() {
    let world = World::new().await;
    of_other_app(&world).await;
    let mut other = world.stored("prof_other").await;
    other.environment = Environment::Live;
    world.put(other).await;
    let push = without_shop(&world, PushCode::AUTHORISATION_EXPIRY, None);
    assert_eq!(received(&world, &[push]).await.counts.unverified, 1);
}

#[tokio::test]
async fn a_push_that_a_key_which_cannot_be_opened_may_verify_is_not_taken_in() {
    let world = World::new().await;
    of_other_app(&world).await;
    let mut other = world.stored("prof_other").await;
    other.push_key = Some(Sealed::from_stored("no seal".into()));
    world.put(other).await;
    let push = without_shop(&world, PushCode::AUTHORISATION_EXPIRY, None);
    let refused = world.receive().run(&world.tenant, &[push]).await;
    assert!(matches!(refused, Err(StoreError::Corrupt { .. })));
    assert_eq!(world.events().await.len(), 0);
}
