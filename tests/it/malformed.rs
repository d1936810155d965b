//! Whatever is thrown at the webhook: an answer, an event where something was readable, and a
//! service that goes on.

use hawker_ports::views::EventFilter;
use hawker_shopee_emulator::NewOrder;
use hawker_tests::{Answer, Bench, answer, cards, order_push, signature_by, webhook};

const OK: Answer = Answer {
    status: 200,
    body: String::new(),
};

/// The largest body that is taken.
const LIMIT: usize = 1024 * 1024;

/// A push of a genuine order goes through: nothing before it has harmed the service.
async fn is_alive(bench: &Bench) {
    let sn = bench
        .emulator
        .place(NewOrder::of([cards(1)]).paid_at_once())
        .expect("an order");
    bench.emulator.idle().await;
    bench
        .until_order(sn.as_str(), |order| order.summary.order_id.is_some())
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_method_is_refused_with_the_one_that_works() {
    let bench = Bench::start().await;
    let url = webhook(&bench.origin());
    for method in ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let answer = bench.http.request(method.clone(), &url).send().await;
        let answer = answer.unwrap();
        assert_eq!(answer.status(), 405, "{method}");
        assert_eq!(answer.headers()["allow"], "POST", "{method}");
    }
    is_alive(&bench).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_type_of_the_body_is_of_no_interest() {
    let bench = Bench::start().await;
    for (index, kind) in ["text/plain", "application/xml", "nonsense", ""]
        .into_iter()
        .enumerate()
    {
        let body = order_push(&format!("24040900000{index}"), "UNPAID", 1_712_601_591);
        let registered = bench.settings.get("SHOPEE_PUSH_URL");
        let request = bench
            .http
            .post(webhook(&bench.origin()))
            .header("content-type", kind)
            .header("authorization", hawker_tests::signature(registered, &body))
            .body(body);
        assert_eq!(answer(request).await.unwrap(), OK, "{kind}");
    }
    let events = bench.events(EventFilter::default()).await;
    assert_eq!(events.len(), 4);
    assert!(events.iter().all(|event| event.signature_ok == Some(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_make_no_sense_are_acknowledged_and_kept_even_when_they_are_genuine() {
    let bench = Bench::start().await;
    let deep = format!(
        r#"{{"code":3,"shop_id":1,"data":{}{}}}"#,
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let bodies = [
        "{",
        r#"{"code":3,"data":{"ordersn":"2404098R48U37H""#,
        "null",
        "[]",
        "3",
        r#""text""#,
        r#"{"code":"three","data":"no"}"#,
        r#"{"code":3}"#,
        r#"{"code":3,"data":null,"shop_id":null}"#,
        r#"{"code":3,"data":{"ordersn":""},"shop_id":1}"#,
        r#"{"code":3,"data":{"ordersn":12345},"shop_id":1}"#,
        r#"{"code":3,"data":{"ordersn":"A/../B?c=d&e"},"shop_id":1}"#,
        r#"{"code":3,"data":{"ordersn":"2404098R48U37H","update_time":-1},"shop_id":-1}"#,
        r#"{"code":3,"data":{"ordersn":"2404098R48U37H","update_time":99999999999999999999},"shop_id":99999999999999999999}"#,
        r#"{"code":99999999999999999999,"data":{}}"#,
        r#"{"code":-2147483649,"data":{}}"#,
        r#"{"code":3.7,"data":{},"timestamp":1e400}"#,
        r#"{"code":3,"data":{"ordersn":"\u0000","status":"\u0000"},"shop_id":1}"#,
        r#"{"code":4,"data":{"ordersn":"2404098R48U37H","tracking_no":"A\u0000B","package_number":"\u0000"},"shop_id":1}"#,
        r#"{"code":3,"data":{"ordersn":"\ud800"},"shop_id":1}"#,
        "\u{0}",
        deep.as_str(),
    ];
    let registered = bench.settings.get("SHOPEE_PUSH_URL");
    for body in bodies {
        let start: String = body.chars().take(60).collect();
        assert_eq!(bench.post_signed(body).await, OK, "genuine {start}");
        let forged = signature_by("not the key", registered, body);
        assert_eq!(
            bench.post(body.to_owned(), Some(&forged)).await,
            OK,
            "forged {start}"
        );
    }
    is_alive(&bench).await;
    let kept = bench
        .count("SELECT count(*) FROM tenant_default.connector_event WHERE trusted")
        .await;
    assert!(kept > 10, "{kept} genuine events are kept");
    // The documented view shows every one of them.
    let shown: Vec<(Option<String>,)> =
        sqlx::query_as("SELECT payload::text FROM shopee_raw_event")
            .fetch_all(bench.store.pool())
            .await
            .unwrap();
    assert!(shown.len() > 20);
    for event in bench.events(EventFilter::default()).await {
        bench.event(&event.id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_utf_8_is_kept_byte_for_byte() {
    let bench = Bench::start().await;
    let body = b"{\"code\":3,\"data\":{\"ordersn\":\"\xff\xfe\"}}".to_vec();
    assert_eq!(bench.post(body.clone(), Some("00")).await, OK);
    let kept: Vec<u8> = sqlx::query_scalar("SELECT body FROM tenant_default.connector_event")
        .fetch_one(bench.store.pool())
        .await
        .unwrap();
    assert_eq!(kept, body);
    is_alive(&bench).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_make_no_sense_count_as_no_signature() {
    let bench = Bench::start().await;
    let body = order_push("2404098R48U37H", "READY_TO_SHIP", 1_712_601_591);
    let long = "a".repeat(4_000);
    for value in [
        b"\xff\xfe".as_slice(),
        b"SHA256 ",
        b"sha256=zz",
        long.as_bytes(),
        b"Bearer x",
    ] {
        let request = bench
            .http
            .post(webhook(&bench.origin()))
            .header("authorization", value)
            .header("x-shopee-event-id", value)
            .body(body.clone());
        assert_eq!(answer(request).await.unwrap(), OK);
    }
    is_alive(&bench).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_body_is_a_ping_and_one_above_the_limit_is_refused() {
    let bench = Bench::start().await;
    assert_eq!(bench.post("", None).await, OK);
    assert_eq!(bench.post(vec![b' '; LIMIT], None).await, OK);
    let too_large = bench.post(vec![b' '; LIMIT + 1], None).await;
    assert_eq!(too_large.status, 413);
    assert!(too_large.body.is_empty());

    // The same without an announced length.
    let piece = || Ok::<_, std::io::Error>(vec![b' '; 64 * 1024]);
    let pieces = futures_util::stream::iter((0..20).map(move |_| piece()));
    let request = bench
        .http
        .post(webhook(&bench.origin()))
        .body(reqwest::Body::wrap_stream(pieces));
    assert_eq!(answer(request).await.unwrap().status, 413);
    is_alive(&bench).await;
}
