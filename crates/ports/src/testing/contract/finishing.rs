//! What becomes of claimed work, and how it comes back.

use hawker_domain::event::EventOutcome;
use hawker_domain::event::NewEvent;
use hawker_domain::ids::EventId;
use hawker_domain::order::OrderStatus;

use super::bench::{Bench, LEASE, numbers, reports, seen, some_day};
use super::{Outcome, StoreFixture};
use crate::inbox::{RetryOutcome, WorkResult};
use crate::testing::examples::{after_noon, forged, noon, order_sn, profile_id, sku, snapshot};
use crate::views::{OrderFilter, PageRequest};

const DONE: WorkResult = WorkResult::Done(EventOutcome::Applied);

fn held(skus: &[&str]) -> WorkResult {
    WorkResult::Held {
        missing_skus: skus.iter().map(|text| sku(text)).collect(),
    }
}

/// They say what became of them, and when.
pub async fn finished_events_are_not_claimed_again(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let event = bench.push("250101AAA", 0);
    let id = event.id;
    bench.store(&[event]).await?;
    let batch = bench.must_claim(noon()).await?;
    bench.finish(&batch, &DONE, after_noon(2)).await?;
    assert!(bench.claim(some_day()).await?.is_none());
    let shown = bench.views.event(&bench.tenant, id).await?;
    let shown = shown.expect("the event is kept");
    assert!(shown.summary.processed);
    assert_eq!(shown.summary.outcome.as_deref(), Some("applied"));
    assert_eq!(shown.processed_at, Some(after_noon(2)));
    assert_eq!(shown.summary.next_attempt_at, None);
    Ok(())
}

/// The fetch may have been made before what they tell of.
pub async fn events_that_arrive_after_the_claim_stay_pending(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.store(&[bench.push("250101AAA", 0)]).await?;
    let batch = bench.must_claim(noon()).await?;
    let late = bench.push("250101AAA", 1);
    bench.store(std::slice::from_ref(&late)).await?;
    bench.finish(&batch, &DONE, after_noon(2)).await?;
    let next = bench.must_claim(after_noon(2)).await?;
    assert_eq!(next.orders[0].events, [late.id]);
    Ok(())
}

/// The caller knows from the count how patient to be.
pub async fn a_failed_order_counts_an_attempt_and_is_due_at_its_time(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.store(&[bench.push("250101AAA", 0)]).await?;
    for failed in 0..3 {
        let begin = i64::from(failed) * 10;
        let batch = bench.must_claim(after_noon(begin)).await?;
        assert_eq!(batch.orders[0].attempts, failed);
        let at = after_noon(begin + 10);
        bench
            .finish(&batch, &WorkResult::TryAgain { at }, after_noon(begin))
            .await?;
        assert!(bench.claim(after_noon(begin + 9)).await?.is_none());
    }
    assert_eq!(bench.claimed(after_noon(30)).await?, ["250101AAA"]);
    Ok(())
}

/// The next failure is a first one again.
pub async fn success_forgets_the_attempts(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.store(&[bench.push("250101AAA", 0)]).await?;
    let batch = bench.must_claim(noon()).await?;
    let again = WorkResult::TryAgain { at: after_noon(1) };
    bench.finish(&batch, &again, noon()).await?;
    let batch = bench.must_claim(after_noon(1)).await?;
    bench.finish(&batch, &DONE, after_noon(1)).await?;
    bench.store(&[bench.push("250101AAA", 5)]).await?;
    let batch = bench.must_claim(after_noon(5)).await?;
    assert_eq!(batch.orders[0].attempts, 0);
    Ok(())
}

/// It was not tried at all.
pub async fn a_postponed_order_counts_no_attempt(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.store(&[bench.push("250101AAA", 0)]).await?;
    let batch = bench.must_claim(noon()).await?;
    let until = after_noon(60);
    bench
        .finish(&batch, &WorkResult::Postponed { until }, noon())
        .await?;
    assert!(bench.claim(after_noon(59)).await?.is_none());
    let batch = bench.must_claim(after_noon(60)).await?;
    assert_eq!(batch.orders[0].attempts, 0);
    Ok(())
}

/// Of its profile, and not what waits for a SKU.
pub async fn a_postponed_order_is_woken_when_what_kept_it_is_over(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench
        .store(&[bench.push("250101AAA", 0), bench.push("250101BBB", 1)])
        .await?;
    let batch = bench.must_claim(after_noon(1)).await?;
    let until = after_noon(600);
    let mut reports = reports(&batch, &WorkResult::Postponed { until });
    reports[1].result = held(&["MISSING-1"]);
    let mut uow = bench.begin().await?;
    uow.inbox().finish(&batch, &reports, after_noon(1)).await?;
    uow.commit().await?;

    for (profile, woken) in [("prof_other", false), (batch.profile.as_str(), true)] {
        let profile = profile_id(profile);
        let mut uow = bench.begin().await?;
        uow.inbox().wake(&profile, after_noon(2)).await?;
        uow.commit().await?;
        let claimed = bench.claim(after_noon(2)).await?;
        assert_eq!(claimed.is_some(), woken);
        if let Some(claimed) = claimed {
            assert_eq!(numbers(&claimed), ["250101AAA"]);
        }
    }
    Ok(())
}

