//! A database of the version before payouts had versions and orders a first source: its rows are filled
//! in, and the statements of that version still do what they did.

use chrono::{DateTime, TimeDelta, Utc};
use hawker_domain::TenantSlug;
use hawker_domain::ids::LeaseId;
use hawker_ports::Store as _;
use hawker_ports::inbox::ClaimRequest;
use rust_decimal::Decimal;
use sqlx::PgConnection;

use super::super::{Silent, run};
use super::from_before::database_before;

/// The first migration after that version.
const VERSIONS: i64 = 20_261_121_140_000;

/// What that version executes to keep a payout.
const KEEP: &str = "
    INSERT INTO tenant_default.shopee_escrow AS known (
        environment, ordersn, escrow_amount, original_price, seller_discount, shopee_discount,
        voucher_from_seller, voucher_from_shopee, commission_fee, service_fee,
        seller_transaction_fee, actual_shipping_fee, seller_lost_compensation, buyer_total_amount,
        currency, escrow_release_time, raw_escrow_payload, fetched_at, created_at
    )
    VALUES ('sandbox', $1, $2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'SGD', NULL, '{}', $3, $3)
    ON CONFLICT (environment, ordersn) DO UPDATE
    SET escrow_amount = excluded.escrow_amount,
        escrow_release_time = coalesce(excluded.escrow_release_time, known.escrow_release_time),
        fetched_at = excluded.fetched_at
    WHERE known.fetched_at <= excluded.fetched_at";

/// What that version executes to store an event and to claim its order.
const STORE: &str = "
    INSERT INTO tenant_default.connector_event (
        connector, environment, profile_id, source, event_type, order_sn, content_key, trusted, body,
        body_is_json, next_attempt_at, received_at
    )
    VALUES ('shopee', 'sandbox', 'scp_first', $1, 3, $2, $1 || $2 || $4, $3, '{}', true, $4, $4)";
const CLAIM: &str = "
    INSERT INTO tenant_default.connector_order (
        connector, environment, order_sn, profile_id, lease, lease_until, created_at, updated_at
    )
    VALUES ('shopee', 'sandbox', $1, 'scp_first', 'lease_1', $2, $2, $2)";

fn noon() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(1_767_585_600)
}

async fn keep(
    connection: &mut PgConnection,
    number: &str,
    cents: i64,
    at: DateTime<Utc>,
) -> anyhow::Result<()> {
    sqlx::query(KEEP)
        .bind(number)
        .bind(Decimal::new(cents, 2))
        .bind(at)
        .execute(connection)
        .await?;
    Ok(())
}

/// Number, cause, amount after adjustments, and since when it is known.
type Version = (i32, String, Decimal, DateTime<Utc>);

async fn versions(connection: &mut PgConnection, number: &str) -> anyhow::Result<Vec<Version>> {
    let versions = sqlx::query_as(
        "SELECT version, cause, payout, known_at FROM tenant_default.shopee_escrow_version
         WHERE ordersn = $1 ORDER BY version",
    );
    Ok(versions.bind(number).fetch_all(connection).await?)
}

fn version(number: i32, cause: &str, cents: i64, known_at: DateTime<Utc>) -> Version {
    (number, cause.to_owned(), Decimal::new(cents, 2), known_at)
}

#[tokio::test]
async fn payouts_of_the_version_before_are_first_versions() -> anyhow::Result<()> {
    let (database, mut connection) = database_before(VERSIONS).await?;
    keep(&mut connection, "250101AAA", 8_437, noon()).await?;
    keep(&mut connection, "250101BBB", 100, noon()).await?;
    let report = run(database.store(), &Silent).await?;
    assert!(report.failures().next().is_none());
    assert_eq!(
        versions(&mut connection, "250101AAA").await?,
        [version(1, "captured", 8_437, noon())]
    );
    let documented: Decimal = sqlx::query_scalar(
        "SELECT escrow_amount FROM public.shopee_escrow WHERE ordersn = '250101BBB'",
    )
    .fetch_one(&mut connection)
    .await?;
    assert_eq!(documented, Decimal::new(100, 2));
    Ok(())
}

