//! Threads of alerts beside workers that raise and clear, and beside other processes that gather.

use hawker_domain::alert::{Alert, AlertPayload, AlertThread};
use hawker_domain::exception::ErrorClass;
use hawker_domain::ids::{AlertId, LeaseId};
use hawker_ports::testing::examples::{after_noon, noon};

use crate::exception_queue::{cleared, missing_sku, raise, somebody_waits};
use crate::workshop::Workshop;

async fn gather(workshop: &Workshop, seconds: i64) -> anyhow::Result<u64> {
    let mut uow = workshop.begin().await?;
    let changed = uow.alert_threads().gather(after_noon(seconds)).await?;
    uow.commit().await?;
    Ok(changed)
}

async fn due(workshop: &Workshop, seconds: i64) -> anyhow::Result<Vec<AlertThread>> {
    let mut uow = workshop.begin().await?;
    let due = uow.alert_threads().due(after_noon(seconds), 100).await?;
    uow.commit().await?;
    Ok(due)
}

#[tokio::test]
async fn a_burst_becomes_one_thread_whoever_gathers_it() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    workshop
        .psql(
            "INSERT INTO connector_exception (
                 id, connector, environment, profile_id, order_sn, error_class, cause, error_message
             )
             SELECT tenant_default.fresh_id('cex'), 'shopee', 'live', 'scp_first', '2501' || n,
                    'sdk_transient', 'fetch', 'Shopee did not answer.'
             FROM generate_series(1, 10000) AS n",
        )
        .await?;
    let mut first = workshop.begin().await?;
    assert_eq!(first.alert_threads().gather(noon()).await?, 1);
    let committing = async {
        somebody_waits(&workshop).await?;
        first.commit().await?;
        anyhow::Ok(())
    };
    let (second, committed) = tokio::join!(gather(&workshop, 0), committing);
    committed?;
    assert_eq!(second?, 0, "the first has it all");
    let threads = due(&workshop, 0).await?;
    let counts = |thread: &AlertThread| (thread.open, thread.total, thread.untold);
    let counted: Vec<_> = threads.iter().map(counts).collect();
    assert_eq!(counted, [(10_000, 10_000, 10_000)]);
    Ok(())
}

#[tokio::test]
async fn whatever_is_raised_while_others_gather_is_told_once() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let raising = async |of: &str| {
        for number in 0..25 {
            let raised = missing_sku(&workshop, &format!("{of}{number}"), "A");
            raise(&workshop, &[raised], 0).await?;
        }
        anyhow::Ok(())
    };
    let gathering = async || {
        for _ in 0..25 {
            gather(&workshop, 0).await?;
        }
        anyhow::Ok(())
    };
    let (a, b, c, d) = tokio::join!(raising("A"), raising("B"), gathering(), gathering());
    a?;
    b?;
    c?;
    d?;
    gather(&workshop, 0).await?;
    let threads = due(&workshop, 0).await?;
    assert_eq!(threads.len(), 1);
    assert_eq!((threads[0].open, threads[0].total), (50, 50));
    Ok(())
}

/// As when a catalogue is lost: no two have a cause in common.
#[tokio::test]
async fn a_burst_of_causes_is_gathered_in_one_go() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    workshop
        .psql(
            "INSERT INTO connector_exception (
                 id, connector, environment, profile_id, order_sn, error_class, cause, error_message
             )
             SELECT tenant_default.fresh_id('cex'), 'shopee', 'live', nullif('scp_' || n % 2, 'scp_0'),
                    '2501' || n, 'sku_not_found', 'sku:' || n, 'The order is held.'
             FROM generate_series(1, 10000) AS n",
        )
        .await?;
    assert_eq!(gather(&workshop, 0).await?, 10_000);
    assert_eq!(gather(&workshop, 1).await?, 0);
    let threads = due(&workshop, 1).await?;
    assert_eq!(threads.len(), 100);
    assert!(
        threads
            .iter()
            .all(|thread| (thread.open, thread.total, thread.untold) == (1, 1, 1))
    );
    Ok(())
}

#[tokio::test]
async fn who_gathers_does_not_wait_for_a_worker() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let raised = ["A", "B"].map(|sku| missing_sku(&workshop, "250101AAA", sku));
    raise(&workshop, &raised, 0).await?;
    let mut worker = workshop.begin().await?;
    worker.exceptions().raise(&raised[..1], noon()).await?;
    assert_eq!(
        gather(&workshop, 0).await?,
        1,
        "the one that nobody works on"
    );
    worker.commit().await?;
    assert_eq!(gather(&workshop, 1).await?, 1);
    let causes: Vec<_> = due(&workshop, 1)
        .await?
        .into_iter()
        .map(|thread| thread.topic.cause)
        .collect();
    assert_eq!(causes, ["sku:B", "sku:A"]);
    Ok(())
}

