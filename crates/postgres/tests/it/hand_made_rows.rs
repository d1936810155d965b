//! Rows that somebody entered or changed by hand: what could not be worked on is refused, and what got
//! in all the same holds up nothing but itself.

use anyhow::Context as _;
use chrono::TimeDelta;
use hawker_domain::ConnectorName;
use hawker_domain::alert::{Alert, AlertPayload};
use hawker_domain::event::Disposition;
use hawker_domain::exception::ErrorClass;
use hawker_domain::ids::{AlertId, LeaseId};
use hawker_ports::testing::examples::{after_noon, forged, noon};
use sqlx::AssertSqlSafe;

use crate::workshop::{Workshop, some_day};

const ID: &str = "00000000000000000000000001";

async fn run(workshop: &Workshop, statement: String) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(AssertSqlSafe(statement))
        .execute(workshop.database.pool())
        .await?;
    Ok(done.rows_affected())
}

/// Every table with a default for its ids has the rule, under a name that says which id is meant.
#[tokio::test]
async fn an_id_of_another_form_is_refused_wherever_ids_are_ours() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let tables: Vec<(String, String)> = sqlx::query_as(
        "SELECT relname::text, pg_get_expr(adbin, adrelid)
         FROM pg_attrdef
         JOIN pg_class ON pg_class.oid = adrelid
         WHERE relnamespace = 'tenant_default'::regnamespace
           AND pg_get_expr(adbin, adrelid) LIKE '%fresh_id(%'",
    )
    .fetch_all(workshop.database.pool())
    .await?;
    assert!(tables.len() > 15, "{tables:?}");
    for (table, default) in tables {
        let prefix = default
            .split('\'')
            .nth(1)
            .context("the default names a prefix")?;
        let rule: String = sqlx::query_scalar(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint
             WHERE connamespace = 'tenant_default'::regnamespace AND conname = $1",
        )
        .bind(format!("{table}_id_check"))
        .fetch_one(workshop.database.pool())
        .await?;
        let own = format!("{prefix}_{ID}");
        for (id, fits) in [
            (own.clone(), true),
            (format!("{prefix}_7ZZZZZZZZZZZZZZZZZZZZZZZZZ"), true),
            (format!("{prefix}_8ZZZZZZZZZZZZZZZZZZZZZZZZZ"), false),
            (format!("{prefix}_1"), false),
            (own.replace('0', "U"), false),
            (own.replace('1', "a"), false),
            (format!("{own}\n"), false),
            (format!("x{own}"), false),
        ] {
            let check = rule.trim_start_matches("CHECK ");
            let statement = format!("SELECT {check} FROM (VALUES ($1::text)) AS row (id)");
            let answer: bool = sqlx::query_scalar(AssertSqlSafe(statement))
                .bind(&id)
                .fetch_one(workshop.database.pool())
                .await?;
            assert_eq!(answer, fits, "{table}: {id:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_profile_id_that_fits_no_url_is_refused() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    for (id, fits) in [
        ("scp_1-A", true),
        ("", false),
        ("a b", false),
        ("a/b", false),
    ] {
        let statement = format!(
            "INSERT INTO tenant_default.connector_profile
                 (id, connector, environment, display_name, region)
             VALUES ('{id}', 'shopee', 'sandbox', 'Card shop', 'TEST_SG')"
        );
        assert_eq!(run(&workshop, statement).await.is_ok(), fits, "{id:?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_order_number_that_could_not_be_asked_for_is_refused() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let longest = "A".repeat(64);
    for (number, fits) in [
        ("250101-AAA", true),
        ("~!", true),
        (longest.as_str(), true),
        ("", false),
        ("250101,AAA", false),
        ("250101 AAA", false),
        ("250101AAA ", false),
        ("\u{e9}", false),
    ] {
        for (table, columns, values) in [
            (
                "connector_event",
                "source, event_type, content_key, trusted, body, body_is_json, next_attempt_at, received_at",
                "'manual', 3, fresh_id('x'), true, '', false, now(), now()",
            ),
            ("connector_order", "profile_id", "'scp_first'"),
        ] {
            let statement = format!(
                "INSERT INTO tenant_default.{table} (connector, environment, order_sn, {columns})
                 VALUES ('shopee', 'sandbox', '{number}', {})",
                values.replace("fresh_id", "tenant_default.fresh_id"),
            );
            match run(&workshop, statement).await {
                Ok(_) => assert!(fits, "{number:?}"),
                Err(error) => {
                    assert!(!fits, "{number:?}: {error}");
                    let rule = format!("{table}_order_sn_check");
                    assert!(error.to_string().contains(&rule), "{error}");
                }
            }
        }
    }
    let too_long = format!(
        "INSERT INTO tenant_default.connector_order (connector, environment, order_sn, profile_id)
         VALUES ('shopee', 'sandbox', '{longest}A', 'scp_first')"
    );
    assert!(run(&workshop, too_long).await.is_err());
    Ok(())
}

#[tokio::test]
async fn an_event_on_which_nothing_can_be_done_is_not_reopened() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let genuine = workshop.push("250101AAA", 0);
    let forgery = forged(&genuine, &workshop.ids);
    let mut without_order = workshop.push("250101AAA", 1);
    without_order.content.order_sn = None;
    without_order.disposition = Disposition::Parked;
    let mut without_profile = workshop.push("250101AAA", 2);
    without_profile.profile = None;
    workshop
        .store(&[forgery, without_order, without_profile])
        .await?;
    let before = rows(&workshop).await?;
    let reopened = workshop
        .psql("UPDATE tenant_default.shopee_raw_event SET processed = false")
        .await?;
    assert_eq!(reopened, 0);
    assert_eq!(rows(&workshop).await?, before);
    Ok(())
}

async fn rows(workshop: &Workshop) -> anyhow::Result<Vec<String>> {
    let rows = sqlx::query_scalar(
        "SELECT event::text FROM tenant_default.connector_event AS event ORDER BY id",
    )
    .fetch_all(workshop.database.pool())
    .await?;
    Ok(rows)
}

#[tokio::test]
async fn an_alert_that_cannot_be_read_is_set_aside_and_the_others_go_out() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    workshop
        .psql(
            "INSERT INTO tenant_default.connector_alert (payload, next_attempt_at)
             SELECT payload, '2026-01-01' FROM (VALUES
                 ('{\"of\": \"another version\"}'::jsonb), ('1e400'), ('null')
             ) AS alert (payload)",
        )
        .await?;
    let claim = async |now| {
        let mut uow = workshop.begin().await?;
        let lease = LeaseId::fresh(&workshop.ids);
        let due = uow.alerts().claim("n8n", lease, now, some_day(), 2).await?;
        uow.commit().await?;
        anyhow::Ok(due)
    };
    let mut uow = workshop.begin().await?;
    let alert = Alert {
        id: AlertId::fresh(&workshop.ids),
        sink: "n8n".into(),
        payload: AlertPayload {
            connector: ConnectorName::Shopee,
            error_class: ErrorClass::SkuNotFound,
            ordersn: None,
            shop_id: None,
            message: "a SKU is missing".into(),
            exception_id: "cex_1".into(),
            raw_event_id: None,
            occurred_at: noon(),
            details: serde_json::Map::new(),
        },
        threads: Vec::new(),
    };
    uow.alerts()
        .enqueue(std::slice::from_ref(&alert), noon())
        .await?;
    uow.commit().await?;

    let due = claim(noon()).await?;
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].alert.id, alert.id);
    let aside: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM tenant_default.connector_alert
         WHERE lease IS NULL AND attempts = 1 AND last_error LIKE 'cannot be read: %'
           AND next_attempt_at = $1",
    )
    .bind(noon() + TimeDelta::days(1))
    .fetch_one(workshop.database.pool())
    .await?;
    assert_eq!(aside, 3);
    assert!(claim(after_noon(60)).await?.is_empty());
    Ok(())
}

