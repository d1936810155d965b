//! Work is claimed under a lease: no order by two workers, the longest waiting first.

use hawker_domain::event::{EventOutcome, NewEvent, Tracking};

use super::bench::{Bench, LEASE, OTHER_PROFILE, PROFILE, key, numbers};
use super::{Outcome, StoreFixture};
use crate::inbox::{ClaimRequest, WorkResult};
use crate::testing::examples::{after_noon, noon, profile_id, push};

/// Neither without events nor before they are due.
pub async fn nothing_is_claimed_when_nothing_is_due(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    assert!(bench.claim(noon()).await?.is_none());
    bench.store(&[bench.push("250101AAA", 10)]).await?;
    assert!(bench.claim(after_noon(9)).await?.is_none());
    assert!(bench.claim(after_noon(10)).await?.is_some());
    Ok(())
}

/// Several pushes of one order ask for one fetch.
pub async fn all_pending_events_of_an_order_are_one_piece_of_work(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let late = bench.push("250101AAA", 30);
    let early = bench.push("250101AAA", 10);
    let middle = bench.push("250101AAA", 20);
    bench
        .store(&[late.clone(), early.clone(), middle.clone()])
        .await?;
    let batch = bench.must_claim(after_noon(30)).await?;
    assert_eq!(numbers(&batch), ["250101AAA"]);
    assert_eq!(batch.orders[0].events, [early.id, middle.id, late.id]);
    assert_eq!(batch.orders[0].attempts, 0);
    Ok(())
}

/// What the events say is handed over with the claim.
pub async fn a_claim_carries_tracking_numbers_and_the_newest_hint(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let mut first = bench.push("250101AAA", 10);
    first.content.updated_at = Some(after_noon(8));
    let tracking = Tracking {
        package_number: "OFG1".into(),
        tracking_number: "SG0123".into(),
        is_pushed: true,
    };
    let asked = Tracking {
        package_number: "OFG2".into(),
        tracking_number: "SG0456".into(),
        is_pushed: false,
    };
    let mut second = bench.push("250101AAA", 11);
    second.content.updated_at = Some(after_noon(3));
    second.content.tracking = Some(tracking.clone());
    let mut silent = bench.push("250101AAA", 12);
    silent.content.updated_at = None;
    let ours = NewEvent::own_tracking(
        &key("250101AAA"),
        profile_id(PROFILE),
        asked.clone(),
        after_noon(12),
        &bench.ids,
    );
    bench.store(&[first, second, silent, ours]).await?;
    let batch = bench.must_claim(after_noon(12)).await?;
    assert_eq!(batch.orders[0].tracking, [tracking, asked]);
    assert_eq!(batch.orders[0].hinted_at, Some(after_noon(8)));
    Ok(())
}

/// One call to the marketplace takes so many orders and no more.
pub async fn orders_that_wait_longest_are_claimed_first_and_no_more_than_asked_for(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench
        .store(&[
            bench.push("250101CCC", 30),
            bench.push("250101AAA", 10),
            bench.push("250101BBB", 20),
            bench.push("250101AAA", 40),
        ])
        .await?;
    let request = ClaimRequest {
        orders_max: 2,
        ..bench.request(after_noon(60))
    };
    let first = bench.claim_as(&request).await?.expect("work");
    assert_eq!(numbers(&first), ["250101AAA", "250101BBB"]);
    assert_eq!(first.lease, request.lease);
    assert_eq!(bench.claimed(after_noon(60)).await?, ["250101CCC"]);
    Ok(())
}

/// One call to the marketplace is made on behalf of one shop: that of the longest waiting order.
pub async fn a_claim_takes_orders_of_one_profile_only(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let of_other = |number, seconds| push(OTHER_PROFILE, number, after_noon(seconds), &bench.ids);
    bench
        .store(&[
            bench.push("250101AAA", 20),
            of_other("250101BBB", 10),
            bench.push("250101CCC", 30),
            of_other("250101DDD", 40),
        ])
        .await?;
    let batch = bench.must_claim(after_noon(60)).await?;
    assert_eq!(batch.profile, profile_id(OTHER_PROFILE));
    assert_eq!(numbers(&batch), ["250101BBB", "250101DDD"]);
    let batch = bench.must_claim(after_noon(60)).await?;
    assert_eq!(batch.profile, profile_id(PROFILE));
    assert_eq!(numbers(&batch), ["250101AAA", "250101CCC"]);
    Ok(())
}

/// A shop that is throttled holds nobody else up.
pub async fn excluded_profiles_are_left_alone(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let other = push(OTHER_PROFILE, "250101BBB", after_noon(20), &bench.ids);
    bench.store(&[bench.push("250101AAA", 10), other]).await?;
    let without = |profiles: &[&str]| ClaimRequest {
        except: profiles.iter().map(|id| profile_id(id)).collect(),
        ..bench.request(after_noon(60))
    };
    let nothing = bench.claim_as(&without(&[PROFILE, OTHER_PROFILE])).await?;
    assert!(nothing.is_none());
    let batch = bench.claim_as(&without(&[PROFILE])).await?.expect("work");
    assert_eq!(numbers(&batch), ["250101BBB"]);
    Ok(())
}

/// A dead worker's orders come back by themselves, a living one's are its own.
pub async fn a_leased_order_is_not_claimed_again_until_its_lease_ends(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.store(&[bench.push("250101AAA", 0)]).await?;
    bench.must_claim(noon()).await?;
    bench.store(&[bench.push("250101AAA", 10)]).await?;
    let shortly_before = noon() + LEASE - chrono::TimeDelta::seconds(1);
    assert!(bench.claim(shortly_before).await?.is_none());
    let batch = bench.must_claim(noon() + LEASE).await?;
    assert_eq!(batch.orders[0].events.len(), 2);
    Ok(())
}

/// A worker that stops leaves nothing leased.
pub async fn an_order_that_was_given_back_is_due_at_once(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.store(&[bench.push("250101AAA", 0)]).await?;
    let batch = bench.must_claim(noon()).await?;
    let mut uow = bench.begin().await?;
    uow.inbox().give_back(batch.lease).await?;
    uow.commit().await?;
    let again = bench.must_claim(noon()).await?;
    assert_eq!(numbers(&again), numbers(&batch));
    assert_eq!(again.orders[0].attempts, 0);
    Ok(())
}

/// The oldest work may be under way; what is behind it is not.
pub async fn leased_orders_do_not_hide_the_work_of_another_profile(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.store(&[bench.push("250101AAA", 0)]).await?;
    bench.must_claim(noon()).await?;
    let other = push(OTHER_PROFILE, "250101BBB", after_noon(20), &bench.ids);
    bench.store(&[bench.push("250101AAA", 10), other]).await?;
    assert_eq!(bench.claimed(after_noon(20)).await?, ["250101BBB"]);
    Ok(())
}

/// The first claim makes the record of an order; it is the same for good.
pub async fn an_order_keeps_its_record_from_claim_to_claim(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.store(&[bench.push("250101AAA", 0)]).await?;
    let first = bench.must_claim(noon()).await?;
    let done = WorkResult::Done(EventOutcome::Applied);
    bench.finish(&first, &done, noon()).await?;
    let events: [NewEvent; 2] = [bench.push("250101AAA", 10), bench.push("250101BBB", 11)];
    bench.store(&events).await?;
    let second = bench.must_claim(after_noon(11)).await?;
    assert_eq!(second.orders[0].sync, first.orders[0].sync);
    assert_ne!(second.orders[1].sync, first.orders[0].sync);
    Ok(())
}
