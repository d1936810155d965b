//! Old events are forgotten, and nothing that something still needs.

use chrono::TimeDelta;
use hawker_domain::Timestamp;
use hawker_domain::event::{Disposition, EventOutcome, EventSource, NewEvent};
use hawker_domain::exception::ErrorClass;
use hawker_domain::ids::EventId;

use super::bench::{Bench, PROFILE, some_day};
use super::trouble::{clear, of_order, of_profile, raise};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::exceptions::Remaining;
use crate::inbox::StoredAs::{Duplicate, New};
use crate::inbox::{Forgotten, WorkResult};
use crate::testing::examples::{after_noon, forged, noon, profile_id, sku};
use crate::views::{EventFilter, PageRequest};

/// From then on it was dealt with too lately.
fn before() -> Timestamp {
    noon() + TimeDelta::days(1)
}

/// A push about an order that was up to date.
async fn dealt_with(
    bench: &Bench,
    number: &str,
    received: i64,
    done_at: Timestamp,
) -> Result<EventId, StoreError> {
    let push = bench.push(number, received);
    let id = push.id;
    let done = WorkResult::Done(EventOutcome::Applied);
    bench.work_by(push, None, &done, done_at).await?;
    Ok(id)
}

/// A push that is finished as it is stored.
fn recorded(bench: &Bench, seconds: i64) -> NewEvent {
    NewEvent {
        disposition: Disposition::Finished(EventOutcome::Recorded),
        ..bench.push("250101ZZZ", seconds)
    }
}

async fn forget_processed(
    bench: &Bench,
    after: Option<EventId>,
    at_most: u32,
) -> Result<Forgotten, StoreError> {
    let mut uow = bench.begin().await?;
    let inbox = uow.inbox();
    let forgotten = inbox.forget_processed(before(), after, at_most).await?;
    uow.commit().await?;
    Ok(forgotten)
}

async fn forget_unverified(
    bench: &Bench,
    after: Option<EventId>,
    at_most: u32,
) -> Result<Forgotten, StoreError> {
    let mut uow = bench.begin().await?;
    let inbox = uow.inbox();
    let forgotten = inbox.forget_unverified(before(), after, at_most).await?;
    uow.commit().await?;
    Ok(forgotten)
}

const fn gone(events: u32, kept: u32) -> Forgotten {
    Forgotten {
        events,
        kept,
        next: None,
    }
}

/// The ids of the events that are there, oldest first.
async fn there(bench: &Bench) -> Result<Vec<EventId>, StoreError> {
    let page = PageRequest {
        limit: 100,
        after: None,
    };
    let filter = EventFilter::default();
    let rows = bench
        .views
        .events(&bench.tenant, &filter, &page)
        .await?
        .rows;
    let ids = rows.iter().map(|row| row.id.parse().expect("an id"));
    let mut ids: Vec<_> = ids.collect();
    ids.sort();
    Ok(ids)
}

/// What counts is when it was dealt with.
pub async fn what_was_dealt_with_long_ago_is_forgotten(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let long_ago = recorded(&bench, 0);
    bench.store(std::slice::from_ref(&long_ago)).await?;
    dealt_with(&bench, "250101AAA", 1, after_noon(2)).await?;
    let lately = dealt_with(&bench, "250101BBB", 3, before()).await?;
    assert_eq!(forget_processed(&bench, None, 100).await?, gone(2, 1));
    assert_eq!(there(&bench).await?, [lately]);
    assert_eq!(forget_processed(&bench, None, 100).await?, gone(0, 1));
    Ok(())
}

/// Due, held, given up or asked for again, parked without an order, or not verified: none of it is dealt
/// with.
pub async fn what_is_not_dealt_with_is_kept_whatever_its_age(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let held = WorkResult::Held {
        missing_skus: vec![sku("MISSING-1")],
    };
    for (seconds, number, result) in [
        (0, "250101AAA", held),
        (1, "250101BBB", WorkResult::GaveUp),
        (2, "250101CCC", WorkResult::Done(EventOutcome::Applied)),
    ] {
        let push = bench.push(number, seconds);
        bench
            .work_by(push, None, &result, after_noon(seconds))
            .await?;
    }
    let all = there(&bench).await?;
    let mut uow = bench.begin().await?;
    uow.inbox().retry(all[2], after_noon(3)).await?;
    uow.commit().await?;
    let parked = NewEvent {
        disposition: Disposition::Parked,
        ..bench.push("250101DDD", 4)
    };
    let due = bench.push("250101EEE", 5);
    let forgery = forged(&due, &bench.ids);
    bench.store(&[parked, due, forgery]).await?;
    assert_eq!(forget_processed(&bench, None, 100).await?, gone(0, 5));
    assert_eq!(there(&bench).await?.len(), 6);
    let mut claimed = bench.claimed(some_day()).await?;
    claimed.sort();
    assert_eq!(claimed, ["250101CCC", "250101EEE"]);
    Ok(())
}

