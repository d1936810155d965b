//! Events are stored once; what cannot be verified never gets in the way.

use hawker_domain::event::{
    Disposition, EventOutcome, EventSource, KeySlot, NewEvent, SignatureScheme,
};
use hawker_domain::ids::EventId;
use hawker_domain::{ConnectorName, Environment};

use super::bench::{Bench, OTHER_PROFILE, PROFILE, some_day};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::inbox::StoredAs::{self, Duplicate, New};
use crate::inbox::{UnverifiedEvent, WorkResult};
use crate::testing::examples::{after_noon, forged, noon, profile_id};

/// The header with the delivery id is not signed, and numbers may be used again: what says something
/// else is kept, without the id that is taken. In one call or in several.
pub async fn a_delivery_id_with_another_content_loses_no_event(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let with_its_delivery_id = |of: &NewEvent, seconds| NewEvent {
        delivery_id: of.delivery_id.clone(),
        ..bench.push("250101AAA", seconds)
    };
    let first = bench.push("250101AAA", 0);
    let second = with_its_delivery_id(&first, 1);
    let third = with_its_delivery_id(&first, 2);
    let events = [first.clone(), second.clone(), bench.again(&second)];
    assert_eq!(bench.store(&events).await?, [New, New, Duplicate]);
    let events = [third.clone(), bench.again(&first), bench.again(&third)];
    assert_eq!(bench.store(&events).await?, [New, Duplicate, Duplicate]);

    let batch = bench.must_claim(after_noon(2)).await?;
    assert_eq!(batch.orders[0].events, [first.id, second.id, third.id]);
    for (id, delivery_id) in [(first.id, first.delivery_id), (third.id, None)] {
        let shown = bench.views.event(&bench.tenant, id).await?;
        assert_eq!(shown.expect("the event is kept").delivery_id, delivery_id);
    }
    Ok(())
}

/// Two profiles share an app: what was put aside for the one that is not in force is work for the
/// other.
pub async fn an_event_that_was_skipped_is_taken_over_by_a_profile_that_is_in_force(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let skipped = NewEvent {
        disposition: Disposition::Finished(EventOutcome::Skipped),
        ..bench.push("250101AAA", 0)
    };
    let for_other = |disposition| NewEvent {
        profile: Some(profile_id(OTHER_PROFILE)),
        disposition,
        ..bench.again(&skipped)
    };
    let skipped_again = for_other(skipped.disposition);
    let events = [skipped.clone(), skipped_again];
    assert_eq!(bench.store(&events).await?, [New, Duplicate]);
    assert!(bench.claim(some_day()).await?.is_none());

    let due = for_other(Disposition::Due);
    let events = [due.clone(), bench.again(&due)];
    assert_eq!(bench.store(&events).await?, [New, Duplicate]);
    assert_eq!(bench.store(&[bench.again(&due)]).await?, [Duplicate]);
    let batch = bench.must_claim(noon()).await?;
    assert_eq!(batch.profile, profile_id(OTHER_PROFILE));
    assert_eq!(batch.orders[0].events, [skipped.id]);

    let done = WorkResult::Done(EventOutcome::Applied);
    bench.finish(&batch, &done, noon()).await?;
    assert_eq!(bench.store(&[bench.again(&due)]).await?, [Duplicate]);
    Ok(())
}

/// What was recorded has been dealt with, and what is forged proves nothing.
pub async fn only_a_trusted_event_takes_over_and_only_what_was_skipped(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let [skipped, recorded] =
        [EventOutcome::Skipped, EventOutcome::Recorded].map(|outcome| NewEvent {
            disposition: Disposition::Finished(outcome),
            ..bench.push("250101AAA", 0)
        });
    bench.store(&[skipped.clone(), recorded.clone()]).await?;
    let forgery = NewEvent {
        disposition: Disposition::Due,
        ..forged(&skipped, &bench.ids)
    };
    let due = NewEvent {
        disposition: Disposition::Due,
        ..bench.again(&recorded)
    };
    assert_eq!(bench.store(&[forgery, due]).await?, [New, Duplicate]);
    assert!(bench.claim(some_day()).await?.is_none());
    Ok(())
}

/// A push and the lost push that repeats it share their content.
pub async fn a_trusted_event_is_stored_once_by_its_content(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let event = bench.push("250101AAA", 0);
    assert_eq!(bench.store(std::slice::from_ref(&event)).await?, [New]);
    let mut repeat = bench.again(&event);
    repeat.delivery_id = None;
    assert_eq!(bench.store(&[repeat]).await?, [Duplicate]);
    Ok(())
}

