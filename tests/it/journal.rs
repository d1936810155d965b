//! A crowd of pushes is acknowledged from the journal. Whoever dies with it loses none.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use hawker_shopee_emulator::NewOrder;
use hawker_tests::{
    Bench, CARD, ServiceProcess, cards, order_push, post, signature, until, webhook,
};
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

/// What no rule of ours lets into the inbox. Somebody wrote into the journal.
const REFUSED: &str = "nonsense";

/// A push of an order, as it is put down: of an id that the inbox takes, or of another.
async fn put_down(bench: &Bench, id: &str, order_sn: &str) {
    let put = sqlx::query(
        "INSERT INTO tenant_default.connector_event_journal (
            connector, ids, environments, profile_ids, event_types, shop_ids, order_sns,
            package_numbers, tracking_numbers, updates, delivery_ids, content_keys,
            signatures, signature_schemes, signature_keys, bodies, receipts,
            pushes, first_received_at
        )
        SELECT
            'shopee', ARRAY[$1], ARRAY['sandbox'], ARRAY[profile.id], ARRAY[3], ARRAY[profile.shop_id], ARRAY[$2],
            ARRAY[NULL]::text[], ARRAY[NULL]::text[], ARRAY[now()], ARRAY[NULL]::text[], ARRAY['3:' || $2],
            ARRAY['signed'], ARRAY['url_body'], ARRAY['push'], ARRAY['{}'::bytea], ARRAY[now()],
            1, now()
        FROM tenant_default.connector_profile AS profile
        WHERE profile.environment = 'sandbox'",
    )
    .bind(id)
    .bind(order_sn)
    .execute(bench.store.pool())
    .await
    .expect("it is put down");
    assert_eq!(put.rows_affected(), 1);
}

/// A shop with a paid order that no push has told of.
async fn with_an_order() -> (Bench, String) {
    let bench = Bench::without_service().await;
    bench.add_card(CARD, 100).await;
    bench.emulator.set_push_url(None);
    let order = NewOrder::of([cards(1)]).paid_at_once();
    let placed = bench.emulator.place(order).expect("an order");
    (bench, placed.to_string())
}

/// It was acknowledged: the marketplace does not send it again.
#[tokio::test(flavor = "multi_thread")]
async fn the_order_of_a_push_that_the_inbox_refuses_is_there_all_the_same() {
    let (mut bench, order_sn) = with_an_order().await;
    put_down(&bench, REFUSED, &order_sn).await;
    bench.start_another_service();
    bench.until_order(&order_sn, |_| true).await;
    bench.until_open("medusa_workflow_failed", 0).await;
    let all = bench.exceptions(None).await;
    let [told] = &all[..] else {
        panic!("{all:#?}");
    };
    assert_eq!(told.cause, "push-refused");
    assert_eq!(told.order_sn.as_deref(), Some(&*order_sn));
    let left =
        "SELECT count(*) FROM tenant_default.connector_event_journal WHERE not_before > now()";
    assert_eq!(bench.count(left).await, 1);
}

/// Telling is worth less than what comes behind it.
#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_the_inbox_refuses_keeps_no_other_out_though_nobody_can_be_told() {
    let (mut bench, order_sn) = with_an_order().await;
    bench
        .execute(
            "ALTER TABLE tenant_default.connector_exception
             ADD CONSTRAINT told_of_nothing CHECK (cause <> 'push-refused')",
        )
        .await;
    put_down(&bench, REFUSED, "260101NOSUCH").await;
    put_down(&bench, "srev_01KAQ0000000000000000000PE", &order_sn).await;
    bench.start_another_service();
    bench.until_order(&order_sn, |_| true).await;
    let left =
        "SELECT count(*) FROM tenant_default.connector_event_journal WHERE not_before > now()";
    assert_eq!(bench.count(left).await, 1);
}
