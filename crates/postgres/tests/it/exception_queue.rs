//! Exceptions that several decide about at once, and those that somebody writes by hand.

use std::time::Duration;

use chrono::TimeDelta;
use hawker_domain::channel::OrderKey;
use hawker_domain::exception::{
    Cause, ErrorClass, ExceptionStatus, RaisedException, Resolution, Subject,
};
use hawker_domain::ids::{ExceptionId, NoteId, RetryBatchId};
use hawker_domain::{ConnectorName, Environment};
use hawker_ports::exception_desk::{ExceptionSelector, OperatorNote, Selection};
use hawker_ports::exceptions::{Clearance, OpenException, Remaining};
use hawker_ports::testing::examples::{SHOP, after_noon, noon, order_sn, profile_id};
use hawker_ports::views::{ExceptionFilter, ExceptionViews as _, PageRequest, Views as _};
use sqlx::Row as _;

use crate::workshop::{PROFILE, Workshop};

pub fn missing_sku(workshop: &Workshop, number: &str, sku: &str) -> RaisedException {
    let subject = Subject {
        connector: ConnectorName::Shopee,
        environment: Environment::Sandbox,
        profile: Some(profile_id(PROFILE)),
        shop: Some(SHOP),
        order_sn: Some(order_sn(number)),
        event: None,
    };
    let cause = Cause {
        class: ErrorClass::SkuNotFound,
        key: format!("sku:{sku}"),
        message: format!("Order {number} is held: no variant has the SKU {sku}."),
        due_at: None,
    };
    RaisedException::once(subject, cause, &workshop.ids)
}

pub async fn raise(
    workshop: &Workshop,
    raised: &[RaisedException],
    seconds: i64,
) -> anyhow::Result<Vec<OpenException>> {
    let mut uow = workshop.begin().await?;
    let open = uow.exceptions().raise(raised, after_noon(seconds)).await?;
    uow.commit().await?;
    Ok(open)
}

pub fn cleared(number: &str) -> Clearance {
    Clearance {
        order: OrderKey {
            connector: ConnectorName::Shopee,
            environment: Environment::Sandbox,
            order_sn: order_sn(number),
        },
        remaining: Remaining::default(),
    }
}

fn mei(seconds: i64) -> Resolution {
    Resolution {
        at: after_noon(seconds),
        by: "Mei".into(),
    }
}

fn all() -> PageRequest {
    PageRequest {
        limit: 100,
        after: None,
    }
}

/// How often it is looked whether somebody waits, before the test fails instead of hanging.
const LOOKS_MAX: u32 = 4000;

/// Waits until somebody waits for a lock.
pub async fn somebody_waits(workshop: &Workshop) -> anyhow::Result<()> {
    for _ in 0..LOOKS_MAX {
        let waiting: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_catalog.pg_stat_activity
             WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        .fetch_one(workshop.database.pool())
        .await?;
        if waiting > 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    anyhow::bail!("nobody waits for a lock")
}

#[tokio::test]
async fn a_retry_while_the_cause_is_cleared_counts_as_resolved() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let raised = missing_sku(&workshop, "250101AAA", "A");
    raise(&workshop, std::slice::from_ref(&raised), 0).await?;
    let batch = RetryBatchId::fresh(&workshop.ids);

    let mut desk = workshop.begin().await?;
    let meant = Selection::Matching(ExceptionSelector::default());
    let selected = desk.exception_desk().select(&meant, None, 10).await?;
    assert_eq!(selected.len(), 1);
    let clearing = async {
        let mut worker = workshop.begin().await?;
        let done = worker
            .exceptions()
            .clear(&[cleared("250101AAA")], after_noon(10))
            .await?;
        worker.commit().await?;
        anyhow::Ok(done)
    };
    let retrying = async {
        somebody_waits(&workshop).await?;
        desk.exception_desk()
            .note_retry(batch, &[raised.id], after_noon(10))
            .await?;
        desk.commit().await?;
        anyhow::Ok(())
    };
    let (cleared, retried) = tokio::join!(clearing, retrying);
    retried?;
    assert_eq!(cleared?, 1);
    let store = workshop.database.store();
    let progress = store
        .retry_progress(&workshop.tenant, batch, &all())
        .await?
        .expect("the batch is known");
    let counts = (progress.retried, progress.resolved, progress.waiting);
    assert_eq!(counts, (1, 1, 0));
    Ok(())
}

#[tokio::test]
async fn of_two_who_close_the_same_the_second_finds_it_closed() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let raised = ["A", "B"].map(|sku| missing_sku(&workshop, "250101AAA", sku));
    raise(&workshop, &raised, 0).await?;
    let open = Selection::Matching(ExceptionSelector::default());

    let mut first = workshop.begin().await?;
    let taken = first.exception_desk().select(&open, None, 1).await?;
    let closing = async {
        somebody_waits(&workshop).await?;
        first
            .exception_desk()
            .close(&[taken[0].id], ExceptionStatus::WontFix, &mei(10))
            .await?;
        first.commit().await?;
        anyhow::Ok(())
    };
    let selecting = async {
        let mut second = workshop.begin().await?;
        let left = second.exception_desk().select(&open, None, 10).await?;
        second.commit().await?;
        anyhow::Ok(left.into_iter().map(|one| one.id).collect::<Vec<_>>())
    };
    let (left, closed) = tokio::join!(selecting, closing);
    closed?;
    assert_eq!((taken[0].id, left?), (raised[0].id, vec![raised[1].id]));
    Ok(())
}