/// No portion is larger than asked for, and a walk ends where nothing old is left, however much follows.
pub async fn an_inbox_is_gone_through_portion_by_portion(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let old: Vec<_> = (0..5).map(|seconds| recorded(&bench, seconds)).collect();
    let young: Vec<_> = (0..5)
        .map(|seconds| recorded(&bench, 86_400 + seconds))
        .collect();
    bench.store(&old).await?;
    bench.store(&young).await?;
    let mut portions = Vec::new();
    let mut after = None;
    loop {
        let portion = forget_processed(&bench, after, 2).await?;
        portions.push((portion.events, portion.next));
        after = portion.next;
        if after.is_none() {
            break;
        }
    }
    let expected = [
        (2, Some(old[1].id)),
        (2, Some(old[3].id)),
        (1, Some(young[0].id)),
        (0, None),
    ];
    assert_eq!(portions, expected);
    let left: Vec<_> = young.iter().map(|event| event.id).collect();
    assert_eq!(there(&bench).await?, left);
    Ok(())
}

/// A person who looks at an exception finds what it came from, and how a retry of it came out.
pub async fn what_an_open_exception_needs_is_kept(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let of_its_order = dealt_with(&bench, "250101AAA", 0, noon()).await?;
    let named = recorded(&bench, 1);
    let neither = recorded(&bench, 2);
    bench.store(&[named.clone(), neither]).await?;
    let mut of_profile = of_profile(&bench, PROFILE, "push-without-order:5");
    of_profile.subject.event = Some(named.id);
    let of_order = of_order(&bench, "250101AAA", ErrorClass::Oversold, "x");
    raise(&bench, &[of_order, of_profile], 3).await?;
    assert_eq!(forget_processed(&bench, None, 100).await?, gone(1, 2));
    assert_eq!(there(&bench).await?, [of_its_order, named.id]);

    clear(&bench, "250101AAA", Remaining::default(), 4).await?;
    assert_eq!(forget_processed(&bench, None, 100).await?, gone(1, 1));
    assert_eq!(there(&bench).await?, [named.id]);
    Ok(())
}

/// It asks for the order once more, and the order knows what it was.
pub async fn an_event_that_was_forgotten_is_a_new_one_when_it_comes_again(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let push = bench.push("250101AAA", 0);
    let again = |seconds| NewEvent {
        id: EventId::fresh(&bench.ids),
        source: EventSource::Poll,
        received_at: after_noon(seconds),
        ..push.clone()
    };
    let done = WorkResult::Done(EventOutcome::Applied);
    bench.work_by(push.clone(), None, &done, noon()).await?;
    assert_eq!(bench.store(&[again(1)]).await?, [Duplicate]);
    assert_eq!(forget_processed(&bench, None, 100).await?, gone(1, 0));
    assert_eq!(bench.store(&[again(200_000)]).await?, [New]);
    assert_eq!(bench.claimed(some_day()).await?, ["250101AAA"]);
    let number = &push.content.order_sn.expect("an order");
    let order = bench.views.order(&bench.tenant, number).await?;
    let order = order.expect("the order is known");
    assert_eq!(order.summary.first_source.as_deref(), Some("webhook"));
    Ok(())
}

/// Room for those that come now, whatever became of the others.
pub async fn what_never_verified_is_forgotten_by_its_age_alone(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let genuine = recorded(&bench, 0);
    let forgeries: Vec<_> = (0..5).map(|_| forged(&genuine, &bench.ids)).collect();
    let young = forged(&recorded(&bench, 86_400), &bench.ids);
    bench.store(&forgeries).await?;
    bench.store(&[genuine.clone(), young.clone()]).await?;
    let mut named = of_profile(&bench, PROFILE, "push-signature");
    named.subject.event = Some(forgeries[3].id);
    raise(&bench, &[named], 1).await?;
    let first = forget_unverified(&bench, None, 3).await?;
    let next = Some(forgeries[2].id);
    assert_eq!((first.events, first.next), (3, next));
    assert_eq!(forget_unverified(&bench, next, 3).await?, gone(1, 1));
    let mut left = [forgeries[3].id, genuine.id, young.id];
    left.sort();
    assert_eq!(there(&bench).await?, left);
    let mut uow = bench.begin().await?;
    let profile = profile_id(PROFILE);
    assert_eq!(uow.inbox().unverified_rows(Some(&profile), 10).await?, 2);
    Ok(())
}

/// Each merchant's inbox is gone through by itself.
pub async fn events_of_another_tenant_are_not_forgotten(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let theirs = Bench::of_other_tenant(fixture).await?;
    for bench in [&bench, &theirs] {
        let done = recorded(bench, 0);
        bench.store(&[forged(&done, &bench.ids), done]).await?;
    }
    assert_eq!(forget_processed(&bench, None, 100).await?, gone(1, 0));
    assert_eq!(forget_unverified(&bench, None, 100).await?, gone(1, 0));
    assert_eq!(there(&bench).await?, []);
    assert_eq!(there(&theirs).await?.len(), 2);
    Ok(())
}
