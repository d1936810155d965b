//! Releases of money and the search for payouts that are missing make orders due.

use hawker_domain::escrow::{Adjustment, Escrow, Income, VersionCause};
use hawker_domain::order::OrderStatus;
use rust_decimal::Decimal;

use super::bench::{Bench, OTHER_PROFILE, key};
use super::holding::{orders, orders_of};
use super::payouts::{captured, claim, complete, find, finish, keep, numbers, postpone, with_card};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::escrow::ReleaseOutcome;
use crate::recovery::Release;
use crate::testing::examples::{after_noon, order_sn, snapshot};

/// When the money of the examples was released.
const RELEASED: i64 = 5_000;

/// And nothing else: what agrees is left alone.
pub async fn releases_make_due_what_is_missing_or_differs(fixture: &dyn StoreFixture) -> Outcome {
    let bench = with_card(fixture).await?;
    let all = [
        "250101AAA",
        "250101BBB",
        "250101CCC",
        "250101DDD",
        "250101EEE",
    ];
    settle(&bench, &all).await?;
    let released = |number, cents| Escrow {
        released_at: Some(after_noon(RELEASED)),
        ..captured(number, cents, 0)
    };
    let payouts = [
        captured("250101BBB", 8_437, 0),
        released("250101CCC", 8_437),
        released("250101DDD", 7_000),
        released("250101EEE", 7_000),
    ];
    keep(&bench, &payouts).await?;
    let told = [
        release("250101AAA", Some(8_437)),
        release("250101BBB", Some(8_437)),
        release("250101CCC", Some(8_437)),
        release("250101DDD", Some(8_437)),
        release("250101EEE", None),
        release("250101FFF", Some(8_437)),
    ];
    let outcome = note(&bench, &told, 6_000).await?;
    let expected = ReleaseOutcome {
        noted: 1,
        made_due: 3,
        unknown: vec![order_sn("250101FFF")],
    };
    assert_eq!(outcome, expected);
    assert!(claim(&bench, 5_999, 10).await?.is_empty(), "not before");
    let due = claim(&bench, 6_000, 10).await?;
    let mut due = numbers(&due);
    due.sort_unstable();
    assert_eq!(due, ["250101AAA", "250101BBB", "250101DDD"]);
    Ok(())
}

/// With its adjustments, a payout is what the list tells.
pub async fn a_release_is_compared_with_what_is_paid_after_adjustments(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = with_card(fixture).await?;
    settle(&bench, &["250101AAA"]).await?;
    let payout = captured("250101AAA", 8_437, 0);
    let adjustment = Adjustment {
        amount: Decimal::new(-437, 2),
        at: None,
        currency: None,
        reason: "Shipping fee".into(),
    };
    let adjusted = Escrow {
        released_at: Some(after_noon(RELEASED)),
        income: Income {
            adjustments: vec![adjustment],
            ..payout.income.clone()
        },
        ..payout
    };
    keep(&bench, &[adjusted]).await?;
    for (cents, made_due) in [(8_000, 0), (8_437, 1)] {
        let told = [release("250101AAA", Some(cents))];
        let outcome = note(&bench, &told, 6_000).await?;
        assert_eq!(outcome.made_due, made_due, "{cents}");
    }
    Ok(())
}

/// As a version.
pub async fn a_release_that_was_not_known_is_a_version(fixture: &dyn StoreFixture) -> Outcome {
    let bench = with_card(fixture).await?;
    settle(&bench, &["250101AAA"]).await?;
    keep(&bench, &[captured("250101AAA", 8_437, 0)]).await?;
    let told = [release("250101AAA", Some(8_437))];
    assert_eq!(note(&bench, &told, 6_000).await?.noted, 1);
    let kept = find(&bench, "250101AAA").await?.expect("it was captured");
    assert_eq!(kept.released_at, Some(after_noon(RELEASED)));
    let versions = fixture
        .escrow_views()
        .escrow_versions(&bench.tenant, &order_sn("250101AAA"))
        .await?;
    let told: Vec<_> = versions
        .iter()
        .map(|version| {
            let released_at = version.escrow.released_at;
            (version.cause, released_at)
        })
        .collect();
    let expected = [
        (VersionCause::Captured, None),
        (VersionCause::Released, Some(after_noon(RELEASED))),
    ];
    assert_eq!(told, expected);
    Ok(())
}

/// The same days are looked at every day.
pub async fn a_release_is_noted_once(fixture: &dyn StoreFixture) -> Outcome {
    let bench = with_card(fixture).await?;
    settle(&bench, &["250101AAA"]).await?;
    keep(&bench, &[captured("250101AAA", 8_437, 0)]).await?;
    let told = [
        release("250101AAA", Some(8_437)),
        release("250101AAA", Some(8_437)),
    ];
    let outcome = note(&bench, &told, 6_000).await?;
    assert_eq!((outcome.noted, outcome.made_due), (1, 1));
    let due = claim(&bench, 6_000, 10).await?;
    finish(&bench, &due).await?;
    let again = note(&bench, &told, 7_000).await?;
    assert_eq!(again, ReleaseOutcome::default());
    assert!(claim(&bench, 7_000, 10).await?.is_empty());
    Ok(())
}

