//! The webhook of the real service: its URLs, its answers, and what is kept of genuine pushes.

use hawker_ports::views::EventFilter;
use hawker_shopee_emulator::{NewOrder, Notice, PartnerApp, Shop};
use hawker_tests::{
    Answer, Bench, CARD, Listener, answer, cards, order_push, post, push_of, signature,
    signature_by, until,
};
use serde_json::json;

const BASE: &str = "https://ops.example.com";

const OK: Answer = Answer {
    status: 200,
    body: String::new(),
};

#[tokio::test(flavor = "multi_thread")]
async fn every_form_of_the_url_takes_a_push_that_was_signed_over_it() {
    let mut bench = Bench::without_service().await;
    bench.add_card(CARD, 10).await;
    bench.emulator.set_push_url(None);
    bench.settings = bench.settings.clone().with("PUBLIC_API_BASE_URL", BASE);
    let origin = bench.start_another_service();
    let forms = [
        "/connectors/shopee/webhook",
        "/connectors/shopee/webhook/sandbox",
        "/connectors/shopee/webhook?env=sandbox&profile_id=prof_sandbox",
        "/connectors/shopee/webhook/sandbox?profile_id=prof_sandbox",
    ];
    for form in forms {
        let sn = bench
            .emulator
            .place(NewOrder::of([cards(1)]).paid_at_once())
            .unwrap();
        let body = push_of(&bench.emulator.order(&sn).unwrap(), 1);
        let signed = signature(&format!("{BASE}{form}"), &body);
        let answer = post(&bench.http, &format!("{origin}{form}"), body, Some(&signed)).await;
        assert_eq!(answer.unwrap(), OK, "{form}");
    }
    bench.agrees().await;
    let unverified = bench
        .count("SELECT count(*) FROM shopee_raw_event WHERE signature_ok IS NOT TRUE")
        .await;
    assert_eq!(unverified, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_environment_that_does_not_exist_is_not_found() {
    let bench = Bench::start().await;
    for form in ["/moon", "/SANDBOX", "?env=moon"] {
        let url = format!("{}/connectors/shopee/webhook{form}", bench.origin());
        let answer = post(&bench.http, &url, "{}", None).await.unwrap();
        assert_eq!(answer.status, 404, "{form}");
    }
    assert!(bench.events(EventFilter::default()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_repetition_of_a_push_is_one_event() {
    let bench = Bench::start().await;
    bench.emulator.set_push_url(None);
    let sn = bench
        .emulator
        .place(NewOrder::of([cards(1)]).paid_at_once())
        .unwrap();
    let order = bench.emulator.order(&sn).unwrap();
    for sent_at in [1, 1, 1, 300, 1_800] {
        // The envelope's time is the time of sending: a repetition has another one.
        assert_eq!(bench.post_signed(&push_of(&order, sent_at)).await, OK);
    }
    bench.agrees().await;
    assert_eq!(bench.events(EventFilter::default()).await.len(), 1);
}

/// The header is not signed: it is kept, but what tells a repetition is what the push says. So a
/// second delivery is one event, and another order under the same id is not lost.
#[tokio::test(flavor = "multi_thread")]
async fn the_id_in_the_header_is_kept_and_never_costs_another_order() {
    let bench = Bench::start().await;
    let body = order_push("240409UNKNOWN01", "READY_TO_SHIP", 1_712_601_591);
    let other = order_push("240409UNKNOWN02", "READY_TO_SHIP", 1_712_601_591);
    for body in [&body, &body, &other] {
        let signed = signature(bench.settings.get("SHOPEE_PUSH_URL"), body);
        let request = bench
            .http
            .post(hawker_tests::webhook(&bench.origin()))
            .header("authorization", signed)
            .header("x-shopee-event-id", "evt-0042")
            .body(body.clone());
        assert_eq!(answer(request).await.unwrap(), OK);
    }
    let events = bench.events(EventFilter::default()).await;
    let orders: Vec<_> = events
        .iter()
        .filter_map(|event| event.order_sn.as_deref())
        .collect();
    assert_eq!(orders, ["240409UNKNOWN02", "240409UNKNOWN01"]);
    let kept = bench
        .count("SELECT count(*) FROM shopee_raw_event WHERE shopee_event_id = 'evt-0042' AND ordersn = '240409UNKNOWN01'")
        .await;
    assert_eq!(kept, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_push_that_came_first_does_not_shadow_the_genuine_one() {
    let bench = Bench::start().await;
    bench.emulator.set_push_url(None);
    let sn = bench
        .emulator
        .place(NewOrder::of([cards(1)]).paid_at_once())
        .unwrap();
    let body = push_of(&bench.emulator.order(&sn).unwrap(), 1);
    let url = hawker_tests::webhook(&bench.origin());
    let with_id = |signature: String| {
        let request = bench.http.post(&url).header("authorization", signature);
        answer(
            request
                .header("x-shopee-event-id", "evt-guessed")
                .body(body.clone()),
        )
    };
    let registered = bench.settings.get("SHOPEE_PUSH_URL");
    let forged = with_id(signature_by("not the key", registered, &body)).await;
    assert_eq!(forged.unwrap(), OK);
    assert_eq!(bench.order(sn.as_str()).await.map(|_| ()), None);
    assert_eq!(with_id(signature(registered, &body)).await.unwrap(), OK);
    bench
        .until_order(sn.as_str(), |order| order.summary.order_id.is_some())
        .await;
    let events = bench.events(EventFilter::default()).await;
    let verdicts: Vec<_> = events.iter().map(|event| event.signature_ok).collect();
    assert_eq!(verdicts, [Some(true), Some(false)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_registration_ping_is_answered_in_all_its_forms_and_never_alarms() {
    let bench = Bench::start().await;
    let partner_id = PartnerApp::DEFAULT_ID;
    bench.emulator.push(&Notice::Ping { partner_id }).unwrap();
    bench.emulator.idle().await;
    assert_eq!(bench.emulator.stats().pushes.acknowledged, 1);

    let ping = r#"{"code":0,"data":{"verify_info":"This is a Verification message.Please respond in the certain format."}}"#;
    let registered = bench.settings.get("SHOPEE_PUSH_URL");
    for body in [ping, r#"{"code":0}"#, ""] {
        for authorization in [
            Some(signature(registered, body)),
            Some(signature_by("", registered, body)),
            Some("nonsense".to_owned()),
            None,
        ] {
            let answer = bench.post(body.to_owned(), authorization.as_deref()).await;
            assert_eq!(answer, OK, "{body:?} {authorization:?}");
        }
    }
    bench.settled().await;
    assert!(bench.exceptions(None).await.is_empty());
    assert!(bench.told_alerts().await.is_empty());
    let events = bench.events(EventFilter::default()).await;
    assert!(!events.is_empty() && events.iter().all(|event| event.code == 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ping_is_answered_before_any_profile_exists() {
    let mut bench = Bench::without_service().await;
    bench
        .execute("DELETE FROM tenant_default.connector_token")
        .await;
    bench
        .execute("DELETE FROM tenant_default.connector_profile")
        .await;
    bench.execute("DELETE FROM connector_route").await;
    let origin = bench.start_another_service();
    let url = hawker_tests::webhook(&origin);
    let answer = post(&bench.http, &url, r#"{"code":0}"#, None).await;
    assert_eq!(answer.unwrap(), OK);
    assert!(bench.exceptions(None).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_that_ask_for_nothing_are_kept_and_acknowledged() {
    let bench = Bench::start().await;
    let shop_id = Shop::default().shop_id;
    for code in [1, 2, 5, 16, 28, 999, 2_147_483_647] {
        let data = json!({ "actions": [], "title": "news" });
        let notice = Notice::Other {
            shop_id,
            code,
            data,
        };
        bench.emulator.push(&notice).unwrap();
    }
    bench.agrees().await;
    let events = bench.events(EventFilter::default()).await;
    assert_eq!(events.len(), 7);
    assert!(events.iter().all(|event| event.processed));
    assert!(bench.open_classes().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn authorisations_that_end_soon_are_told_once_for_each_shop() {
    let bench = Bench::start().await;
    let shop_id = Shop::default().shop_id;
    let notice = Notice::AuthorisationExpiring {
        shops: vec![shop_id, shop_id + 1],
        before: 1_900_000_000,
    };
    // Only the shop that the emulator knows leads to the app; the push names both.
    bench.emulator.push(&notice).unwrap();
    bench.settled().await;
    let open = bench.open_exceptions().await;
    assert_eq!(open.len(), 2);
    assert!(
        open.iter()
            .all(|entry| entry.error_class == "token_expired")
    );
    assert!(open.iter().all(|entry| entry.due_at.is_some()));
    let mut shops: Vec<_> = bench.told_alerts().await;
    shops.sort_by_key(|alert| alert["shop_id"].as_i64());
    assert_eq!(shops.len(), 2);
    assert_eq!(shops[0]["shop_id"], shop_id);
    assert_eq!(shops[1]["shop_id"], shop_id + 1);
    assert_eq!(
        bench.newest_event().await.summary.outcome.as_deref(),
        Some("alerted")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_for_a_profile_that_does_not_exist_is_told_and_harms_nobody() {
    let sink = Listener::start();
    let mut bench = Bench::without_service().await;
    bench.settings = bench
        .settings
        .clone()
        .with("SHOPEE_ALERT_WEBHOOK_URL", &sink.origin());
    bench.start_service().await;
    let url = format!(
        "{}/connectors/shopee/webhook?env=live&profile_id=prof_nobody",
        bench.origin()
    );
    let body = order_push("240409UNKNOWN01", "READY_TO_SHIP", 1_712_601_591);
    let answer = post(&bench.http, &url, body, Some("00")).await.unwrap();
    assert_eq!(answer, OK);
    let told = async || sink.heard().first().cloned();
    let told = until("the alert", told, async || {
        format!("{:#?}", bench.exceptions(None).await)
    })
    .await;
    assert_eq!(told.json()["error_class"], "signature_mismatch");
    assert_eq!(bench.open_exceptions().await[0].cause, "unknown-profile");
}