#[tokio::test]
async fn what_was_closed_by_the_runbook_counts_on_and_is_resolved_with_its_cause()
-> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let first = missing_sku(&workshop, "250101AAA", "A");
    raise(&workshop, std::slice::from_ref(&first), 0).await?;
    let closed = sqlx::query(
        "UPDATE connector_exception
            SET status = 'wont_fix', resolved_at = now(), resolved_by = 'your name'
          WHERE id = $1",
    )
    .bind(first.id.to_string())
    .execute(workshop.database.pool())
    .await?;
    assert_eq!(closed.rows_affected(), 1);

    let again = missing_sku(&workshop, "250101AAA", "A");
    let known = raise(&workshop, &[again], 10).await?;
    assert_eq!((known[0].id, known[0].is_new), (first.id, false));
    let row = row(&workshop, first.id).await?;
    assert_eq!(row.get::<String, _>("status"), "wont_fix");
    assert_eq!(row.get::<String, _>("resolved_by"), "your name");
    assert_eq!(row.get::<i64, _>("retry_count"), 1);

    let mut uow = workshop.begin().await?;
    let cleared = [cleared("250101AAA")];
    assert_eq!(uow.exceptions().clear(&cleared, after_noon(20)).await?, 1);
    uow.commit().await?;
    let back = missing_sku(&workshop, "250101AAA", "A");
    assert!(raise(&workshop, &[back], 30).await?[0].is_new);
    Ok(())
}

#[tokio::test]
async fn the_newest_note_is_where_runbooks_look_for_it() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let raised = missing_sku(&workshop, "250101AAA", "A");
    raise(&workshop, std::slice::from_ref(&raised), 0).await?;
    let note = |seconds, text: &str| OperatorNote {
        id: NoteId::fresh(&workshop.ids),
        exception: raised.id,
        at: after_noon(seconds),
        by: "Mei".into(),
        text: text.into(),
    };
    let notes = [note(1, "asked the seller"), note(2, "no\0answer")];
    let mut uow = workshop.begin().await?;
    uow.exception_desk().note(&notes).await?;
    uow.commit().await?;
    let row = row(&workshop, raised.id).await?;
    assert_eq!(row.get::<String, _>("operator_note"), "no\u{fffd}answer");
    let store = workshop.database.store();
    let detail = store.exception(&workshop.tenant, raised.id).await?;
    let texts: Vec<_> = detail
        .expect("it is known")
        .notes
        .into_iter()
        .map(|note| note.text)
        .collect();
    assert_eq!(texts, ["asked the seller", "no\u{fffd}answer"]);
    Ok(())
}

#[tokio::test]
async fn a_list_leaves_out_what_is_out_of_sight_by_the_clock_of_the_database() -> anyhow::Result<()>
{
    let workshop = Workshop::new().await?;
    let raised = ["A", "B", "C"].map(|sku| missing_sku(&workshop, "250101AAA", sku));
    raise(&workshop, &raised, 0).await?;
    workshop
        .psql(
            "UPDATE connector_exception SET snoozed_until = CASE cause
                 WHEN 'sku:A' THEN now() - interval '1 s'
                 WHEN 'sku:B' THEN now() + interval '1 h'
             END",
        )
        .await?;
    let store = workshop.database.store();
    let mut shown = Vec::new();
    for with_snoozed in [false, true] {
        let filter = ExceptionFilter {
            with_snoozed,
            ..ExceptionFilter::default()
        };
        let page = store.exceptions(&workshop.tenant, &filter, &all()).await?;
        shown.push(
            page.rows
                .into_iter()
                .map(|row| row.cause)
                .collect::<Vec<_>>(),
        );
    }
    assert_eq!(shown[0], ["sku:C", "sku:A"]);
    assert_eq!(shown[1], ["sku:C", "sku:B", "sku:A"]);
    Ok(())
}

#[tokio::test]
async fn a_class_and_a_profile_that_are_not_known_do_not_hide_a_row() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    workshop
        .psql(
            "INSERT INTO connector_exception (id, connector, environment, profile_id, error_class, cause, error_message)
             SELECT tenant_default.fresh_id('cex'), connector, 'live', 'no profile!', 'full_moon', 'x', 'howling'
             FROM unnest(ARRAY['shopee', 'a_market_of_tomorrow']) AS connector",
        )
        .await?;
    let mut uow = workshop.begin().await?;
    let selector = ExceptionSelector {
        cause: Some("x".into()),
        ..ExceptionSelector::default()
    };
    let meant = Selection::Matching(selector.clone());
    let selected = uow.exception_desk().select(&meant, None, 10).await?;
    assert_eq!(selected.len(), 1);
    assert_eq!(selected[0].class, ErrorClass::Unknown);
    assert_eq!(selected[0].profile, None);
    uow.commit().await?;
    let store = workshop.database.store();
    let groups = store
        .exception_groups(&workshop.tenant, &selector, noon() + TimeDelta::days(1))
        .await?;
    assert_eq!(groups.groups[0].error_class, "full_moon");
    assert_eq!((groups.total, groups.groups[0].open), (1, 2));
    Ok(())
}

async fn row(workshop: &Workshop, id: ExceptionId) -> anyhow::Result<sqlx::postgres::PgRow> {
    let found = sqlx::query("SELECT * FROM connector_exception WHERE id = $1")
        .bind(id.to_string())
        .fetch_one(workshop.database.pool())
        .await?;
    Ok(found)
}