/// What was paid out in parts is released when the last of them is.
pub async fn a_later_time_of_release_is_a_version_and_an_earlier_one_is_none(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = with_card(fixture).await?;
    settle(&bench, &["250101AAA"]).await?;
    keep(&bench, &[captured("250101AAA", 8_437, 0)]).await?;
    let at = |seconds| Release {
        released_at: after_noon(seconds),
        ..release("250101AAA", Some(8_437))
    };
    note(&bench, &[at(RELEASED)], 6_000).await?;
    let due = claim(&bench, 6_000, 10).await?;
    finish(&bench, &due).await?;

    let later = [at(RELEASED), at(RELEASED + 9), at(RELEASED + 5)];
    let outcome = note(&bench, &later, 7_000).await?;
    assert_eq!((outcome.noted, outcome.made_due), (1, 1));
    let due = claim(&bench, 7_000, 10).await?;
    assert_eq!(due[0].released_at, Some(after_noon(RELEASED + 9)));
    finish(&bench, &due).await?;
    let earlier = Release {
        payout: Some(Decimal::ONE),
        ..at(RELEASED)
    };
    let outcome = note(&bench, &[earlier], 8_000).await?;
    assert_eq!(outcome, ReleaseOutcome::default());
    let versions = fixture
        .escrow_views()
        .escrow_versions(&bench.tenant, &order_sn("250101AAA"))
        .await?;
    let released: Vec<_> = versions
        .iter()
        .map(|version| version.escrow.released_at)
        .collect();
    let times = [RELEASED, RELEASED + 9].map(|seconds| Some(after_noon(seconds)));
    assert_eq!(released, [None, times[0], times[1]]);
    Ok(())
}

/// Whoever asks for it knows what the list told, until the two agree or the list tells otherwise.
pub async fn a_payout_that_differs_from_the_list_is_due_once_for_what_it_tells(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = with_card(fixture).await?;
    settle(&bench, &["250101AAA"]).await?;
    let payout = Escrow {
        released_at: Some(after_noon(RELEASED)),
        ..captured("250101AAA", 8_437, 0)
    };
    keep(&bench, &[payout]).await?;
    let cents = |cents| Decimal::new(cents, 2);
    for (seconds, told, listed) in [
        (6_000, 8_000, Some(Some(cents(8_000)))),
        (7_000, 8_000, None),
        (8_000, 8_100, Some(Some(cents(8_100)))),
        (9_000, 8_437, Some(None)),
        (10_000, 8_437, None),
        (11_000, 8_200, Some(Some(cents(8_200)))),
    ] {
        note(&bench, &[release("250101AAA", Some(told))], seconds).await?;
        let due = claim(&bench, seconds, 10).await?;
        let known = due
            .first()
            .map(|due| due.known.expect("it is captured").listed);
        assert_eq!(known, listed, "told {told}");
        finish(&bench, &due).await?;
    }
    // What is captured then agrees.
    keep(&bench, &[captured("250101AAA", 8_200, 12_000)]).await?;
    let outcome = note(&bench, &[release("250101AAA", Some(8_200))], 13_000).await?;
    assert_eq!(outcome, ReleaseOutcome::default());
    Ok(())
}

/// Those that nothing else would bring.
pub async fn completed_orders_without_a_payout_become_due(fixture: &dyn StoreFixture) -> Outcome {
    let bench = with_card(fixture).await?;
    bench
        .refresh(snapshot("250101AAA", OrderStatus::Shipped), 0)
        .await?;
    // Ended too long ago; captured; asked for again later; and two that are missing.
    for (number, seconds) in [
        ("250101BBB", 10),
        ("250101CCC", 200),
        ("250101DDD", 201),
        ("250101EEE", 100),
        ("250101FFF", 202),
    ] {
        complete(&bench, number, seconds).await?;
    }
    let claimed = claim(&bench, 300, 10).await?;
    finish(&bench, &claimed).await?;
    keep(&bench, &[captured("250101CCC", 8_437, 300)]).await?;
    make_due(&bench, &["250101DDD"], 300).await?;
    let waiting = claim(&bench, 300, 10).await?;
    postpone(&bench, &waiting, 9_000).await?;

    assert_eq!(make_missing_due(&bench, OTHER_PROFILE, 0, 400).await?, 0);
    let profile = orders().profile;
    assert_eq!(
        make_missing_due(&bench, profile.as_str(), 100, 400).await?,
        2
    );
    assert_eq!(
        make_missing_due(&bench, profile.as_str(), 100, 500).await?,
        0,
        "they are due already"
    );
    let due = claim(&bench, 400, 10).await?;
    let mut due = numbers(&due);
    due.sort_unstable();
    assert_eq!(due, ["250101EEE", "250101FFF"]);
    Ok(())
}

