//! Reports of payouts: by release or by placing, as it is known now or as it was known then.

use std::slice::from_ref;

use chrono::TimeDelta;
use hawker_domain::channel::OrderKey;
use hawker_domain::escrow::{Adjustment, Escrow, EscrowAmounts, Income};
use hawker_domain::event::NewEvent;
use hawker_domain::{Currency, Environment, Timestamp};
use rust_decimal::Decimal;

use super::bench::{Bench, OTHER_PROFILE, PROFILE, key};
use super::holding::placed;
use super::payouts::{captured, keep};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::testing::examples::{after_noon, noon, order_sn, profile_id};
use crate::views::{EscrowReportQuery, EscrowReportRow, EscrowTotals, PageRequest, ReportBy};

/// From the first moment of its window on and before the last, oldest first, each once on some page.
pub async fn a_report_tells_what_was_released_in_its_window(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    let payouts = [
        released("250101FFF", 99),
        released("250101EEE", 100),
        released("250101BBB", 150),
        released("250101CCC", 120),
        released("250101DDD", 120),
        released("250101AAA", 200),
        captured("250101GGG", 8_437, 0),
    ];
    keep(&bench, &payouts).await?;
    let told = report(fixture, &bench, &query(100, 200)).await?;
    let told: Vec<_> = told.iter().map(|row| row.order_sn.as_str()).collect();
    let expected = ["250101EEE", "250101CCC", "250101DDD", "250101BBB"];
    assert_eq!(told, expected);
    Ok(())
}

/// Whatever is known is in its row.
pub async fn a_payout_is_reported_with_all_that_is_known_of_it(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.see(&placed("250101AAA", 60), 0).await?;
    let payout = released("250101AAA", 150);
    let adjusted = Escrow {
        amounts: EscrowAmounts {
            escrow_amount: Decimal::new(8_400, 2),
            ..payout.amounts
        },
        income: Income {
            adjustments: vec![adjustment(-250), adjustment(50)],
            ..payout.income.clone()
        },
        ..payout.clone()
    };
    keep(&bench, &[payout]).await?;
    let later = Escrow {
        fetched_at: after_noon(400),
        ..adjusted
    };
    keep(&bench, from_ref(&later)).await?;
    let amounts = later.amounts;
    let told = report(fixture, &bench, &query(100, 200)).await?;
    assert!(told[0].known_at >= later.fetched_at);
    let expected = EscrowReportRow {
        order_sn: "250101AAA".into(),
        currency: "SGD".into(),
        placed_at: Some(noon() - TimeDelta::hours(1)),
        released_at: Some(after_noon(150)),
        version: 2,
        known_at: told[0].known_at,
        original_price: amounts.original_price,
        seller_discount: amounts.seller_discount,
        shopee_discount: amounts.shopee_discount,
        voucher_from_seller: amounts.voucher_from_seller,
        voucher_from_shopee: amounts.voucher_from_shopee,
        commission_fee: amounts.commission_fee,
        service_fee: amounts.service_fee,
        seller_transaction_fee: amounts.seller_transaction_fee,
        actual_shipping_fee: amounts.actual_shipping_fee,
        seller_lost_compensation: amounts.seller_lost_compensation,
        buyer_total_amount: amounts.buyer_total_amount,
        escrow_amount: Decimal::new(8_400, 2),
        adjustment: Decimal::new(-200, 2),
        payout: Decimal::new(8_200, 2),
        computed: Some(Decimal::new(8_437, 2)),
        unexplained: Some(Decimal::new(-37, 2)),
    };
    assert_eq!(told, [expected]);
    Ok(())
}

/// Where the marketplace told no parts, or converts the payout, nothing can be computed.
pub async fn a_payout_that_the_formula_is_not_for_is_not_called_unexplained(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    let without_parts = Escrow {
        income: Income::default(),
        ..released("250101AAA", 150)
    };
    let converted = released("250101BBB", 151);
    let converted = Escrow {
        income: Income {
            is_converted: true,
            ..converted.income.clone()
        },
        ..converted
    };
    keep(&bench, &[without_parts, converted]).await?;
    let told = report(fixture, &bench, &query(100, 200)).await?;
    let told: Vec<_> = told
        .iter()
        .map(|row| (row.computed, row.unexplained))
        .collect();
    assert_eq!(told, [(None, None); 2]);
    let totals = totals(fixture, &bench, &query(100, 200)).await?;
    let unexplained: Vec<_> = totals
        .iter()
        .map(|total| (total.unexplained_orders, total.unexplained))
        .collect();
    assert_eq!(unexplained, [(0, Decimal::ZERO)]);
    Ok(())
}

