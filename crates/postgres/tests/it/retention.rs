//! Old events are found by index, however large the inbox and the history of exceptions are, and whoever
//! forgets them waits for nobody. Looks at the planner's choice and never at the time.

use chrono::TimeDelta;
use hawker_domain::Timestamp;
use hawker_domain::event::{Disposition, EventOutcome, NewEvent};
use hawker_ports::inbox::Forgotten;
use hawker_ports::testing::examples::noon;
use serde_json::Value;
use sqlx::{Executor as _, PgConnection};

use crate::plans::{assert_by_index, nodes};
use crate::workshop::{PROFILE, Workshop};

/// 50,000 events of which some never verified, and 20,000 exceptions of which few are open.
const FILL: &str = r"
    INSERT INTO connector_event (
        connector, environment, profile_id, source, event_type, order_sn, content_key, trusted, body,
        body_is_json, processed, processed_at, outcome, next_attempt_at, received_at
    )
    SELECT 'shopee', 'sandbox', 'scp_first', 'webhook', 3, '2501' || n % 10000, n::text, n % 100 <> 0, '{}',
           true, n % 50 <> 7, at, CASE WHEN n % 50 <> 7 THEN 'applied' END, at, at
    FROM (
        SELECT n, '2026-01-05'::timestamptz - (50000 - n) * interval '4 min' AS at
        FROM generate_series(1, 50000) AS n
    ) AS told;
    INSERT INTO connector_exception (
        connector, environment, profile_id, order_sn, raw_event_id, error_class, cause, error_message, status,
        resolved_at
    )
    SELECT 'shopee', 'sandbox', 'scp_first', CASE WHEN n % 2 = 0 THEN '2501' || n END, fresh_id('srev'),
           'unknown', n::text, '', CASE WHEN n % 100 < 2 THEN 'open' ELSE 'resolved' END,
           CASE WHEN n % 100 < 2 THEN NULL ELSE now() END
    FROM generate_series(1, 20000) AS n;
    ANALYZE";

async fn filled(connection: &mut PgConnection) -> anyhow::Result<()> {
    connection
        .execute("SET search_path TO tenant_default")
        .await?;
    connection.execute(sqlx::raw_sql(FILL)).await?;
    Ok(())
}

/// Behind the beginning, somewhere in the middle: no portion reads what others have read.
#[tokio::test]
async fn the_next_old_events_are_found_by_their_ids() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let mut connection = workshop.database.pool().acquire().await?;
    filled(&mut connection).await?;
    let middle: String =
        sqlx::query_scalar("SELECT id FROM connector_event ORDER BY id OFFSET 25000 LIMIT 1")
            .fetch_one(&mut *connection)
            .await?;
    for after in ["", &middle] {
        let plan: Value = sqlx::query_scalar(concat!(
            "EXPLAIN (FORMAT JSON) ",
            include_str!("../../src/inbox/old_events.sql")
        ))
        .bind(after)
        .bind(1_000_i64)
        .bind(noon())
        .fetch_one(&mut *connection)
        .await?;
        assert_by_index(&plan, "connector_event_pkey");
        let mut found = Vec::new();
        nodes(&plan[0]["Plan"], &mut found);
        let sorts = found.iter().any(|(node, _, _)| node.contains("Sort"));
        assert!(!sorts, "{found:#?}");
    }
    let unverified: Value = sqlx::query_scalar(concat!(
        "EXPLAIN (FORMAT JSON) ",
        include_str!("../../src/inbox/old_unverified.sql")
    ))
    .bind("")
    .bind(1_000_i64)
    .bind(noon())
    .fetch_one(&mut *connection)
    .await?;
    assert_by_index(&unverified, "connector_event_unverified_idx");
    Ok(())
}

/// And the exceptions that name an event are read once for a portion, not once for each event of it.
#[tokio::test]
async fn old_events_are_forgotten_by_index() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let mut connection = workshop.database.pool().acquire().await?;
    filled(&mut connection).await?;
    let ids: Vec<String> =
        sqlx::query_scalar("SELECT id FROM connector_event ORDER BY id LIMIT 1000")
            .fetch_all(&mut *connection)
            .await?;
    // As every transaction that writes; without it the planner's choice hangs on what ANALYZE happened to
    // sample.
    connection.execute("SET enable_seqscan = off").await?;
    let processed: Value = sqlx::query_scalar(concat!(
        "EXPLAIN (FORMAT JSON) ",
        include_str!("../../src/inbox/forget_processed.sql")
    ))
    .bind(&ids)
    .bind(noon())
    .fetch_one(&mut *connection)
    .await?;
    let unverified: Value = sqlx::query_scalar(concat!(
        "EXPLAIN (FORMAT JSON) ",
        include_str!("../../src/inbox/forget_unverified.sql")
    ))
    .bind(&ids)
    .fetch_one(&mut *connection)
    .await?;
    for plan in [&processed, &unverified] {
        assert_by_index(plan, "connector_event_pkey");
        let told = plan.to_string();
        assert!(told.contains("hashed SubPlan"), "{plan:#}");
    }
    Ok(())
}

fn recorded(workshop: &Workshop, number: &str, seconds: i64) -> NewEvent {
    NewEvent {
        disposition: Disposition::Finished(EventOutcome::Recorded),
        ..workshop.push(number, seconds)
    }
}

async fn forget(workshop: &Workshop, before: Timestamp) -> anyhow::Result<Forgotten> {
    let mut uow = workshop.begin().await?;
    let forgotten = uow.inbox().forget_processed(before, None, 100).await?;
    uow.commit().await?;
    Ok(forgotten)
}

/// Somebody who asks for an event again holds up nobody, and has it.
#[tokio::test]
async fn an_event_that_somebody_is_at_is_passed_over() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let events = [
        recorded(&workshop, "250101AAA", 0),
        recorded(&workshop, "250101BBB", 1),
    ];
    workshop.store(&events).await?;
    let before = noon() + TimeDelta::days(1);
    let mut asking = workshop.begin().await?;
    asking.inbox().retry(events[0].id, noon()).await?;
    let gone = |events, kept| Forgotten {
        events,
        kept,
        next: None,
    };
    assert_eq!(forget(&workshop, before).await?, gone(1, 1));
    asking.commit().await?;
    assert_eq!(forget(&workshop, before).await?, gone(0, 1));
    let batch = workshop.must_claim(noon()).await?;
    assert_eq!(batch.orders[0].events, [events[0].id]);
    assert_eq!(batch.profile.as_str(), PROFILE);
    Ok(())
}

/// A push of the same content that comes while its predecessor is being forgotten waits for the end of the
/// portion and is stored.
#[tokio::test]
async fn a_push_that_comes_while_its_predecessor_is_forgotten_is_stored() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let old = recorded(&workshop, "250101AAA", 0);
    workshop.store(std::slice::from_ref(&old)).await?;
    let again = NewEvent {
        id: workshop.push("250101AAA", 1).id,
        disposition: Disposition::Due,
        ..old
    };
    let mut forgetting = workshop.begin().await?;
    let before = noon() + TimeDelta::days(1);
    let inbox = forgetting.inbox();
    assert_eq!(inbox.forget_processed(before, None, 100).await?.events, 1);
    let events = [again];
    let (stored, forgotten) = tokio::join!(workshop.store(&events), async {
        workshop.wait_for_a_lock().await?;
        anyhow::Ok(forgetting.commit().await?)
    });
    stored?;
    forgotten?;
    let batch = workshop.must_claim(noon()).await?;
    assert_eq!(batch.orders[0].events, [events[0].id]);
    Ok(())
}
