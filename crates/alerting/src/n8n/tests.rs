use hawker_domain::ids::AlertId;
use tokio::time::Instant;

use super::*;
use crate::testing::{alert, answering, client, listener};

fn sink_at(url: &str) -> N8nWebhookSink {
    N8nWebhookSink::try_new(client(), url.parse().expect("a URL")).expect("a sink")
}

#[tokio::test]
async fn an_alert_is_posted_with_the_documented_fields_and_its_id() {
    let (address, asked) = answering("200 OK", "");
    let result = sink_at(&format!("http://{address}/webhook/shopee?key=1"))
        .deliver(&alert())
        .await;
    assert!(result.is_ok(), "{result:?}");

    let request = asked.join().expect("a request");
    let (head, body) = request.split_once("\r\n\r\n").expect("a head and a body");
    assert!(
        head.starts_with("POST /webhook/shopee?key=1 HTTP/1.1\r\n"),
        "{head}"
    );
    assert!(head.contains("content-type: application/json"), "{head}");
    assert!(
        head.contains(&format!("x-hawker-alert-id: {}", AlertId::of(7))),
        "{head}"
    );
    let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
    let expected = serde_json::json!({
        "connector": "shopee",
        "error_class": "sku_not_found",
        "ordersn": "250101CARDS001",
        "shop_id": 6_000_000_001_i64,
        "message": "The SKU POK-OBF-223-NM-EN is not in the catalogue.",
        "exception_id": "cex_1",
        "occurred_at": "2025-01-02T03:04:05Z",
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn a_receiver_that_refuses_says_with_which_status() {
    for (answer, expected) in [
        ("404 Not Found", 404),
        ("500 Internal Server Error", 500),
        ("302 Found\r\nlocation: http://127.0.0.1:9/", 302),
    ] {
        let (address, _asked) = answering(answer, "");
        let result = sink_at(&format!("http://{address}/"))
            .deliver(&alert())
            .await;
        assert!(
            matches!(result, Err(SinkError::Refused { status }) if status == expected),
            "{answer}: {result:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_never_answers_is_given_up_after_the_time_out() {
    let (listener, address) = listener();
    let began = Instant::now();
    let result = sink_at(&format!("http://{address}/"))
        .deliver(&alert())
        .await;
    assert!(
        matches!(result, Err(SinkError::Unreachable(_))),
        "{result:?}"
    );
    assert!(began.elapsed() >= TIME_OUT);
    drop(listener);
}

#[tokio::test]
async fn a_receiver_that_is_not_there_is_unreachable_and_its_url_stays_secret() {
    let (listener, address) = listener();
    drop(listener);
    let sink = sink_at(&format!(
        "http://user:pass@{address}/hidden-path?key=hidden"
    ));
    let Err(SinkError::Unreachable(cause)) = sink.deliver(&alert()).await else {
        panic!("somebody answered");
    };
    let mut shown = format!("{cause:?} {cause} {sink:?} {}", sink.origin());
    let mut cause = cause.source();
    while let Some(error) = cause {
        shown.push_str(&error.to_string());
        cause = error.source();
    }
    for secret in ["pass", "hidden-path", "key="] {
        assert!(!shown.contains(secret), "{secret} shows in {shown}");
    }
}

#[test]
fn a_url_of_another_scheme_is_refused() {
    let url = "file:///etc/passwd".parse().expect("a URL");
    let refused = N8nWebhookSink::try_new(client(), url).map(|_| ());
    assert_eq!(refused, Err(SinkUrlError::NotHttp));
}