/// Nobody has to press anything.
pub async fn a_held_order_comes_back_when_its_sku_is_added(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench
        .store(&[bench.push("250101AAA", 0), bench.push("250101BBB", 1)])
        .await?;
    let batch = bench.must_claim(after_noon(1)).await?;
    let mut reports = reports(&batch, &held(&["MISSING-1"]));
    reports[1].result = held(&["MISSING-2"]);
    let mut uow = bench.begin().await?;
    uow.inbox().finish(&batch, &reports, after_noon(1)).await?;
    uow.commit().await?;
    assert!(bench.claim(some_day()).await?.is_none());

    bench.add_variant("UNRELATED").await?;
    assert!(bench.claim(some_day()).await?.is_none());
    bench.add_variant("MISSING-2").await?;
    let batch = bench.must_claim(some_day()).await?;
    assert_eq!(numbers(&batch), ["250101BBB"]);
    bench.finish(&batch, &DONE, some_day()).await?;
    let detail = bench
        .views
        .order(&bench.tenant, &order_sn("250101BBB"))
        .await?;
    let detail = detail.expect("the order has a record");
    assert_eq!((detail.summary.hold, detail.missing_skus.len()), (None, 0));
    Ok(())
}

/// With one of them there it is worth a look: the other may not be needed any more.
pub async fn an_order_held_for_two_skus_comes_back_with_either(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.store(&[bench.push("250101AAA", 0)]).await?;
    let batch = bench.must_claim(noon()).await?;
    bench
        .finish(&batch, &held(&["MISSING-1", "MISSING-2"]), noon())
        .await?;
    bench.add_variant("MISSING-2").await?;
    let batch = bench.must_claim(some_day()).await?;
    assert_eq!(numbers(&batch), ["250101AAA"]);
    bench
        .finish(&batch, &held(&["MISSING-1"]), some_day())
        .await?;
    assert!(bench.claim(some_day() + LEASE).await?.is_none());
    bench.add_variant("MISSING-1").await?;
    assert_eq!(bench.claimed(some_day() + LEASE).await?, ["250101AAA"]);
    Ok(())
}

/// Between the look into the catalogue and the report, somebody may have added it.
pub async fn an_order_held_for_a_sku_that_came_meanwhile_is_due_at_once(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.store(&[bench.push("250101AAA", 0)]).await?;
    let batch = bench.must_claim(noon()).await?;
    bench.add_variant("MISSING-1").await?;
    bench
        .finish(&batch, &held(&["MISSING-1"]), after_noon(1))
        .await?;
    assert_eq!(bench.claimed(some_day()).await?, ["250101AAA"]);
    Ok(())
}

/// An order that waits is not an order that is lost.
pub async fn a_held_order_is_seen_with_what_it_waits_for(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.store(&[bench.push("250101AAA", 0)]).await?;
    let batch = bench.must_claim(noon()).await?;
    let told = snapshot("250101AAA", OrderStatus::ReadyToShip);
    let mut reports = reports(&batch, &held(&["MISSING-1", "MISSING-2"]));
    reports[0].seen = Some(seen(&told));
    let mut uow = bench.begin().await?;
    uow.inbox().finish(&batch, &reports, noon()).await?;
    uow.commit().await?;

    let filter = OrderFilter {
        held: Some(true),
        ..OrderFilter::default()
    };
    let page = PageRequest {
        limit: 10,
        after: None,
    };
    let listed = bench.views.orders(&bench.tenant, &filter, &page).await?;
    let [row] = &listed.rows[..] else {
        panic!("one order is held, not {:?}", listed.rows)
    };
    assert_eq!(row.order_sn, "250101AAA");
    assert_eq!(row.sync_status, "pending");
    assert_eq!(row.hold.as_deref(), Some("mapping"));
    assert_eq!(row.marketplace_status.as_deref(), Some("READY_TO_SHIP"));
    assert_eq!(row.order_id, None);
    assert_eq!(row.total, told.total);
    assert_eq!(row.currency.as_deref(), Some("SGD"));
    assert_eq!(row.placed_at, Some(told.created_at));
    assert_eq!(row.ship_by, told.ship_by);
    let detail = bench
        .views
        .order(&bench.tenant, &order_sn("250101AAA"))
        .await?;
    let detail = detail.expect("the order has a record");
    assert_eq!(detail.missing_skus, ["MISSING-1", "MISSING-2"]);
    Ok(())
}

