//! Every change of a payout is a version of its own, and nothing else is.

use std::slice::from_ref;

use hawker_domain::Currency;
use hawker_domain::Environment;
use hawker_domain::channel::OrderKey;
use hawker_domain::escrow::{
    Adjustment, Escrow, EscrowAmounts, EscrowVersion, Income, VersionCause,
};
use rust_decimal::Decimal;

use super::bench::{Bench, key};
use super::payouts::{captured, find, income, keep};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::testing::examples::{after_noon, order_sn};

const NUMBER: &str = "250101AAA";

/// Only when it was fetched last is known anew.
pub async fn a_payout_that_is_fetched_again_unchanged_makes_no_version(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    let first = captured(NUMBER, 8_437, 10);
    assert_eq!(keep(&bench, from_ref(&first)).await?, [CAPTURED]);
    let again = captured(NUMBER, 8_437, 500);
    assert_eq!(keep(&bench, from_ref(&again)).await?, [None]);
    assert_eq!(find(&bench, NUMBER).await?, Some(again));
    let expected = [(VersionCause::Captured, first)];
    assert_versions(fixture, &bench, NUMBER, &expected).await?;
    Ok(())
}

/// And is the newest from then on; those before it stay as they were.
pub async fn each_change_of_a_payout_makes_a_version_with_its_cause(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    let first = captured(NUMBER, 8_437, 0);
    let dearer = Escrow {
        amounts: EscrowAmounts {
            commission_fee: Decimal::new(141, 2),
            ..first.amounts
        },
        ..first.clone()
    };
    let of_parts = Escrow {
        income: with_part(&dearer.income, "campaign_fee", Decimal::new(1, 2)),
        ..dearer.clone()
    };
    let adjusted = Escrow {
        income: Income {
            adjustments: vec![adjustment(-250)],
            ..of_parts.income.clone()
        },
        ..of_parts.clone()
    };
    let returned = Escrow {
        income: Income {
            returns: vec!["2501010000AAAA1".into()],
            ..adjusted.income.clone()
        },
        ..adjusted.clone()
    };
    let released = Escrow {
        released_at: Some(after_noon(5_000)),
        ..returned.clone()
    };
    let history = [
        (first, VersionCause::Captured),
        (dearer, VersionCause::Amounts),
        (of_parts, VersionCause::Amounts),
        (adjusted, VersionCause::Adjustment),
        (returned, VersionCause::Return),
        (released, VersionCause::Released),
    ];
    let mut expected = Vec::new();
    for ((escrow, cause), seconds) in history.into_iter().zip((0..).step_by(100)) {
        let escrow = Escrow {
            fetched_at: after_noon(seconds),
            ..escrow
        };
        assert_eq!(keep(&bench, from_ref(&escrow)).await?, [Some(cause)]);
        assert_eq!(find(&bench, NUMBER).await?.as_ref(), Some(&escrow));
        expected.push((cause, escrow));
    }
    assert_versions(fixture, &bench, NUMBER, &expected).await?;
    Ok(())
}

/// The details of a payout never tell it.
pub async fn a_known_release_time_stays_known_in_later_versions(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    let released_at = Some(after_noon(-9_000));
    let released = Escrow {
        released_at,
        ..captured(NUMBER, 8_437, 0)
    };
    keep(&bench, from_ref(&released)).await?;
    assert_eq!(keep(&bench, &[captured(NUMBER, 8_437, 10)]).await?, [None]);
    let changed = keep(&bench, &[captured(NUMBER, 7_000, 20)]).await?;
    assert_eq!(changed, [Some(VersionCause::Amounts)]);
    let later = Escrow {
        released_at,
        ..captured(NUMBER, 7_000, 20)
    };
    let expected = [
        (VersionCause::Captured, released),
        (VersionCause::Amounts, later),
    ];
    assert_versions(fixture, &bench, NUMBER, &expected).await?;
    Ok(())
}

/// A batch of payouts may leave them out.
pub async fn silence_about_adjustments_is_no_change_of_them(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    let silent = captured(NUMBER, 8_437, 10);
    let adjusted = Escrow {
        income: Income {
            adjustments: vec![adjustment(-250)],
            ..silent.income.clone()
        },
        ..captured(NUMBER, 8_437, 0)
    };
    keep(&bench, from_ref(&adjusted)).await?;
    assert_eq!(keep(&bench, from_ref(&silent)).await?, [None]);
    let dearer = captured(NUMBER, 8_400, 20);
    assert_eq!(
        keep(&bench, &[dearer]).await?,
        [Some(VersionCause::Amounts)]
    );
    let kept = find(&bench, NUMBER).await?.expect("it was captured");
    assert_eq!(kept.income.adjustments, [adjustment(-250)]);
    Ok(())
}