/// The rules of the tables are taken away to let such rows in.
#[tokio::test]
async fn rows_that_cannot_be_read_do_not_hold_up_the_queue() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let good = workshop.push("250101AAA", 60);
    let beside = workshop.push("250101AAA", 61);
    workshop.store(&[good.clone(), beside]).await?;
    for statement in [
        "ALTER TABLE tenant_default.connector_event
             DROP CONSTRAINT connector_event_id_check,
             DROP CONSTRAINT connector_event_order_sn_check",
        "ALTER TABLE tenant_default.connector_order
             DROP CONSTRAINT connector_order_id_check,
             DROP CONSTRAINT connector_order_order_sn_check",
        "INSERT INTO tenant_default.connector_event (
             id, connector, profile_id, order_sn, environment, source, event_type, content_key,
             trusted, body, body_is_json, next_attempt_at, received_at
         )
         SELECT told.*, 'sandbox', 'manual', 3, told.id, true, '', false, '2026-01-01', '2026-01-01'
         FROM (VALUES
             ('one', 'shopee', 'scp_first', '250101BBB'),
             ('srev_00000000000000000000000001', 'shopee', 'scp_first', '250101,CCC'),
             ('srev_00000000000000000000000002', 'pigeon post', 'scp_first', '250101DDD'),
             ('srev_00000000000000000000000003', 'shopee', ' ', '250101EEE'),
             ('srev_00000000000000000000000004', 'shopee', 'scp_first', '250101FFF')
         ) AS told (id, connector, profile_id, order_sn)",
        "INSERT INTO tenant_default.connector_order (id, connector, environment, order_sn, profile_id)
         VALUES ('six', 'shopee', 'sandbox', '250101FFF', 'scp_first')",
        "UPDATE tenant_default.connector_event SET id = 'seven' WHERE received_at > '2026-01-05 04:01Z'",
    ] {
        workshop.psql(statement).await?;
    }
    // One order at a time: what cannot be read comes first.
    let mut uow = workshop.begin().await?;
    let request = workshop.request(after_noon(120), 1);
    let batch = uow.inbox().claim(&request).await?.context("work")?;
    uow.commit().await?;
    assert_eq!(batch.orders.len(), 1);
    assert_eq!(batch.orders[0].events, [good.id]);
    assert!(workshop.claim(after_noon(120)).await?.is_none());
    Ok(())
}
