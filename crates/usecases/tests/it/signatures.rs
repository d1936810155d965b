//! The signature lab.

use chrono::TimeDelta;
use hawker_domain::audit::Actor;
use hawker_domain::event::{EventSource, KeySlot, NewEvent};
use hawker_domain::ids::EventId;
use hawker_domain::order::OrderStatus;
use hawker_ports::profiles::Profile;
use hawker_ports::pushes::ReceivedPush;
use hawker_ports::testing::examples::{self, sealed, snapshot};
use hawker_ports::{Sealed, Store as _};
use hawker_usecases::examine_signature::{HeaderCard, SignatureReport};

use crate::operators::id;
use crate::world::{PROFILE, World};

fn signed_by(world: &World, key: Option<&str>) -> ReceivedPush {
    let push = world.order_push(&snapshot("A1", OrderStatus::ReadyToShip));
    ReceivedPush {
        authorization: key.map(Into::into),
        profile: Some(id(PROFILE)),
        ..push
    }
}

/// Takes the push in and looks at it.
async fn examined(world: &World, push: ReceivedPush) -> SignatureReport {
    world.receive().run(&world.tenant, &[push]).await.unwrap();
    newest(world).await
}

async fn newest(world: &World) -> SignatureReport {
    let event: EventId = world.events().await[0].id.parse().unwrap();
    let report = world.signatures().run(&world.tenant, event).await.unwrap();
    report.expect("the event")
}

fn told(report: &SignatureReport) -> String {
    report.hints.join(" ")
}