/// Whoever asked is told of each whether there is anything to fetch.
pub async fn payouts_that_somebody_asks_for_are_due_now(fixture: &dyn StoreFixture) -> Outcome {
    let bench = with_card(fixture).await?;
    settle(&bench, &["250101AAA"]).await?;
    complete(&bench, "250101BBB", 1).await?;
    let waiting = claim(&bench, 1, 10).await?;
    postpone(&bench, &waiting, 9_000).await?;
    bench
        .refresh(snapshot("250101CCC", OrderStatus::Shipped), 2)
        .await?;
    let asked = ["250101CCC", "250101BBB", "250101DDD", "250101AAA"];
    let answers = make_due(&bench, &asked, 100).await?;
    assert_eq!(answers, [false, true, false, true]);
    let due = claim(&bench, 100, 10).await?;
    let mut due = numbers(&due);
    due.sort_unstable();
    assert_eq!(due, ["250101AAA", "250101BBB"]);
    Ok(())
}

/// What is being fetched may be older than the question.
pub async fn a_payout_that_is_asked_for_while_it_is_claimed_stays_due(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = with_card(fixture).await?;
    complete(&bench, "250101AAA", 0).await?;
    let claimed = claim(&bench, 0, 10).await?;
    assert_eq!(make_due(&bench, &["250101AAA"], 5).await?, [true]);
    finish(&bench, &claimed).await?;
    assert_eq!(numbers(&claim(&bench, 5, 10).await?), ["250101AAA"]);
    Ok(())
}

/// An order that waits for a SKU is paid out all the same.
pub async fn a_release_of_an_order_that_is_only_held_makes_its_payout_due(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench
        .see(&snapshot("250101AAA", OrderStatus::Completed), 0)
        .await?;
    let told = [release("250101AAA", None)];
    assert_eq!(note(&bench, &told, 100).await?.made_due, 1);
    assert_eq!(numbers(&claim(&bench, 100, 10).await?), ["250101AAA"]);
    Ok(())
}

/// Of two that the list tells, the later one counts, and an earlier one takes nothing back.
pub async fn a_release_that_comes_before_its_payout_is_known_when_it_is_captured(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = with_card(fixture).await?;
    settle(&bench, &["250101AAA", "250101BBB"]).await?;
    let first = release("250101AAA", Some(8_437));
    let later = Release {
        released_at: after_noon(RELEASED + 60),
        ..first.clone()
    };
    for told in [&first, &later, &first] {
        note(&bench, std::slice::from_ref(told), 6_000).await?;
    }
    let claimed = claim(&bench, 6_000, 10).await?;
    assert_eq!(numbers(&claimed), ["250101AAA"]);
    assert_eq!(claimed[0].released_at, Some(later.released_at));
    let payout = Escrow {
        released_at: claimed[0].released_at,
        ..captured("250101AAA", 8_437, 6_000)
    };
    keep(&bench, &[payout]).await?;
    let kept = find(&bench, "250101AAA").await?;
    assert_eq!(
        kept.and_then(|kept| kept.released_at),
        Some(later.released_at)
    );
    Ok(())
}

/// Leaves orders completed with nothing due.
async fn settle(bench: &Bench, orders: &[&str]) -> Outcome {
    for number in orders {
        complete(bench, number, 0).await?;
    }
    let claimed = claim(bench, 0, 100).await?;
    finish(bench, &claimed).await
}

fn release(number: &str, cents: Option<i64>) -> Release {
    Release {
        order_sn: order_sn(number),
        payout: cents.map(|cents| Decimal::new(cents, 2)),
        released_at: after_noon(RELEASED),
    }
}

async fn note(
    bench: &Bench,
    releases: &[Release],
    seconds: i64,
) -> Result<ReleaseOutcome, StoreError> {
    let mut uow = bench.begin().await?;
    let outcome = uow
        .escrow()
        .note_releases(&orders(), releases, after_noon(seconds))
        .await?;
    uow.commit().await?;
    Ok(outcome)
}

async fn make_missing_due(
    bench: &Bench,
    profile: &str,
    since: i64,
    seconds: i64,
) -> Result<u64, StoreError> {
    let (since, now) = (after_noon(since), after_noon(seconds));
    let mut uow = bench.begin().await?;
    let made_due = uow
        .escrow()
        .make_missing_due(&orders_of(profile), since, now)
        .await?;
    uow.commit().await?;
    Ok(made_due)
}

async fn make_due(bench: &Bench, orders: &[&str], seconds: i64) -> Result<Vec<bool>, StoreError> {
    let orders: Vec<_> = orders.iter().map(|number| key(number)).collect();
    let mut uow = bench.begin().await?;
    let due = uow.escrow().make_due(&orders, after_noon(seconds)).await?;
    uow.commit().await?;
    Ok(due)
}
