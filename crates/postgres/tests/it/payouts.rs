//! Versions of payouts: processes that keep at the same time, statements by hand, amounts to the last
//! digit.

use std::collections::BTreeMap;

use hawker_domain::channel::OrderKey;
use hawker_domain::escrow::{Escrow, EscrowAmounts, Income, VersionCause};
use hawker_domain::{ConnectorName, Currency, Environment, Timestamp};
use hawker_ports::Store as _;
use hawker_ports::testing::examples::{after_noon, order_sn};
use hawker_ports::views::EscrowViews as _;
use rust_decimal::Decimal;
use tokio::task::JoinSet;

use crate::workshop::Workshop;

const NUMBER: &str = "250101AAA";

fn captured(cents: i64, seconds: i64) -> Escrow {
    let key = OrderKey {
        connector: ConnectorName::Shopee,
        environment: Environment::Sandbox,
        order_sn: order_sn(NUMBER),
    };
    let amounts = EscrowAmounts {
        escrow_amount: Decimal::new(cents, 2),
        original_price: Decimal::ZERO,
        seller_discount: Decimal::ZERO,
        shopee_discount: Decimal::ZERO,
        voucher_from_seller: Decimal::ZERO,
        voucher_from_shopee: Decimal::ZERO,
        commission_fee: Decimal::ZERO,
        service_fee: Decimal::ZERO,
        seller_transaction_fee: Decimal::ZERO,
        actual_shipping_fee: Decimal::ZERO,
        seller_lost_compensation: Decimal::ZERO,
        buyer_total_amount: Decimal::ZERO,
    };
    let income = Income::default();
    let at = after_noon(seconds);
    Escrow::captured(key, Currency::SGD, amounts, income, "{}".into(), at)
}

async fn keep(workshop: &Workshop, escrow: &Escrow) -> anyhow::Result<Option<VersionCause>> {
    let mut uow = workshop.begin().await?;
    let causes = uow.escrow().keep(std::slice::from_ref(escrow)).await?;
    uow.commit().await?;
    Ok(causes[0])
}

/// Number, cause and amount of each version.
async fn versions(workshop: &Workshop) -> anyhow::Result<Vec<(u32, VersionCause, Decimal)>> {
    let versions = workshop
        .database
        .store()
        .escrow_versions(&workshop.tenant, &order_sn(NUMBER))
        .await?;
    let told = versions.iter().map(|version| {
        let amount = version.escrow.amounts.escrow_amount;
        (version.number, version.cause, amount)
    });
    Ok(told.collect())
}

#[tokio::test]
async fn a_payout_that_two_processes_capture_at_once_has_one_first_version() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    for (cents, expected) in [(8_437, None), (7_000, Some(VersionCause::Amounts))] {
        workshop
            .psql("DELETE FROM tenant_default.shopee_escrow")
            .await?;
        workshop
            .psql("DELETE FROM tenant_default.shopee_escrow_version")
            .await?;
        let mut first = workshop.begin().await?;
        let cause = first.escrow().keep(&[captured(8_437, 0)]).await?;
        assert_eq!(cause, [Some(VersionCause::Captured)]);
        let store = workshop.database.store().clone();
        let tenant = workshop.tenant.clone();
        let mut second = JoinSet::new();
        second.spawn(async move {
            let mut uow = store.begin(&tenant).await?;
            let causes = uow.escrow().keep(&[captured(cents, 1)]).await?;
            uow.commit().await?;
            anyhow::Ok(causes)
        });
        workshop.wait_for_a_lock().await?;
        first.commit().await?;
        let told = second.join_next().await.expect("the other process");
        assert_eq!(told??, [expected]);
        let numbers: Vec<_> = versions(&workshop).await?.iter().map(|one| one.0).collect();
        assert_eq!(numbers.len(), 1 + usize::from(expected.is_some()));
    }
    Ok(())
}

#[tokio::test]
async fn a_payout_that_is_corrected_by_hand_has_a_version_of_it() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    keep(&workshop, &captured(8_437, 0)).await?;
    workshop
        .psql("UPDATE shopee_escrow SET escrow_amount = 80, fetched_at = '2026-01-05 05:00Z'")
        .await?;
    workshop
        .psql("UPDATE shopee_escrow SET fetched_at = '2026-01-05 06:00Z'")
        .await?;
    let again = Escrow {
        fetched_at: "2026-01-05T07:00:00Z".parse()?,
        ..captured(8_437, 0)
    };
    assert_eq!(keep(&workshop, &again).await?, Some(VersionCause::Amounts));
    let amount = |cents| Decimal::new(cents, 2);
    assert_eq!(
        versions(&workshop).await?,
        [
            (1, VersionCause::Captured, amount(8_437)),
            (2, VersionCause::Amounts, amount(8_000)),
            (3, VersionCause::Amounts, amount(8_437)),
        ]
    );
    Ok(())
}

