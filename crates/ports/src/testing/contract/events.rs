//! Events are stored once; what cannot be verified never gets in the way.

use hawker_domain::Environment;
use hawker_domain::event::{Disposition, EventOutcome, NewEvent};
use hawker_domain::ids::EventId;

use super::bench::{Bench, OTHER_PROFILE, PROFILE, some_day};
use super::{Outcome, StoreFixture};
use crate::inbox::StoredAs::{Duplicate, New};
use crate::testing::examples::{after_noon, forged, noon, profile_id};

/// The event under another id, as a repeat arrives.
fn again(event: &NewEvent, bench: &Bench) -> NewEvent {
    NewEvent {
        id: EventId::fresh(&bench.ids),
        ..event.clone()
    }
}

/// A retry of a push carries the same delivery id, whatever became of its content.
pub async fn a_trusted_event_is_stored_once_by_its_delivery(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let event = bench.push("250101AAA", 0);
    assert_eq!(bench.store(std::slice::from_ref(&event)).await?, [New]);
    let mut repeat = again(&event, &bench);
    repeat.content.content_key = "content:another".into();
    assert_eq!(bench.store(&[repeat]).await?, [Duplicate]);
    let batch = bench.must_claim(noon()).await?;
    assert_eq!(batch.orders[0].events, [event.id]);
    Ok(())
}

/// A push and the lost push that repeats it share their content.
pub async fn a_trusted_event_is_stored_once_by_its_content(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let event = bench.push("250101AAA", 0);
    assert_eq!(bench.store(std::slice::from_ref(&event)).await?, [New]);
    let mut repeat = again(&event, &bench);
    repeat.delivery_id = None;
    assert_eq!(bench.store(&[repeat]).await?, [Duplicate]);
    Ok(())
}

/// Pushes that are stored together are compared with each other too.
pub async fn duplicates_within_one_call_are_found(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let first = bench.push("250101AAA", 0);
    let second = bench.push("250101BBB", 0);
    let events = [first.clone(), again(&first, &bench), second];
    assert_eq!(bench.store(&events).await?, [New, Duplicate, New]);
    Ok(())
}

/// No delivery id is not the same delivery id.
pub async fn events_without_a_delivery_id_are_told_apart_by_their_content(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let events = ["250101AAA", "250101AAA"].map(|number| NewEvent {
        delivery_id: None,
        ..bench.push(number, 0)
    });
    assert_eq!(bench.store(&events).await?, [New, New]);
    Ok(())
}

/// Whoever guesses a delivery id cannot keep the genuine event out.
pub async fn a_forged_event_does_not_shadow_the_genuine_one(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let genuine = bench.push("250101AAA", 0);
    let forgery = forged(&genuine, &bench.ids);
    assert_eq!(bench.store(&[forgery]).await?, [New]);
    assert_eq!(bench.store(std::slice::from_ref(&genuine)).await?, [New]);
    let forgery = forged(&genuine, &bench.ids);
    assert_eq!(bench.store(&[forgery]).await?, [New]);
    let batch = bench.must_claim(noon()).await?;
    assert_eq!(batch.orders[0].events, [genuine.id]);
    Ok(())
}

/// Test shops and real shops number their messages independently.
pub async fn the_same_event_in_the_other_environment_is_another_event(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let event = bench.push("250101AAA", 0);
    let live = NewEvent {
        environment: Environment::Live,
        ..again(&event, &bench)
    };
    assert_eq!(bench.store(&[event, live]).await?, [New, New]);
    Ok(())
}

