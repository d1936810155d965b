//! What changes something: never repeated once it may have been carried out, and said so.

use std::error::Error;

use hawker_ports::MarketplaceError;
use hawker_shopee::calls::order::{CancelOrder, CancelReason, SetNote};
use hawker_shopee::calls::public::{RefreshAccessToken, TokenOf};
use hawker_shopee::client::{Answer as Answered, Call, Caller};
use serde_json::json;

use super::*;

fn cancel() -> CancelOrder {
    CancelOrder {
        order: sn("A1"),
        reason: CancelReason::CustomerRequest,
        items: Vec::new(),
        partially: Vec::new(),
    }
}

async fn made<C: Call>(bench: &Bench, call: &C) -> Result<Answered<C::Reply>, MarketplaceError> {
    let access = bench.access();
    bench
        .api
        .typed(Caller::from(&access), call, bench.api.deadline())
        .await
}

/// The reason for which the call may have happened, after exactly one request.
async fn maybe_applied(bench: &Bench) -> String {
    let error = made(bench, &cancel()).await.expect_err("no answer");
    assert_eq!(bench.server.requests().len(), 1, "it is not repeated");
    assert_eq!(bench.results(), ["maybe_applied"]);
    match error {
        MarketplaceError::MaybeApplied {
            endpoint, reason, ..
        } => {
            assert_eq!(endpoint, "order.cancel_order");
            reason
        }
        other => panic!("told as: {other:?}"),
    }
}

#[tokio::test]
async fn a_lost_reply_is_named_and_not_repeated() {
    let policy = CallPolicy {
        request_timeout: Duration::from_millis(20),
        ..CallPolicy::default()
    };
    let bench = Bench::with(policy, |_| Answer::Silence);
    assert_eq!(maybe_applied(&bench).await, "no answer in time");
}

#[tokio::test]
async fn a_reply_that_broke_off_is_named_and_not_repeated() {
    let bench = Bench::new(|_| Answer::CutShort {
        body: r#"{"error":"","#.to_owned(),
        announced: 1000,
    });
    assert_eq!(maybe_applied(&bench).await, "the answer broke off");
}