/// To the cent, whatever became known since: another amount, an adjustment, a release.
pub async fn a_report_as_of_a_moment_is_the_same_after_later_versions(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::bare(fixture);
    let first = [
        Escrow {
            fetched_at: after_noon(10),
            ..released("250101AAA", 150)
        },
        captured("250101BBB", 5_000, 10),
    ];
    keep(&bench, &first).await?;
    let known = known(fixture, &bench, "250101AAA").await?;
    let then = EscrowReportQuery {
        as_of: known.last().copied(),
        ..query(100, 200)
    };
    let before = (
        report(fixture, &bench, &then).await?,
        totals(fixture, &bench, &then).await?,
    );
    assert_eq!(before.0.len(), 1);
    let later = [
        Escrow {
            fetched_at: after_noon(501),
            ..released("250101BBB", 160)
        },
        captured("250101AAA", 7_000, 501),
        Escrow {
            fetched_at: after_noon(501),
            ..released("250101CCC", 170)
        },
    ];
    keep(&bench, &later).await?;
    let after = (
        report(fixture, &bench, &then).await?,
        totals(fixture, &bench, &then).await?,
    );
    assert_eq!(after, before);
    let now = report(fixture, &bench, &query(100, 200)).await?;
    let now: Vec<_> = now.iter().map(|row| (row.version, row.payout)).collect();
    let cents = |cents| Decimal::new(cents, 2);
    assert_eq!(
        now,
        [(2, cents(7_000)), (2, cents(8_437)), (1, cents(8_437))]
    );
    let nothing_yet = EscrowReportQuery {
        as_of: Some(known[0] - TimeDelta::microseconds(1)),
        ..query(100, 200)
    };
    assert_eq!(report(fixture, &bench, &nothing_yet).await?, []);
    Ok(())
}

/// A version is known from its moment on, with it.
pub async fn a_report_as_of_the_moment_of_a_version_has_it(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    keep(&bench, &[released("250101AAA", 150)]).await?;
    keep(&bench, &[captured("250101AAA", 7_000, 10)]).await?;
    keep(&bench, &[captured("250101AAA", 6_000, 20)]).await?;
    let known = known(fixture, &bench, "250101AAA").await?;
    let instant = TimeDelta::microseconds(1);
    for (as_of, version) in [
        (known[0], 1),
        (known[1] - instant, 1),
        (known[1], 2),
        (known[2] - instant, 2),
        (known[2], 3),
        (known[2] + TimeDelta::days(1), 3),
    ] {
        let then = EscrowReportQuery {
            as_of: Some(as_of),
            ..query(100, 200)
        };
        let told = report(fixture, &bench, &then).await?;
        let told: Vec<_> = told.iter().map(|row| row.version).collect();
        assert_eq!(told, [version], "as of {as_of}");
    }
    Ok(())
}

/// What is not released is among them; what is not known to be placed is not.
pub async fn a_report_by_placing_tells_payouts_that_are_not_released_too(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    for (number, minutes_before) in [("250101AAA", 59), ("250101BBB", 60), ("250101CCC", 61)] {
        bench.see(&placed(number, minutes_before), 0).await?;
    }
    let payouts = [
        captured("250101AAA", 8_437, 0),
        released("250101BBB", 9_000),
        released("250101CCC", 9_000),
        captured("250101DDD", 8_437, 0),
    ];
    keep(&bench, &payouts).await?;
    let by_placing = EscrowReportQuery {
        by: ReportBy::Placed,
        ..query(-3_600, 0)
    };
    let told = report(fixture, &bench, &by_placing).await?;
    let told: Vec<_> = told.iter().map(|row| row.order_sn.as_str()).collect();
    assert_eq!(told, ["250101BBB", "250101AAA"]);
    let totals = totals(fixture, &bench, &by_placing).await?;
    let orders: Vec<_> = totals.iter().map(|total| total.orders).collect();
    assert_eq!(orders, [2]);
    Ok(())
}

/// And of one tenant.
pub async fn a_report_is_of_one_environment_and_of_a_profile_if_it_is_named(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let theirs = Bench::of_other_tenant(fixture).await?;
    bench.see(&placed("250101AAA", 60), 0).await?;
    let other = NewEvent {
        profile: Some(profile_id(OTHER_PROFILE)),
        ..bench.push("250101BBB", 0)
    };
    bench
        .see_by(other, &placed("250101BBB", 60), noon())
        .await?;
    let live = Escrow {
        key: OrderKey {
            environment: Environment::Live,
            ..key("250101CCC")
        },
        ..released("250101CCC", 150)
    };
    let payouts = [released("250101AAA", 150), released("250101BBB", 151), live];
    keep(&bench, &payouts).await?;
    let of_profile = |profile| EscrowReportQuery {
        profile: Some(profile_id(profile)),
        ..query(100, 200)
    };
    let of_live = EscrowReportQuery {
        environment: Environment::Live,
        ..query(100, 200)
    };
    for (bench, query, expected) in [
        (&bench, query(100, 200), &["250101AAA", "250101BBB"][..]),
        (&bench, of_profile(PROFILE), &["250101AAA"]),
        (&bench, of_profile(OTHER_PROFILE), &["250101BBB"]),
        (&bench, of_live, &["250101CCC"]),
        (&theirs, self::query(100, 200), &[]),
    ] {
        let told = report(fixture, bench, &query).await?;
        let told: Vec<_> = told.iter().map(|row| row.order_sn.as_str()).collect();
        assert_eq!(told, expected, "{query:?}");
        let totals = totals(fixture, bench, &query).await?;
        let orders: i64 = totals.iter().map(|total| total.orders).sum();
        assert_eq!(usize::try_from(orders), Ok(expected.len()), "{query:?}");
    }
    Ok(())
}