/// The bound on unverified rows needs a count that costs no more than the bound.
pub async fn unverified_rows_are_counted_by_profile_and_up_to_a_bound(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let genuine = bench.push("250101AAA", 0);
    let of_nobody = NewEvent {
        profile: None,
        ..forged(&genuine, &bench.ids)
    };
    let forgeries = [(); 3].map(|()| forged(&genuine, &bench.ids));
    bench.store(&[genuine, of_nobody]).await?;
    bench.store(&forgeries).await?;
    let mut uow = bench.begin().await?;
    let mut counts = Vec::new();
    for (profile, at_most) in [
        (Some(PROFILE), 10),
        (Some(PROFILE), 2),
        (Some(OTHER_PROFILE), 10),
        (None, 10),
    ] {
        let profile = profile.map(profile_id);
        counts.push(
            uow.inbox()
                .unverified_rows(profile.as_ref(), at_most)
                .await?,
        );
    }
    assert_eq!(counts, [3, 2, 0, 1]);
    Ok(())
}

/// Codes that nothing is done for are finished as they are stored.
pub async fn an_event_that_was_finished_as_it_was_stored_asks_for_no_work(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let event = NewEvent {
        disposition: Disposition::Finished(EventOutcome::Recorded),
        ..bench.push("250101AAA", 0)
    };
    let id = event.id;
    bench.store(&[event]).await?;
    assert!(bench.claim(some_day()).await?.is_none());
    let shown = bench.views.event(&bench.tenant, id).await?;
    let shown = shown.expect("the event is kept");
    assert!(shown.summary.processed);
    assert_eq!(shown.summary.outcome.as_deref(), Some("recorded"));
    Ok(())
}

/// What is parked is pending, but never due by itself.
pub async fn a_parked_event_waits_for_a_person(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let event = NewEvent {
        disposition: Disposition::Parked,
        ..bench.push("250101AAA", 0)
    };
    let id = event.id;
    bench.store(&[event]).await?;
    assert!(bench.claim(some_day()).await?.is_none());
    let shown = bench.views.event(&bench.tenant, id).await?;
    let shown = shown.expect("the event is kept").summary;
    assert_eq!((shown.processed, shown.next_attempt_at), (false, None));
    Ok(())
}

/// Whatever its disposition says: trust is decided by where an event came from.
pub async fn an_unverified_event_is_never_claimed(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let forgery = NewEvent {
        disposition: Disposition::Due,
        ..forged(&bench.push("250101AAA", 0), &bench.ids)
    };
    bench.store(&[forgery]).await?;
    assert!(bench.claim(some_day()).await?.is_none());
    Ok(())
}

/// An operator sees what came, from where and how it proved itself.
pub async fn an_event_is_shown_with_what_is_known_of_it(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let json = bench.push("250101AAA", 5);
    let mut garbage = bench.push("250101AAA", 6);
    garbage.body = b"not json \xff".to_vec();
    garbage.content.is_json = false;
    bench.store(&[json.clone(), garbage.clone()]).await?;

    let shown = bench.views.event(&bench.tenant, json.id).await?;
    let shown = shown.expect("the event is kept");
    assert_eq!(shown.summary.id, json.id.to_string());
    assert_eq!(shown.summary.received_at, after_noon(5));
    assert_eq!(shown.summary.environment, "sandbox");
    assert_eq!(shown.summary.source, "webhook");
    assert_eq!(shown.summary.code, 3);
    assert_eq!(shown.summary.order_sn.as_deref(), Some("250101AAA"));
    assert_eq!(shown.summary.shop_id, json.content.shop.map(|shop| shop.0));
    assert_eq!(shown.summary.signature_ok, Some(true));
    assert_eq!(shown.summary.next_attempt_at, Some(after_noon(5)));
    assert_eq!(shown.profile_id.as_deref(), Some(PROFILE));
    assert_eq!(shown.signature_scheme.as_deref(), Some("url_body"));
    assert_eq!(shown.signature_key.as_deref(), Some("push"));
    assert_eq!(shown.delivery_id, json.delivery_id);
    assert_eq!(shown.payload["data"]["ordersn"], "250101AAA");

    let shown = bench.views.event(&bench.tenant, garbage.id).await?;
    let shown = shown.expect("the event is kept");
    assert_eq!(shown.payload, "not json \u{fffd}");
    Ok(())
}