/// The columns hold six digits after the point; whatever has more is the same at the next look.
#[tokio::test]
async fn an_amount_with_more_digits_than_a_column_makes_one_version() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let exact = "0.1234567895".parse::<Decimal>()?;
    let with_digits = |seconds| {
        let escrow = captured(8_437, seconds);
        Escrow {
            amounts: EscrowAmounts {
                service_fee: exact,
                ..escrow.amounts
            },
            income: Income {
                parts: BTreeMap::from([("service_fee\0".to_owned(), exact)]),
                returns: vec!["1\0".to_owned()],
                ..Income::default()
            },
            ..escrow
        }
    };
    let first = keep(&workshop, &with_digits(0)).await?;
    assert_eq!(first, Some(VersionCause::Captured));
    assert_eq!(keep(&workshop, &with_digits(1)).await?, None);
    let mut uow = workshop.begin().await?;
    let kept = uow.escrow().find(&captured(0, 0).key).await?;
    let kept = kept.expect("it was captured");
    assert_eq!(kept.amounts.service_fee, "0.123457".parse()?);
    assert_eq!(kept.income.part("service_fee\u{fffd}"), exact);
    Ok(())
}

/// Since when each version is known.
async fn known_at(workshop: &Workshop) -> anyhow::Result<Vec<Timestamp>> {
    let known = sqlx::query_scalar(
        "SELECT known_at FROM tenant_default.shopee_escrow_version ORDER BY version",
    );
    Ok(known.fetch_all(workshop.database.pool()).await?)
}

/// Now, by the clock of the database.
async fn now(workshop: &Workshop) -> anyhow::Result<Timestamp> {
    let now = sqlx::query_scalar("SELECT clock_timestamp()");
    Ok(now.fetch_one(workshop.database.pool()).await?)
}

#[tokio::test]
async fn a_version_is_never_known_before_the_one_before_it() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    // By a process whose clock was far ahead.
    let ahead = Escrow {
        fetched_at: "2100-01-05T04:00:00Z".parse()?,
        ..captured(8_437, 0)
    };
    keep(&workshop, &ahead).await?;
    workshop
        .psql("UPDATE shopee_escrow SET escrow_amount = 80, fetched_at = '2026-01-05 05:00Z'")
        .await?;
    keep(&workshop, &captured(7_000, 9_000)).await?;
    let known: Vec<String> = sqlx::query_scalar(
        "SELECT to_char(known_at AT TIME ZONE 'UTC', 'YYYY HH24:MI')
         FROM tenant_default.shopee_escrow_version ORDER BY version",
    )
    .fetch_all(workshop.database.pool())
    .await?;
    assert_eq!(known, ["2100 04:00"; 3]);
    Ok(())
}

/// Before that moment nobody could have seen it, however long ago it was fetched.
#[tokio::test]
async fn a_version_is_known_from_the_moment_on_at_which_it_is_written() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let before = now(&workshop).await?;
    keep(&workshop, &captured(8_437, 0)).await?;
    let between = now(&workshop).await?;
    keep(&workshop, &captured(7_000, 1)).await?;
    let known = known_at(&workshop).await?;
    assert!(before < known[0] && known[0] < between && between < known[1]);
    Ok(())
}

/// Only the time of release changes by it, and not when the payout was fetched.
#[tokio::test]
async fn a_statement_by_hand_changes_no_report_that_was_made_before() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    keep(&workshop, &captured(8_437, 0)).await?;
    let before = now(&workshop).await?;
    workshop
        .psql("UPDATE shopee_escrow SET escrow_release_time = '2026-01-05'")
        .await?;
    let known = known_at(&workshop).await?;
    assert_eq!(known.len(), 2);
    assert!(known[0] < before && before < known[1]);
    Ok(())
}

/// Its versions cannot be removed.
#[tokio::test]
async fn a_payout_that_was_removed_goes_on_with_its_next_version() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    keep(&workshop, &captured(8_437, 0)).await?;
    keep(&workshop, &captured(7_000, 1)).await?;
    for seconds in [2, 3] {
        workshop.psql("DELETE FROM shopee_escrow").await?;
        let cause = keep(&workshop, &captured(7_000, seconds)).await?;
        assert_eq!(cause, Some(VersionCause::Captured));
    }
    assert_eq!(
        keep(&workshop, &captured(6_000, 4)).await?,
        Some(VersionCause::Amounts)
    );
    let told: Vec<_> = versions(&workshop)
        .await?
        .iter()
        .map(|(number, cause, _)| (*number, cause.as_str()))
        .collect();
    let expected = [
        (1, "captured"),
        (2, "amounts"),
        (3, "captured"),
        (4, "captured"),
        (5, "amounts"),
    ];
    assert_eq!(told, expected);
    assert!(known_at(&workshop).await?.is_sorted());
    Ok(())
}