/// A person may know that it is worth another try.
pub async fn an_order_that_was_given_up_comes_back_on_retry(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let event = bench.push("250101AAA", 0);
    let id = event.id;
    bench.store(&[event]).await?;
    let batch = bench.must_claim(noon()).await?;
    bench.finish(&batch, &WorkResult::GaveUp, noon()).await?;
    assert!(bench.claim(some_day()).await?.is_none());
    let shown = bench
        .views
        .order(&bench.tenant, &order_sn("250101AAA"))
        .await?;
    let shown = shown.expect("the order has a record").summary;
    assert_eq!(shown.sync_status, "failed");
    assert_eq!(retry(&bench, id).await?, RetryOutcome::Due);
    assert_eq!(bench.claimed(some_day()).await?, ["250101AAA"]);
    Ok(())
}

/// The new event brings the old ones along.
pub async fn an_order_that_was_given_up_comes_back_with_a_new_event(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.store(&[bench.push("250101AAA", 0)]).await?;
    let batch = bench.must_claim(noon()).await?;
    bench.finish(&batch, &WorkResult::GaveUp, noon()).await?;
    bench.store(&[bench.push("250101AAA", 10)]).await?;
    let batch = bench.must_claim(after_noon(10)).await?;
    assert_eq!(batch.orders[0].events.len(), 2);
    Ok(())
}

/// An operator can ask for anything again.
pub async fn a_retry_makes_a_processed_event_due_again(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let event = bench.push("250101AAA", 0);
    let id = event.id;
    bench.store(&[event]).await?;
    let batch = bench.must_claim(noon()).await?;
    bench.finish(&batch, &DONE, noon()).await?;
    assert_eq!(retry(&bench, id).await?, RetryOutcome::Due);
    let shown = bench.views.event(&bench.tenant, id).await?;
    let shown = shown.expect("the event is kept");
    assert!(!shown.summary.processed);
    assert_eq!((shown.summary.outcome, shown.processed_at), (None, None));
    let batch = bench.must_claim(some_day()).await?;
    assert_eq!(batch.orders[0].events, [id]);
    Ok(())
}

/// Whoever asks for it again gives it all its attempts again.
pub async fn a_retry_forgets_the_attempts(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let event = bench.push("250101AAA", 0);
    let id = event.id;
    bench.store(&[event]).await?;
    let batch = bench.must_claim(noon()).await?;
    let at = some_day() + LEASE;
    bench
        .finish(&batch, &WorkResult::TryAgain { at }, noon())
        .await?;
    assert_eq!(retry(&bench, id).await?, RetryOutcome::Due);
    let batch = bench.must_claim(some_day()).await?;
    assert_eq!(batch.orders[0].attempts, 0);
    Ok(())
}

/// Not every event asks for work.
pub async fn a_retry_of_what_cannot_be_worked_on_says_so(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let genuine = bench.push("250101AAA", 0);
    let forgery = forged(&genuine, &bench.ids);
    let mut without_order: NewEvent = bench.push("250101AAA", 0);
    without_order.content.order_sn = None;
    let ids = [forgery.id, without_order.id];
    bench.store(&[forgery, without_order]).await?;
    for id in ids {
        assert_eq!(retry(&bench, id).await?, RetryOutcome::NothingToDo);
    }
    let unknown = EventId::fresh(&bench.ids);
    assert_eq!(retry(&bench, unknown).await?, RetryOutcome::NotFound);
    assert!(bench.claim(some_day()).await?.is_none());
    Ok(())
}

/// Somebody else is on it by now.
pub async fn a_report_after_the_lease_was_lost_changes_nothing(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let event = bench.push("250101AAA", 0);
    let id = event.id;
    bench.store(&[event]).await?;
    let slow = bench.must_claim(noon()).await?;
    let quick = bench.must_claim(noon() + LEASE).await?;
    bench.finish(&slow, &DONE, noon() + LEASE).await?;
    let shown = bench.views.event(&bench.tenant, id).await?;
    assert!(!shown.expect("the event is kept").summary.processed);
    assert!(bench.claim(noon() + LEASE).await?.is_none());

    let at = after_noon(300);
    bench
        .finish(&quick, &WorkResult::TryAgain { at }, noon() + LEASE)
        .await?;
    let batch = bench.must_claim(at).await?;
    assert_eq!(batch.orders[0].attempts, 1);
    Ok(())
}

async fn retry(bench: &Bench, event: EventId) -> Result<RetryOutcome, crate::StoreError> {
    let mut uow = bench.begin().await?;
    let outcome = uow.inbox().retry(event, noon()).await?;
    uow.commit().await?;
    Ok(outcome)
}
