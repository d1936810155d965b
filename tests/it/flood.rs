//! Whoever floods the webhook costs a bounded number of rows and one message.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use hawker_shopee_emulator::NewOrder;
use hawker_tests::{Bench, cards, order_push, post, webhook};
use hawker_usecases::receive_pushes::UNVERIFIED_ROWS_MAX;
use tokio::task::JoinSet;

const FORGED: u32 = 10_000;
const SENDERS: u32 = 32;

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_forged_pushes_are_a_few_rows_one_exception_and_one_alert() {
    let bench = Bench::start().await;
    let url = webhook(&bench.origin());
    let next = Arc::new(AtomicU32::new(0));
    let mut senders = JoinSet::new();
    for _ in 0..SENDERS {
        let (http, url, next) = (bench.http.clone(), url.clone(), next.clone());
        senders.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= FORGED {
                    return;
                }
                let body = order_push(&format!("FORGED{number:06}"), "COMPLETED", 1_712_601_591);
                let answer = post(&http, &url, body, Some("00"))
                    .await
                    .expect("an answer");
                assert!(answer.counts(), "{answer:?}");
            }
        });
    }
    // Genuine pushes go through meanwhile.
    let sn = bench
        .emulator
        .place(NewOrder::of([cards(1)]).paid_at_once())
        .unwrap();
    senders.join_all().await;
    bench.emulator.idle().await;
    bench
        .until_order(sn.as_str(), |order| order.summary.order_id.is_some())
        .await;

    let kept = bench
        .count("SELECT count(*) FROM tenant_default.connector_event WHERE NOT trusted")
        .await;
    assert_eq!(kept, i64::from(UNVERIFIED_ROWS_MAX));
    let open = bench.open_exceptions().await;
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].error_class, "signature_mismatch");
    assert_eq!(open[0].retry_count, i64::from(FORGED) - 1);
    assert_eq!(bench.told_alerts().await.len(), 1);
}
