//! Two worlds of one marketplace: only one of them is worked in, and nothing of the other is lost.

use hawker_shopee_emulator::NewOrder;
use hawker_tests::{Answer, Bench, CARD, cards, post, push_of, signature};

const LIVE_URL: &str = "https://ops.example.com/connectors/shopee/webhook/live";

#[tokio::test(flavor = "multi_thread")]
async fn a_push_for_the_inactive_environment_is_kept_and_a_retry_works_on_it() {
    let mut bench = Bench::without_service().await;
    bench.add_card(CARD, 10).await;
    // One app, so one URL in the console, which both profiles have noted.
    bench.emulator.set_push_url(Some(LIVE_URL));
    bench.settings = bench.settings.clone().with("SHOPEE_PUSH_URL", LIVE_URL);
    bench.set_up_shop().await;
    let live = bench
        .settings
        .clone()
        .with("SHOPEE_ENVIRONMENT", "live")
        .with("SHOPEE_REGION", "SG");
    bench.set_up(&live).await;
    let origin = bench.start_another_service();
    let sn = bench
        .emulator
        .place(NewOrder::of([cards(1)]).paid_at_once())
        .unwrap();
    let body = push_of(&bench.emulator.order(&sn).unwrap(), 1);
    let url = format!("{origin}/connectors/shopee/webhook/live");
    let answer = post(
        &bench.http,
        &url,
        body.clone(),
        Some(&signature(LIVE_URL, &body)),
    )
    .await;
    let ok = Answer {
        status: 200,
        body: String::new(),
    };
    assert_eq!(answer.unwrap(), ok);
    bench.settled().await;

    let event = bench.newest_event().await;
    assert_eq!(event.summary.environment, "live");
    assert_eq!(event.summary.signature_ok, Some(true));
    assert!(event.summary.processed);
    assert_eq!(event.summary.outcome.as_deref(), Some("skipped"));
    assert!(bench.order(sn.as_str()).await.is_none());
    assert!(bench.exceptions(None).await.is_empty());

    bench
        .execute(
            "UPDATE tenant_default.connector_active_environment SET environment = 'live'
             WHERE connector = 'shopee'",
        )
        .await;
    bench
        .execute("UPDATE shopee_raw_event SET processed=false WHERE outcome = 'skipped'")
        .await;
    bench
        .until_order(sn.as_str(), |order| order.summary.order_id.is_some())
        .await;
    bench.agrees().await;
    let order = bench.known_order(sn.as_str()).await;
    assert_eq!(order.summary.environment, "live");
}