#[tokio::test]
async fn a_thread_that_another_process_tells_is_left_out() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let raised = ["A", "B"].map(|sku| missing_sku(&workshop, "250101AAA", sku));
    raise(&workshop, &raised, 0).await?;
    gather(&workshop, 0).await?;
    let mut other = workshop.begin().await?;
    let theirs = other.alert_threads().due(noon(), 1).await?;
    let ours = due(&workshop, 0).await?;
    assert_eq!((theirs.len(), ours.len()), (1, 1));
    assert_ne!(theirs[0].id, ours[0].id);
    other.commit().await?;
    assert_eq!(due(&workshop, 0).await?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn what_stands_for_a_thread_is_in_sight() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let raised =
        ["250101AAA", "250101BBB", "250101CCC"].map(|number| missing_sku(&workshop, number, "A"));
    raise(&workshop, &raised, 0).await?;
    gather(&workshop, 0).await?;
    let sample = async |seconds| {
        let due = due(&workshop, seconds).await?;
        anyhow::Ok(due[0].sample.exception_id.clone())
    };
    assert_eq!(sample(0).await?, raised[0].id.to_string());
    let mut uow = workshop.begin().await?;
    let gone = [cleared("250101AAA")];
    uow.exceptions().clear(&gone, after_noon(1)).await?;
    uow.exception_desk()
        .snooze(&[raised[1].id], Some(after_noon(100)))
        .await?;
    uow.commit().await?;
    gather(&workshop, 2).await?;
    assert_eq!(sample(2).await?, raised[2].id.to_string());
    Ok(())
}

#[tokio::test]
async fn what_is_opened_again_by_hand_is_told_anew() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let raised = missing_sku(&workshop, "250101AAA", "A");
    raise(&workshop, std::slice::from_ref(&raised), 0).await?;
    gather(&workshop, 0).await?;
    let mut uow = workshop.begin().await?;
    // Also what was out of sight when it was closed.
    uow.exception_desk()
        .snooze(&[raised.id], Some(after_noon(900)))
        .await?;
    let gone = [cleared("250101AAA")];
    uow.exceptions().clear(&gone, after_noon(1)).await?;
    uow.commit().await?;
    assert_eq!(gather(&workshop, 1).await?, 1);
    workshop
        .psql(
            "UPDATE connector_exception
             SET status = 'open', resolved_at = NULL, snoozed_until = NULL",
        )
        .await?;
    assert_eq!(gather(&workshop, 2).await?, 1);
    let threads = due(&workshop, 2).await?;
    assert_eq!((threads[0].open, threads[0].untold), (1, 1));
    assert_eq!(threads[0].recovered_at, None);
    Ok(())
}

#[tokio::test]
async fn rows_that_a_newer_version_wrote_hold_nothing_up() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    workshop
        .psql(
            "INSERT INTO connector_exception (id, connector, environment, error_class, cause, error_message)
             SELECT tenant_default.fresh_id('cex'), connector, 'live', 'full_moon', 'x', 'howling'
             FROM unnest(ARRAY['shopee', 'a_market_of_tomorrow']) AS connector",
        )
        .await?;
    assert_eq!(gather(&workshop, 0).await?, 1);
    let threads = due(&workshop, 0).await?;
    assert_eq!(threads.len(), 1);
    assert_eq!(threads[0].sample.error_class, ErrorClass::Unknown);
    assert_eq!(threads[0].sample.message, "howling");
    assert_eq!(gather(&workshop, 1).await?, 0);
    Ok(())
}

#[tokio::test]
async fn an_alert_from_before_there_were_sinks_is_taken_by_one_of_them() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let raised = missing_sku(&workshop, "250101AAA", "A");
    let alert = Alert {
        id: AlertId::fresh(&workshop.ids),
        sink: "n8n".into(),
        payload: AlertPayload::of_exception(raised.id, &raised.subject, &raised.cause, 1, noon()),
        threads: Vec::new(),
    };
    let mut uow = workshop.begin().await?;
    uow.alerts().enqueue(&[alert], noon()).await?;
    uow.commit().await?;
    sqlx::query("UPDATE tenant_default.connector_alert SET sink = NULL")
        .execute(workshop.database.pool())
        .await?;
    let claim = async |sink: &str| {
        let mut uow = workshop.begin().await?;
        let lease = LeaseId::fresh(&workshop.ids);
        let due = uow
            .alerts()
            .claim(sink, lease, noon(), after_noon(60), 10)
            .await?;
        uow.commit().await?;
        let sinks = due.into_iter().map(|due| due.alert.sink);
        anyhow::Ok(sinks.collect::<Vec<_>>())
    };
    assert_eq!(claim("telegram").await?, ["telegram"]);
    assert!(claim("n8n").await?.is_empty());
    Ok(())
}