/// Amounts of two currencies never add up, whether these have cents or not.
pub async fn totals_are_told_by_currency(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    let dong: Currency = "VND".parse().expect("a currency");
    let in_dong = |number, amount| {
        let payout = released(number, 150);
        Escrow {
            currency: dong,
            amounts: EscrowAmounts {
                escrow_amount: Decimal::from(amount),
                commission_fee: Decimal::from(4_800),
                service_fee: Decimal::from(1_200),
                seller_transaction_fee: Decimal::ZERO,
                ..payout.amounts
            },
            income: Income::default(),
            ..payout
        }
    };
    let adjusted = released("250101BBB", 150);
    let adjusted = Escrow {
        amounts: EscrowAmounts {
            escrow_amount: Decimal::new(8_430, 2),
            ..adjusted.amounts
        },
        income: Income {
            adjustments: vec![adjustment(-251)],
            ..adjusted.income.clone()
        },
        ..adjusted
    };
    let payouts = [
        released("250101AAA", 150),
        adjusted,
        in_dong("250101CCC", 48_000),
        in_dong("250101DDD", 152_001),
        released("250101EEE", 900),
    ];
    keep(&bench, &payouts).await?;
    let cents = |cents| Decimal::new(cents, 2);
    let dollars = EscrowTotals {
        currency: "SGD".into(),
        orders: 2,
        escrow_amount: cents(16_867),
        adjustment: cents(-251),
        payout: cents(16_616),
        fees: cents(824),
        unexplained_orders: 1,
        unexplained: cents(-7),
    };
    let dongs = EscrowTotals {
        currency: "VND".into(),
        orders: 2,
        escrow_amount: Decimal::from(200_001),
        adjustment: Decimal::ZERO,
        payout: Decimal::from(200_001),
        fees: Decimal::from(12_000),
        unexplained_orders: 0,
        unexplained: Decimal::ZERO,
    };
    let mut told = totals(fixture, &bench, &query(100, 200)).await?;
    told.sort_by(|a, b| a.currency.cmp(&b.currency));
    assert_eq!(told, [dollars, dongs]);
    assert_eq!(totals(fixture, &bench, &query(0, 1)).await?, []);
    Ok(())
}

/// A payout of 84.37 that was fetched at noon and released so many seconds later.
fn released(number: &str, seconds: i64) -> Escrow {
    Escrow {
        released_at: Some(after_noon(seconds)),
        ..captured(number, 8_437, 0)
    }
}

fn adjustment(cents: i64) -> Adjustment {
    Adjustment {
        amount: Decimal::new(cents, 2),
        at: None,
        currency: None,
        reason: "Lost parcel".into(),
    }
}

/// What was released in the sandbox within a window of seconds after noon.
fn query(from: i64, to: i64) -> EscrowReportQuery {
    EscrowReportQuery {
        by: ReportBy::Released,
        from: after_noon(from),
        to: after_noon(to),
        as_of: None,
        profile: None,
        environment: Environment::Sandbox,
    }
}

/// Since when each version of a payout is known.
async fn known(
    fixture: &dyn StoreFixture,
    bench: &Bench,
    number: &str,
) -> Result<Vec<Timestamp>, StoreError> {
    let versions = fixture
        .escrow_views()
        .escrow_versions(&bench.tenant, &order_sn(number))
        .await?;
    Ok(versions.iter().map(|version| version.known_at).collect())
}

/// The rows of all pages, two on each.
async fn report(
    fixture: &dyn StoreFixture,
    bench: &Bench,
    query: &EscrowReportQuery,
) -> Result<Vec<EscrowReportRow>, StoreError> {
    let views = fixture.escrow_views();
    let mut told = Vec::new();
    let mut request = PageRequest {
        limit: 2,
        after: None,
    };
    loop {
        let page = views.escrow_report(&bench.tenant, query, &request).await?;
        assert!(page.rows.len() <= 2, "no more than asked for");
        told.extend(page.rows);
        match page.next {
            Some(next) => request.after = Some(next),
            None => return Ok(told),
        }
    }
}

async fn totals(
    fixture: &dyn StoreFixture,
    bench: &Bench,
    query: &EscrowReportQuery,
) -> Result<Vec<EscrowTotals>, StoreError> {
    fixture
        .escrow_views()
        .escrow_totals(&bench.tenant, query)
        .await
}
