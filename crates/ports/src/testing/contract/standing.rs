//! Differences of days that stand: who is told of them once, and what of them is asked for again.

use hawker_domain::OrderSn;
use hawker_domain::event::EventSource;

use super::bench::{Bench, PROFILE};
use super::completeness::{day, note, standing, whole};
use super::holding::{orders, placed};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::inbox::WorkResult;
use crate::profiles::Profile;
use crate::reconciliation::StandingDifference;
use crate::testing::examples::{SHOP, after_noon};

/// Of a profile and day, with some of the orders; not yet where it was found just now.
pub async fn differences_stand_from_the_time_on_at_which_they_were_found(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.see(&placed("250101AAA", 60), 0).await?;
    note(&bench, whole(), &["250101BBB"], 10).await?;
    note(&bench, whole(), &["250101BBB", "250101CCC"], 20).await?;
    assert_eq!(standing(&bench, 10).await?, []);
    for (found_before, missing, mut examples) in [
        (11, 1, vec!["250101AAA", "250101BBB"]),
        (20, 1, vec!["250101AAA", "250101BBB"]),
        (21, 2, vec!["250101AAA", "250101BBB", "250101CCC"]),
    ] {
        let [found] = &standing(&bench, found_before).await?[..] else {
            panic!("one day differs")
        };
        let StandingDifference {
            orders: of,
            shop,
            day: date,
            missing: told,
            unlisted,
            examples: named,
            state,
            is_told,
        } = found;
        assert!(!state.is_empty() && !is_told, "{found:?}");
        assert_eq!((of, *shop, *date), (&orders(), Some(SHOP), day().date));
        assert_eq!((*told, *unlisted), (missing, 1), "before {found_before}");
        let mut named: Vec<_> = named.iter().map(OrderSn::as_str).collect();
        named.sort_unstable();
        examples.sort_unstable();
        assert_eq!(named, examples);
    }
    Ok(())
}

/// A message names some, not thousands.
pub async fn no_more_than_five_orders_of_a_difference_are_named(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let numbers: Vec<_> = (0..9).map(|number| format!("25010100{number}")).collect();
    let listed: Vec<_> = numbers.iter().map(String::as_str).collect();
    note(&bench, whole(), &listed, 0).await?;
    let found = standing(&bench, 10).await?;
    let told: Vec<_> = found
        .iter()
        .map(|found| (found.missing, found.examples.len()))
        .collect();
    assert_eq!(told, [(9, 5)]);
    Ok(())
}

/// Nobody compares its orders again.
pub async fn differences_of_a_deleted_profile_do_not_stand(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    note(&bench, whole(), &["250101AAA"], 0).await?;
    assert_eq!(standing(&bench, 10).await?.len(), 1);
    let deleted = Profile {
        deleted_at: Some(after_noon(20)),
        is_active: false,
        ..bench.profile(PROFILE).await?
    };
    bench.put(&deleted, after_noon(20)).await?;
    assert_eq!(standing(&bench, 30).await?, []);
    Ok(())
}

/// A history that comes in is no alarm for each of its days. What is to be tried later has failed.
pub async fn a_missing_order_that_is_about_to_be_fetched_does_not_stand(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    note(&bench, whole(), &["250101AAA"], 0).await?;
    bench.store(&[bench.push("250101AAA", 1)]).await?;
    assert_eq!(standing(&bench, 10).await?, [], "asked for");
    let batch = bench.must_claim(after_noon(10)).await?;
    assert_eq!(standing(&bench, 20).await?, [], "being fetched");
    let until = after_noon(300);
    bench
        .finish(&batch, &WorkResult::Postponed { until }, after_noon(20))
        .await?;
    assert_eq!(standing(&bench, 30).await?, [], "it only waits its turn");
    let a_day = 24 * 3600;
    assert_eq!(standing(&bench, a_day).await?, [], "still");
    let late = standing(&bench, a_day + 2).await?;
    assert_eq!(late.len(), 1, "for a day");
    let batch = bench.must_claim(after_noon(300)).await?;
    let at = after_noon(600);
    bench
        .finish(&batch, &WorkResult::TryAgain { at }, after_noon(320))
        .await?;
    assert_eq!(tell(&bench, 330).await?, [(1, 0, false)], "it failed");
    bench.store(&[bench.push("250101AAA", 340)]).await?;
    let again = tell(&bench, 350).await?;
    assert_eq!(again, [(1, 0, true)], "nothing is taken back for that");
    Ok(())
}

