//! A crowd of pushes is acknowledged from the journal. Whoever dies with it loses none.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use hawker_tests::{Bench, ServiceProcess, order_push, post, signature, until, webhook};
use tokio::task::JoinSet;

const SENDERS: usize = 64;
const PUSHES: usize = 200;

/// After so many the process is killed.
const ENOUGH: usize = 2_000;

type Acknowledged = Arc<Mutex<Vec<String>>>;

fn count(acknowledged: &Acknowledged) -> usize {
    acknowledged.lock().expect("no panic").len()
}

/// Each sender pushes orders of its own, one after the other, until nobody answers any more.
fn send(bench: &Bench, process: &ServiceProcess) -> (Acknowledged, JoinSet<()>) {
    let acknowledged = Acknowledged::default();
    let mut senders = JoinSet::new();
    for sender in 0..SENDERS {
        let (http, acknowledged) = (bench.http.clone(), Arc::clone(&acknowledged));
        let url = webhook(&process.origin());
        let registered = bench.settings.get("SHOPEE_PUSH_URL").to_owned();
        senders.spawn(async move {
            for number in 0..PUSHES {
                let order_sn = format!("26{sender:03}{number:05}");
                let body = order_push(&order_sn, "READY_TO_SHIP", 1_712_601_591);
                let signed = signature(&registered, &body);
                match post(&http, &url, body, Some(&signed)).await {
                    Ok(answer) if answer.counts() => {
                        acknowledged.lock().expect("no panic").push(order_sn);
                    }
                    _ => return,
                }
            }
        });
    }
    (acknowledged, senders)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crowd_was_told_is_taken_in_is_there_once_after_a_crash() {
    let bench = Bench::without_service().await;
    bench.emulator.set_push_url(None);
    let process = ServiceProcess::start(&bench.settings).await.unwrap();
    let (acknowledged, senders) = send(&bench, &process);
    until(
        "enough pushes to be acknowledged, and some to be put down",
        async || {
            let batches = bench
                .count("SELECT last_value FROM tenant_default.connector_event_journal_seq_seq");
            (count(&acknowledged) >= ENOUGH && batches.await > 1).then_some(())
        },
        async || format!("{} acknowledged", count(&acknowledged)),
    )
    .await;
    process.kill().await.unwrap();
    senders.join_all().await;

    let next = ServiceProcess::start(&bench.settings).await.unwrap();
    until(
        "the journal to be filed",
        async || {
            let left = bench.count("SELECT count(*) FROM tenant_default.connector_event_journal");
            (left.await == 0).then_some(())
        },
        async || "something is left in it".to_owned(),
    )
    .await;
    let told = acknowledged.lock().unwrap().clone();
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT order_sn, count(*) FROM tenant_default.connector_event WHERE trusted GROUP BY order_sn",
    )
    .fetch_all(bench.store.pool())
    .await
    .unwrap();
    let rows: BTreeMap<_, _> = rows.into_iter().collect();
    let lost: Vec<_> = told.iter().filter(|sn| !rows.contains_key(*sn)).collect();
    assert!(lost.is_empty(), "{lost:?}");
    assert!(rows.values().all(|events| *events == 1), "{rows:?}");
    let (status, _) = next.terminate().await.unwrap();
    assert_eq!(status.code(), Some(0));
}