#[tokio::test]
async fn every_candidate_is_shown_with_a_fingerprint_and_no_secret() {
    let world = World::new().await;
    let report = examined(&world, signed_by(&world, Some("push-key"))).await;
    assert!(report.signature_ok && report.verifies_now);
    assert_eq!(
        (report.signature_key, report.header),
        (Some(KeySlot::Push), Some(HeaderCard::Plain))
    );
    let tried: Vec<_> = report
        .candidates
        .iter()
        .map(|it| (it.key, it.matches))
        .collect();
    assert_eq!(tried, [(KeySlot::Push, true), (KeySlot::Partner, false)]);
    assert!(report.candidates[0].is_registered_url);
    assert_eq!(
        report.candidates[0].key_fingerprint.as_deref(),
        Some("••••")
    );
    assert_eq!(report.hints, Vec::<String>::new());
    let text = serde_json::to_string(&report).unwrap();
    assert!(
        !text.contains("push-key") && !text.contains("partner-key"),
        "{text}"
    );
    assert!(
        text.contains(r#""env_type":"sandbox""#) && text.contains(r#""header":"plain""#),
        "{text}"
    );
}

#[tokio::test]
async fn a_push_by_the_previous_key_is_told_so() {
    let world = World::new().await;
    let stored = world.stored(PROFILE).await;
    world
        .put(Profile {
            push_key: Some(sealed("second-key")),
            previous_push_key: Some(sealed("push-key")),
            ..stored
        })
        .await;
    let report = examined(&world, signed_by(&world, Some("push-key"))).await;
    assert!(
        told(&report).contains("previous push key"),
        "{:?}",
        report.hints
    );
}

#[tokio::test]
async fn a_push_that_verifies_since_its_key_was_saved_is_told_to_be_released() {
    let world = World::new().await;
    let report = examined(&world, signed_by(&world, Some("fresh-key"))).await;
    assert!(!report.signature_ok && !report.verifies_now);
    assert!(
        told(&report).contains("with none of these keys"),
        "{:?}",
        report.hints
    );
    let stored = world.stored(PROFILE).await;
    world
        .put(Profile {
            push_key: Some(sealed("fresh-key")),
            ..stored
        })
        .await;
    let report = newest(&world).await;
    assert!(!report.signature_ok && report.verifies_now);
    assert!(
        told(&report).contains("Verify again releases it"),
        "{:?}",
        report.hints
    );
}

#[tokio::test]
async fn a_push_of_another_profile_is_told_whose_it_is() {
    let world = World::new().await;
    let other = Profile {
        push_key: Some(sealed("other-key")),
        ..examples::blank_profile("prof_two")
    };
    world.put(other).await;
    let report = examined(&world, signed_by(&world, Some("other-key"))).await;
    assert!(!report.verifies_now);
    assert!(
        told(&report).contains("a key of profile prof_two"),
        "{:?}",
        report.hints
    );
    assert!(
        report
            .candidates
            .iter()
            .all(|candidate| candidate.profile == id(PROFILE))
    );
}

#[tokio::test]
async fn a_push_without_a_signature_is_told_so() {
    let world = World::new().await;
    let report = examined(&world, signed_by(&world, None)).await;
    assert_eq!(report.header, Some(HeaderCard::Absent));
    assert!(
        told(&report).contains("no Authorization header"),
        "{:?}",
        report.hints
    );
}

#[tokio::test]
async fn a_push_for_a_profile_without_keys_is_told_what_to_save() {
    let world = World::new().await;
    world.put(examples::blank_profile("prof_bare")).await;
    let bare = ReceivedPush {
        profile: Some(id("prof_bare")),
        ..signed_by(&world, Some("any"))
    };
    let bare = ReceivedPush {
        environment: hawker_domain::Environment::Live,
        ..bare
    };
    let report = examined(&world, bare).await;
    assert!(
        report
            .candidates
            .iter()
            .all(|candidate| candidate.profile != id("prof_bare"))
    );
    assert!(!report.verifies_now && !report.hints.is_empty());
}

#[tokio::test]
async fn a_key_that_cannot_be_read_is_told() {
    let world = World::new().await;
    let push = signed_by(&world, Some("fresh-key"));
    world.receive().run(&world.tenant, &[push]).await.unwrap();
    let foreign = Some(Sealed::from_stored("v1:foreign".into()));
    let stored = world.stored(PROFILE).await;
    world
        .put(Profile {
            push_key: foreign,
            ..stored
        })
        .await;
    let report = newest(&world).await;
    assert!(
        told(&report).contains("JWT_SECRET_PREVIOUS"),
        "{:?}",
        report.hints
    );
    let slots: Vec<_> = report
        .candidates
        .iter()
        .map(|candidate| candidate.key)
        .collect();
    assert_eq!(slots, [KeySlot::Partner]);
}

#[tokio::test]
async fn a_push_that_verified_by_a_key_that_is_gone_stays_trusted() {
    let world = World::new().await;
    examined(&world, signed_by(&world, Some("push-key"))).await;
    let stored = world.stored(PROFILE).await;
    world
        .put(Profile {
            push_key: Some(sealed("third-key")),
            ..stored
        })
        .await;
    let report = newest(&world).await;
    assert!(report.signature_ok && !report.verifies_now);
    assert!(
        told(&report).contains("It stays trusted"),
        "{:?}",
        report.hints
    );
}

#[tokio::test]
async fn an_event_that_nobody_signs_has_no_candidates() {
    let world = World::new().await;
    let key = hawker_domain::channel::OrderKey {
        connector: hawker_domain::ConnectorName::Shopee,
        environment: hawker_domain::Environment::Sandbox,
        order_sn: examples::order_sn("A1"),
    };
    let hint = NewEvent::own_hint(
        &key,
        id(PROFILE),
        EventSource::Reconcile,
        world.now(),
        &*world.ids,
    );
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    uow.inbox()
        .store(std::slice::from_ref(&hint))
        .await
        .unwrap();
    uow.commit().await.unwrap();
    let report = world
        .signatures()
        .run(&world.tenant, hint.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((report.candidates.len(), report.header), (0, None));
    assert!(told(&report).contains("reconcile"), "{:?}", report.hints);
    assert!(
        world
            .signatures()
            .run(&world.tenant, EventId::of(7))
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn everything_is_verified_again_at_once_on_request() {
    let world = World::new().await;
    let early = |n: u32| {
        let push = world.order_push(&snapshot(&format!("E{n}"), OrderStatus::ReadyToShip));
        ReceivedPush {
            authorization: Some("fresh-key".into()),
            ..push
        }
    };
    let pushes: Vec<_> = (0..250).map(early).collect();
    world.receive().run(&world.tenant, &pushes).await.unwrap();
    let before = world
        .verify_again()
        .all(&world.tenant, &Actor::terminal())
        .await
        .unwrap();
    assert_eq!((before.judged, before.trusted), (250, 0));
    let stored = world.stored(PROFILE).await;
    world
        .put(Profile {
            push_key: Some(sealed("fresh-key")),
            ..stored
        })
        .await;
    world.clock.advance(TimeDelta::minutes(1));
    let after = world
        .verify_again()
        .all(&world.tenant, &Actor::terminal())
        .await
        .unwrap();
    assert_eq!(
        (after.judged, after.trusted, after.duplicates),
        (250, 250, 0)
    );
    assert_eq!(world.deeds(), ["events.verified_again"; 2]);
    assert_eq!(world.audit()[1].details["trusted"], 250);
    assert!(world.open().await.is_empty());
    assert_eq!(
        world
            .verify_again()
            .all(&world.tenant, &Actor::terminal())
            .await
            .unwrap()
            .judged,
        0
    );
}