/// Whoever was told of the same orders need not be told again, however long they differ.
pub async fn what_was_told_is_told_again_only_once_it_changes(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.see(&placed("250101AAA", 60), 0).await?;
    note(&bench, whole(), &["250101BBB"], 10).await?;
    assert_eq!(tell(&bench, 100).await?, [(1, 1, false)]);
    assert_eq!(tell(&bench, 110).await?, [(1, 1, true)]);
    note(&bench, whole(), &["250101BBB", "250101CCC"], 120).await?;
    assert_eq!(tell(&bench, 130).await?, [(2, 1, false)], "one more");
    bench.see(&placed("250101BBB", 60), 140).await?;
    assert_eq!(tell(&bench, 150).await?, [(1, 1, false)], "one came");
    note(&bench, whole(), &["250101BBB", "250101DDD"], 160).await?;
    assert_eq!(tell(&bench, 170).await?, [(1, 1, false)], "another one");
    assert_eq!(tell(&bench, 180).await?, [(1, 1, true)]);
    Ok(())
}

/// So that it can be taken back, once.
pub async fn a_difference_that_was_told_and_is_gone_is_named_until_that_is_told(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    note(&bench, whole(), &["250101AAA"], 0).await?;
    tell(&bench, 10).await?;
    bench.see(&placed("250101AAA", 60), 20).await?;
    let gone = standing(&bench, 30).await?;
    let days: Vec<_> = gone.iter().map(|one| (one.day, one.is_gone())).collect();
    assert_eq!(days, [(day().date, true)]);
    assert_eq!(tell(&bench, 40).await?, [(0, 0, false)]);
    assert_eq!(standing(&bench, 50).await?, []);
    Ok(())
}

/// Those that were asked for lately make room for the others.
pub async fn missing_orders_that_nothing_asks_for_are_found_a_portion_at_a_time(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let listed = [
        "250101AAA",
        "250101BBB",
        "250101CCC",
        "250101DDD",
        "250101EEE",
    ];
    note(&bench, whole(), &listed, 10).await?;
    assert!(unasked(&bench, 10, 0).await?.is_empty(), "found just now");
    let first = unasked(&bench, 11, 0).await?;
    assert_eq!(first, listed[..3]);
    // In vain, all of them: the first by ourselves.
    for (number, source) in [
        ("250101AAA", EventSource::Reconcile),
        ("250101BBB", EventSource::Manual),
    ] {
        let event = bench.heard_by(source, number, 20);
        bench
            .work_by(event, None, &WorkResult::GaveUp, after_noon(20))
            .await?;
    }
    // One is held, and one is tried again later.
    bench.see(&placed("250101CCC", 60), 30).await?;
    let later = WorkResult::TryAgain {
        at: after_noon(9_000),
    };
    bench
        .work_by(bench.push("250101DDD", 40), None, &later, after_noon(40))
        .await?;
    assert_eq!(unasked(&bench, 50, 20).await?, ["250101BBB", "250101EEE"]);
    assert_eq!(
        unasked(&bench, 50, 21).await?,
        ["250101AAA", "250101BBB", "250101EEE"]
    );
    Ok(())
}

/// Tells of what stands; answers how many orders are missing and unlisted, and whether that was told.
async fn tell(bench: &Bench, found_before: i64) -> Result<Vec<(u64, u64, bool)>, StoreError> {
    let standing = standing(bench, found_before).await?;
    let mut uow = bench.begin().await?;
    uow.reconciliation().told(&standing).await?;
    uow.commit().await?;
    let standing = standing.iter();
    Ok(standing
        .map(|one| (one.missing, one.unlisted, one.is_told))
        .collect())
}

/// Missing orders, up to three, that nothing asks for.
pub(super) async fn unasked(
    bench: &Bench,
    found_before: i64,
    asked_since: i64,
) -> Result<Vec<String>, StoreError> {
    let mut uow = bench.begin().await?;
    let unasked = uow
        .reconciliation()
        .unasked(after_noon(found_before), after_noon(asked_since), 3)
        .await?;
    let numbers = unasked.into_iter().map(|(of, order_sn)| {
        assert_eq!(of, orders());
        order_sn.to_string()
    });
    Ok(numbers.collect())
}