#[tokio::test]
async fn what_the_version_before_keeps_has_versions_all_the_same() -> anyhow::Result<()> {
    let (database, mut connection) = database_before(VERSIONS).await?;
    run(database.store(), &Silent).await?;
    let hours = |hours| noon() + TimeDelta::hours(hours);
    for (hour, cents) in [(0, 8_437), (1, 8_437), (2, 7_000)] {
        keep(&mut connection, "250101AAA", cents, hours(hour)).await?;
    }
    let kept = versions(&mut connection, "250101AAA").await?;
    let told: Vec<_> = kept
        .iter()
        .map(|(number, cause, cents, _)| (*number, cause.as_str(), *cents))
        .collect();
    let cents = |cents| Decimal::new(cents, 2);
    assert_eq!(
        told,
        [(1, "captured", cents(8_437)), (2, "amounts", cents(7_000))]
    );
    assert!(kept[0].3 >= hours(0) && kept[1].3 >= hours(2));
    Ok(())
}

#[tokio::test]
async fn orders_of_the_version_before_are_told_by_their_earliest_trusted_event()
-> anyhow::Result<()> {
    let (database, mut connection) = database_before(VERSIONS).await?;
    for (source, number, is_trusted, minutes) in [
        ("webhook", "250101AAA", false, 0),
        ("reconcile", "250101AAA", true, 5),
        ("webhook", "250101AAA", true, 6),
        ("poll", "250101BBB", true, 7),
    ] {
        sqlx::query(STORE)
            .bind(source)
            .bind(number)
            .bind(is_trusted)
            .bind(noon() + TimeDelta::minutes(minutes))
            .execute(&mut connection)
            .await?;
    }
    for number in ["250101AAA", "250101BBB", "250101CCC"] {
        sqlx::query(CLAIM)
            .bind(number)
            .bind(noon() + TimeDelta::hours(1))
            .execute(&mut connection)
            .await?;
    }
    run(database.store(), &Silent).await?;
    let told: Vec<(String, Option<String>, Option<DateTime<Utc>>)> = sqlx::query_as(
        "SELECT order_sn, first_source, first_heard_at FROM tenant_default.connector_order
         ORDER BY order_sn",
    )
    .fetch_all(&mut connection)
    .await?;
    let minutes = |minutes| Some(noon() + TimeDelta::minutes(minutes));
    assert_eq!(
        told,
        [
            ("250101AAA".into(), Some("reconcile".into()), minutes(5)),
            ("250101BBB".into(), Some("poll".into()), minutes(7)),
            ("250101CCC".into(), None, None),
        ]
    );
    Ok(())
}

#[tokio::test]
async fn a_record_that_the_version_before_makes_is_filled_in_by_the_next_claim()
-> anyhow::Result<()> {
    let (database, mut connection) = database_before(VERSIONS).await?;
    run(database.store(), &Silent).await?;
    sqlx::query(STORE)
        .bind("poll")
        .bind("250101AAA")
        .bind(true)
        .bind(noon())
        .execute(&mut connection)
        .await?;
    let lost_at = noon() + TimeDelta::hours(1);
    sqlx::query(CLAIM)
        .bind("250101AAA")
        .bind(lost_at)
        .execute(&mut connection)
        .await?;
    let request = ClaimRequest {
        lease: LeaseId::of(1),
        now: lost_at,
        lease_until: lost_at + TimeDelta::minutes(1),
        orders_max: 50,
        except: Vec::new(),
    };
    let mut uow = database
        .store()
        .begin(&TenantSlug::default_tenant())
        .await?;
    assert!(uow.inbox().claim(&request).await?.is_some());
    uow.commit().await?;
    let told: (Option<String>, Option<DateTime<Utc>>) =
        sqlx::query_as("SELECT first_source, first_heard_at FROM tenant_default.connector_order")
            .fetch_one(&mut connection)
            .await?;
    assert_eq!(told, (Some("poll".into()), Some(noon())));
    Ok(())
}