/// Pushes that are stored together are compared with each other too.
pub async fn duplicates_within_one_call_are_found(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let first = bench.push("250101AAA", 0);
    let second = bench.push("250101BBB", 0);
    let events = [first.clone(), bench.again(&first), second];
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
        ..bench.again(&event)
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

/// For whoever wants to know why a push was trusted or not.
pub async fn an_event_is_told_with_what_its_verification_came_to(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let genuine = bench.push("250101AAA", 5);
    let mut forgery = forged(&genuine, &bench.ids);
    forgery.body = b"not json \xff".to_vec();
    forgery.content.is_json = false;
    let own = NewEvent {
        source: EventSource::Reconcile,
        verdict: None,
        ..bench.push("250101BBB", 6)
    };
    bench
        .store(&[genuine.clone(), forgery.clone(), own.clone()])
        .await?;

    let mut uow = bench.begin().await?;
    let told = uow.inbox().signed(genuine.id).await?;
    let told = told.expect("the event is kept");
    assert_eq!(told.push.id, genuine.id);
    assert_eq!(told.push.environment, genuine.environment);
    assert_eq!(told.push.profile, genuine.profile);
    assert_eq!(told.push.received_at, genuine.received_at);
    assert_eq!(told.push.body, genuine.body);
    assert_eq!(told.push.signature, genuine.signature);
    assert_eq!(told.push.delivery_id, genuine.delivery_id);
    assert_eq!(told.connector, ConnectorName::Shopee);
    assert_eq!(told.source, EventSource::Webhook);
    assert!(told.is_trusted);
    assert_eq!(told.scheme, Some(SignatureScheme::UrlBody));
    assert_eq!(told.key, Some(KeySlot::Push));

    let told = uow.inbox().signed(forgery.id).await?;
    let told = told.expect("the forgery is kept");
    assert_eq!(told.push.body, forgery.body);
    assert!(!told.is_trusted);
    assert_eq!((told.scheme, told.key), (None, None));

    let told = uow.inbox().signed(own.id).await?;
    let told = told.expect("the hint of our own is kept");
    assert_eq!(told.source, EventSource::Reconcile);
    assert!(told.is_trusted);
    assert_eq!((told.scheme, told.key), (None, None));

    let unknown = uow.inbox().signed(EventId::of(7)).await?;
    assert!(unknown.is_none());
    let theirs = Bench::of_other_tenant(fixture).await?;
    let mut uow = theirs.begin().await?;
    assert!(uow.inbox().signed(genuine.id).await?.is_none());
    Ok(())
}

async fn unverified(
    bench: &Bench,
    after: Option<EventId>,
    at_most: u32,
) -> Result<Vec<UnverifiedEvent>, StoreError> {
    let mut uow = bench.begin().await?;
    let shopee = ConnectorName::Shopee;
    uow.inbox().unverified(shopee, after, at_most).await
}

async fn trust(bench: &Bench, events: &[NewEvent]) -> Result<Vec<StoredAs>, StoreError> {
    let mut uow = bench.begin().await?;
    let stored = uow.inbox().trust(events).await?;
    uow.commit().await?;
    Ok(stored)
}

/// What was signed is judged again byte for byte.
pub async fn unverified_events_are_read_as_they_came_and_page_by_page(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let genuine = bench.push("250101AAA", 0);
    let [first, second, mut third] = [(); 3].map(|()| forged(&genuine, &bench.ids));
    third.body = b"not json \xff".to_vec();
    third.content.is_json = false;
    third.profile = None;
    bench
        .store(&[genuine, third.clone(), first.clone()])
        .await?;
    bench.store(std::slice::from_ref(&second)).await?;
    let page = unverified(&bench, None, 2).await?;
    let ids: Vec<_> = page.iter().map(|event| event.id).collect();
    assert_eq!(ids, [first.id, second.id]);
    let page = unverified(&bench, Some(second.id), 2).await?;
    assert_eq!(page.len(), 1);
    let UnverifiedEvent {
        id,
        environment,
        profile,
        received_at,
        body,
        signature,
        delivery_id,
    } = page[0].clone();
    assert_eq!((id, environment), (third.id, third.environment));
    assert_eq!((profile, received_at), (None, third.received_at));
    assert_eq!((body, signature), (third.body, third.signature));
    assert_eq!(delivery_id, third.delivery_id);
    assert!(unverified(&bench, Some(third.id), 2).await?.is_empty());
    Ok(())
}

/// Under the id that it has been known by, due since it came.
pub async fn an_event_that_verifies_later_becomes_work(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let genuine = bench.push("250101AAA", 0);
    let parked = NewEvent {
        disposition: Disposition::Parked,
        ..forged(&genuine, &bench.ids)
    };
    bench.store(std::slice::from_ref(&parked)).await?;
    let verified = NewEvent {
        id: parked.id,
        ..genuine
    };
    assert_eq!(trust(&bench, &[verified]).await?, [New]);
    assert!(unverified(&bench, None, 10).await?.is_empty());
    let batch = bench.must_claim(noon()).await?;
    assert_eq!(batch.orders[0].events, [parked.id]);
    let shown = bench.views.event(&bench.tenant, parked.id).await?;
    let shown = shown.expect("the event is kept");
    assert_eq!(shown.summary.signature_ok, Some(true));
    assert_eq!(shown.signature_key.as_deref(), Some("push"));
    Ok(())
}

/// Whether the repetition came by itself or verifies in the same call.
pub async fn an_event_that_verifies_later_than_its_repetition_is_gone(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let (known, other) = (bench.push("250101AAA", 0), bench.push("250101BBB", 0));
    let late = [&known, &other, &other].map(|event| forged(event, &bench.ids));
    bench.store(&late).await?;
    bench.store(std::slice::from_ref(&known)).await?;
    let [of_known, first, second] =
        [(&known, 0), (&other, 1), (&other, 2)].map(|(event, nth)| NewEvent {
            id: late[nth].id,
            ..event.clone()
        });
    let answers = trust(&bench, &[of_known.clone(), first, second.clone()]).await?;
    assert_eq!(answers, [Duplicate, New, Duplicate]);
    for gone in [of_known.id, second.id] {
        assert!(bench.views.event(&bench.tenant, gone).await?.is_none());
    }
    assert!(bench.views.event(&bench.tenant, known.id).await?.is_some());
    Ok(())
}

/// Another process may have done the same a moment ago.
pub async fn only_what_is_unverified_is_trusted_later(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let trusted = bench.push("250101AAA", 0);
    bench.store(std::slice::from_ref(&trusted)).await?;
    let absent = bench.push("250101BBB", 0);
    let answers = trust(&bench, &[trusted.clone(), absent.clone()]).await?;
    assert_eq!(answers, [Duplicate, Duplicate]);
    let view = async |id| bench.views.event(&bench.tenant, id).await;
    assert!(view(trusted.id).await?.is_some());
    assert!(view(absent.id).await?.is_none());
    Ok(())
}