/// What was asked for earlier says nothing about what is known by now.
pub async fn an_answer_that_was_overtaken_makes_no_version(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    keep(&bench, &[captured(NUMBER, 8_437, 20)]).await?;
    assert_eq!(keep(&bench, &[captured(NUMBER, 1, 10)]).await?, [None]);
    assert_eq!(versions(fixture, &bench, NUMBER).await?.len(), 1);
    Ok(())
}

/// In the order of the question.
pub async fn payouts_that_are_kept_together_are_answered_one_by_one(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    let first = ["250101BBB", "250101DDD"].map(|number| captured(number, 100, 0));
    keep(&bench, &first).await?;
    let second = [
        captured("250101DDD", 200, 10),
        captured("250101CCC", 100, 10),
        captured("250101BBB", 100, 10),
        captured("250101AAA", 100, 10),
    ];
    let causes = keep(&bench, &second).await?;
    let expected = [Some(VersionCause::Amounts), CAPTURED, None, CAPTURED];
    assert_eq!(causes, expected);
    assert_eq!(keep(&bench, &[]).await?, []);
    Ok(())
}

/// To the last digit: what a report is made of must not be rounded.
pub async fn everything_that_a_payout_is_made_of_is_kept_exactly(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    let bare = Adjustment {
        at: None,
        currency: None,
        reason: String::new(),
        ..adjustment(1)
    };
    let escrow = Escrow {
        currency: "VND".parse().expect("a currency"),
        income: Income {
            parts: with_part(&income(), "pix_discount", Decimal::new(123_456_789_012, 6)).parts,
            adjustments: vec![adjustment(-250), bare, adjustment(-250)],
            returns: vec!["2501010000AAAA1".into(), "2501010000AAAA2".into()],
            is_converted: true,
        },
        ..captured(NUMBER, 1_234_567, 0)
    };
    keep(&bench, from_ref(&escrow)).await?;
    assert_eq!(find(&bench, NUMBER).await?.as_ref(), Some(&escrow));
    let expected = [(VersionCause::Captured, escrow)];
    assert_versions(fixture, &bench, NUMBER, &expected).await?;
    Ok(())
}

/// The live one counts; where there is none, there are no versions.
pub async fn versions_are_told_of_the_live_order_where_both_environments_have_it(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    let sandbox = captured(NUMBER, 8_437, 0);
    keep(&bench, from_ref(&sandbox)).await?;
    let expected = [(VersionCause::Captured, sandbox)];
    assert_versions(fixture, &bench, NUMBER, &expected).await?;
    let live = Escrow {
        key: OrderKey {
            environment: Environment::Live,
            ..key(NUMBER)
        },
        ..captured(NUMBER, 7_000, 10)
    };
    keep(&bench, from_ref(&live)).await?;
    let expected = [(VersionCause::Captured, live)];
    assert_versions(fixture, &bench, NUMBER, &expected).await?;
    assert_eq!(versions(fixture, &bench, "250101BBB").await?, []);
    let theirs = Bench::of_other_tenant(fixture).await?;
    assert_eq!(versions(fixture, &theirs, NUMBER).await?, []);
    Ok(())
}

const CAPTURED: Option<VersionCause> = Some(VersionCause::Captured);

fn adjustment(cents: i64) -> Adjustment {
    Adjustment {
        amount: Decimal::new(cents, 2),
        at: Some(after_noon(50)),
        currency: Some(Currency::SGD),
        reason: "Lost parcel \u{1f4e6}".into(),
    }
}

fn with_part(income: &Income, name: &str, amount: Decimal) -> Income {
    let mut income = income.clone();
    income.parts.insert(name.to_owned(), amount);
    income
}

/// These are the versions, numbered from 1 on, and each is known no earlier than the one before.
async fn assert_versions(
    fixture: &dyn StoreFixture,
    bench: &Bench,
    number: &str,
    expected: &[(VersionCause, Escrow)],
) -> Outcome {
    let versions = versions(fixture, bench, number).await?;
    let told: Vec<_> = versions
        .iter()
        .map(|version| (version.number, version.cause, version.escrow.clone()))
        .collect();
    let expected = expected.iter().cloned().zip(1..);
    let expected: Vec<_> = expected
        .map(|((cause, escrow), number)| (number, cause, escrow))
        .collect();
    assert_eq!(told, expected);
    assert!(versions.is_sorted_by_key(|version| version.known_at));
    let is_fetched_before = |version: &EscrowVersion| {
        version.cause == VersionCause::Released || version.known_at >= version.escrow.fetched_at
    };
    assert!(versions.iter().all(is_fetched_before), "{versions:?}");
    Ok(())
}

async fn versions(
    fixture: &dyn StoreFixture,
    bench: &Bench,
    number: &str,
) -> Result<Vec<EscrowVersion>, StoreError> {
    fixture
        .escrow_views()
        .escrow_versions(&bench.tenant, &order_sn(number))
        .await
}