#[tokio::test]
async fn a_failure_of_the_platforms_own_is_named_and_not_repeated() {
    for (status, body, reason) in [
        (502, "<html>".to_owned(), "http_502"),
        (503, r#"{"error":""}"#.to_owned(), "http_503"),
        (
            200,
            refusal("error_inner", "try later"),
            "error_inner: try later",
        ),
        (
            500,
            refusal("common.error_server", ""),
            "common.error_server",
        ),
        (408, String::new(), "http_408: the request timed out"),
    ] {
        let bench = Bench::new(move |_| Answer::new(status, &body));
        assert_eq!(maybe_applied(&bench).await, reason);
    }
}

#[tokio::test]
async fn a_reply_that_is_not_understood_is_named_and_not_repeated() {
    for (body, reason) in [
        ("<html>", "http_200: the answer is not JSON"),
        (r#"{"error":"","resp"#, "http_200: the answer is not JSON"),
    ] {
        let bench = Bench::new(move |_| Answer::new(200, body));
        assert_eq!(maybe_applied(&bench).await, reason);
    }
    let policy = CallPolicy {
        reply_bytes_max: 1000,
        ..CallPolicy::default()
    };
    let bench = Bench::with(policy, |_| Answer::Unannounced { bytes: 1_000_000 });
    let reason = maybe_applied(&bench).await;
    assert!(reason.starts_with("too_large"), "{reason}");
}

#[tokio::test]
async fn a_success_whose_payload_is_odd_may_have_used_something_up() {
    let bench = Bench::new(|_| {
        let reply = json!({"error": "", "access_token": "a", "refresh_token": null});
        Answer::json(200, &reply)
    });
    let access = bench.access();
    let renewed = hawker_ports::authorisation::Authoriser::refresh(
        &bench.marketplace,
        &bench.app(),
        access.shop,
        &"old".into(),
    )
    .await;
    match renewed.unwrap_err() {
        MarketplaceError::MaybeApplied { reason, .. } => {
            assert_eq!(reason, "`refresh_token` is missing");
        }
        other => panic!("told as: {other:?}"),
    }

    let bench = Bench::new(|_| Answer::json(200, &json!({"response": {"update_time": "soon"}})));
    let error = made(&bench, &cancel()).await.unwrap_err();
    assert!(
        matches!(error, MarketplaceError::MaybeApplied { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn where_no_connection_was_made_nothing_was_sent() {
    let bench = Bench::new(|_| Answer::Silence);
    // Nobody listens on port 1.
    let access = access_to("http://127.0.0.1:1/api/v2".to_owned());
    let error = bench
        .api
        .typed(Caller::from(&access), &cancel(), bench.api.deadline())
        .await
        .unwrap_err();
    let MarketplaceError::Unavailable { reason, .. } = &error else {
        panic!("told as: {error:?}");
    };
    assert_eq!(reason, "the connection could not be made");
    assert!(error.source().is_some());
    assert_eq!(bench.results(), ["unavailable"], "and it is not repeated");
}

#[tokio::test]
async fn where_no_time_is_left_nothing_is_sent() {
    let bench = Bench::new(|_| Answer::Silence);
    let access = bench.access();
    let error = bench
        .api
        .typed(
            Caller::from(&access),
            &cancel(),
            tokio::time::Instant::now(),
        )
        .await
        .unwrap_err();
    assert!(
        matches!(error, MarketplaceError::Unavailable { .. }),
        "{error:?}"
    );
    assert!(bench.server.requests().is_empty());
}

#[tokio::test]
async fn a_refusal_says_that_it_did_not_happen() {
    for (code, message, result) in [
        ("order.error_limit", "Can not cancel this order", "refused"),
        (
            "order. error_param",
            "You can not cancel warehouse order.",
            "refused",
        ),
        ("error_auth", "Lack of location_id", "refused"),
        (
            "error_auth",
            "something that no document has",
            "auth_unclear",
        ),
    ] {
        let bench = Bench::new(move |_| Answer::new(200, refusal(code, message)));
        match made(&bench, &cancel()).await.unwrap_err() {
            MarketplaceError::Refused {
                code: told,
                message: said,
                request_id,
                ..
            } => {
                assert_eq!((told.as_str(), said.as_str()), (code, message));
                assert_eq!(request_id.as_deref(), Some("req-1"));
            }
            other => panic!("told as: {other:?}"),
        }
        assert_eq!(bench.results(), [result]);
    }
}

#[tokio::test]
async fn what_was_throttled_did_not_happen_and_is_repeated() {
    let mut is_first = true;
    let bench = Bench::new(move |_| {
        if std::mem::take(&mut is_first) {
            Answer::new(429, refusal("error_rate_limit", "Too many requests."))
        } else {
            Answer::json(200, &json!({"error": "", "request_id": "req-2"}))
        }
    });
    let note = SetNote {
        order: sn("A1"),
        note: "gift".into(),
    };
    let answer = made(&bench, &note).await.unwrap();
    assert_eq!(answer.request_id.as_deref(), Some("req-2"));
    assert_eq!(bench.results(), ["rate_limited", "ok"]);
}

#[tokio::test]
async fn what_is_sent_of_a_change_is_what_was_said_and_no_more() {
    let bench =
        Bench::new(|_| Answer::json(200, &json!({"response": {"update_time": 1_603_184_533}})));
    let answer = made(&bench, &cancel()).await.unwrap();
    let updated = answer.reply.expect("a payload");
    assert_eq!(*updated.update_time, Some(at(1_603_184_533)));
    let request = bench.request();
    assert_eq!(request.method, "POST");
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&request.body).unwrap(),
        json!({"order_sn": "A1", "cancel_reason": "CUSTOMER_REQUEST"})
    );
}

#[tokio::test]
async fn no_secret_of_a_change_is_told() {
    let policy = CallPolicy {
        request_timeout: Duration::from_millis(20),
        ..CallPolicy::default()
    };
    let bench = Bench::with(policy, |_| Answer::Silence);
    let call = RefreshAccessToken {
        partner_id: 1,
        refresh_token: "refresh-secret".into(),
        token_of: TokenOf::Merchant(7),
    };
    let error = made(&bench, &call).await.unwrap_err();
    let cause = error.source().expect("what the transport said");
    let told = format!("{error} {error:?} {cause} {call:?} {:?}", call.arguments());
    for secret in ["refresh-secret", PARTNER_KEY, "sign="] {
        assert!(!told.contains(secret), "{told}");
    }
}
