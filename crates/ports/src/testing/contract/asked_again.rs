//! An operator names orders: they are found, and what is pending for them is due at once.

use hawker_domain::channel::OrderKey;
use hawker_domain::event::{EventOutcome, NewEvent};
use hawker_domain::{ConnectorName, Environment};

use super::bench::{Bench, PROFILE, THEIR_PROFILE, key, some_day};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::inbox::WorkResult;
use crate::testing::examples::{after_noon, forged, noon, order_sn, profile_id, sku};

/// Whether it was given up, waits for a SKU, or is to be tried later; with all its attempts again.
pub async fn an_order_that_is_asked_for_again_is_due_at_once(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let later = some_day();
    for (seconds, number, result) in [
        (0, "250101AAA", WorkResult::GaveUp),
        (1, "250101BBB", WorkResult::TryAgain { at: later }),
        (2, "250101CCC", WorkResult::Postponed { until: later }),
        (
            3,
            "250101DDD",
            WorkResult::Held {
                missing_skus: vec![sku("MISSING-1")],
            },
        ),
        (4, "250101EEE", WorkResult::GaveUp),
    ] {
        let push = bench.push(number, seconds);
        let now = after_noon(seconds);
        bench.work_by(push, None, &result, now).await?;
    }
    assert!(bench.claim(after_noon(10)).await?.is_none());
    let numbers = ["250101AAA", "250101BBB", "250101CCC", "250101DDD"];
    assert_eq!(retry(&bench, &numbers, 20).await?, [true; 4]);
    let batch = bench.must_claim(after_noon(20)).await?;
    let mut claimed = super::bench::numbers(&batch);
    claimed.sort();
    assert_eq!(claimed, numbers);
    let attempts: Vec<_> = batch.orders.iter().map(|order| order.attempts).collect();
    assert_eq!(attempts, [0; 4]);
    Ok(())
}

/// It is not worked on twice.
pub async fn an_order_that_is_being_worked_on_stays_leased_when_it_is_asked_for(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.store(&[bench.push("250101AAA", 0)]).await?;
    let batch = bench.must_claim(noon()).await?;
    assert_eq!(retry(&bench, &["250101AAA"], 1).await?, [true]);
    assert!(bench.claim(after_noon(2)).await?.is_none());
    assert_eq!(bench.load(&batch).await?.len(), 1, "the lease still holds");
    Ok(())
}

/// Answers are in the order of the questions.
pub async fn an_order_without_pending_events_has_nothing_to_be_retried(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let done = WorkResult::Done(EventOutcome::Applied);
    let push = bench.push("250101AAA", 0);
    bench.work_by(push, None, &done, noon()).await?;
    let forgery = forged(&bench.push("250101BBB", 1), &bench.ids);
    bench.store(&[forgery, bench.push("250101CCC", 2)]).await?;
    let numbers = ["250101AAA", "250101CCC", "250101BBB", "250101DDD"];
    let answers = retry(&bench, &numbers, 10).await?;
    assert_eq!(answers, [false, true, false, false]);
    assert_eq!(bench.claimed(after_noon(10)).await?, ["250101CCC"]);
    Ok(())
}

/// And nowhere else.
pub async fn an_order_is_found_in_each_environment_that_has_it(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let theirs = Bench::of_other_tenant(fixture).await?;
    let live = NewEvent {
        environment: Environment::Live,
        profile: Some(profile_id("scp_live")),
        ..bench.push("250101AAA", 1)
    };
    let done = WorkResult::Done(EventOutcome::Unchanged);
    for event in [bench.push("250101AAA", 0), live, bench.push("250101BBB", 2)] {
        bench.work_by(event, None, &done, after_noon(2)).await?;
    }
    let their_push = NewEvent {
        profile: Some(profile_id(THEIR_PROFILE)),
        ..theirs.push("250101CCC", 0)
    };
    theirs.work_by(their_push, None, &done, noon()).await?;
    let number = "250101AAA";
    let sandbox = key(number);
    let live = OrderKey {
        environment: Environment::Live,
        ..sandbox.clone()
    };
    for (number, expected) in [
        (
            number,
            vec![
                (sandbox, profile_id(PROFILE)),
                (live, profile_id("scp_live")),
            ],
        ),
        ("250101BBB", vec![(key("250101BBB"), profile_id(PROFILE))]),
        ("250101CCC", Vec::new()),
    ] {
        let mut uow = bench.begin().await?;
        let mut found = uow
            .inbox()
            .find_order(ConnectorName::Shopee, &order_sn(number))
            .await?;
        found.sort();
        assert_eq!(found, expected, "{number}");
    }
    Ok(())
}

async fn retry(bench: &Bench, numbers: &[&str], seconds: i64) -> Result<Vec<bool>, StoreError> {
    let orders: Vec<_> = numbers.iter().map(|number| key(number)).collect();
    let mut uow = bench.begin().await?;
    let retried = uow
        .inbox()
        .retry_orders(&orders, after_noon(seconds))
        .await?;
    uow.commit().await?;
    Ok(retried)
}
