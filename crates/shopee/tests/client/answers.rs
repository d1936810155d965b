//! What follows from each answer.

use std::error::Error;

use hawker_ports::marketplace::Fault;
use hawker_ports::{Marketplace, MarketplaceError};
use serde_json::json;

use super::*;

/// The error's kind and the words that it carries.
pub fn told(error: &MarketplaceError) -> (&'static str, String) {
    match error {
        MarketplaceError::RateLimited { .. } => ("rate limited", String::new()),
        MarketplaceError::DailyQuota { .. } => ("daily quota", String::new()),
        MarketplaceError::TokenInvalid { code, .. } => ("token invalid", code.clone()),
        MarketplaceError::Reauthorise { code, .. } => ("reauthorise", code.clone()),
        MarketplaceError::Misconfigured { code, .. } => ("misconfigured", code.clone()),
        MarketplaceError::NotFound { code, .. } => ("not found", code.clone()),
        MarketplaceError::Refused { code, .. } => ("refused", code.clone()),
        MarketplaceError::Unavailable { reason, .. } => ("unavailable", reason.clone()),
        MarketplaceError::MaybeApplied { reason, .. } => ("maybe applied", reason.clone()),
        MarketplaceError::Malformed { reason, .. } => ("malformed", reason.clone()),
    }
}

pub async fn error_of(bench: &Bench) -> MarketplaceError {
    bench
        .marketplace
        .order_details(&bench.access(), &[sn("A1")])
        .await
        .expect_err("the call fails")
}

#[tokio::test]
async fn every_refusal_becomes_the_error_of_its_class() {
    for (status, code, message, expected, requests, result) in [
        (
            403,
            "invalid_acceess_token",
            "Invalid access_token.",
            "token invalid",
            1,
            "token_invalid",
        ),
        (
            200,
            "common.error_auth",
            "Invalid access_token.",
            "token invalid",
            1,
            "token_invalid",
        ),
        (403, "shop_no_linked", "", "reauthorise", 1, "reauthorise"),
        (
            200,
            "error_sign",
            "Wrong sign.",
            "misconfigured",
            1,
            "misconfigured",
        ),
        (200, "shop_banned", "", "misconfigured", 1, "misconfigured"),
        (
            200,
            "error_param",
            "Timestamp is expired.",
            "misconfigured",
            1,
            "clock",
        ),
        (
            200,
            "order. error_param",
            "page_size must be 100 or less.",
            "refused",
            1,
            "refused",
        ),
        (
            403,
            "error_auth",
            "Lack of location_id",
            "refused",
            1,
            "refused",
        ),
        (
            429,
            "error_rate_limit",
            "Too many requests.",
            "rate limited",
            4,
            "rate_limited",
        ),
        (429, "something_new", "", "rate limited", 4, "rate_limited"),
        (
            200,
            "error_limit",
            "…the daily API call limit…",
            "daily quota",
            1,
            "daily_quota",
        ),
        (
            200,
            "error_inner",
            "try later",
            "unavailable",
            4,
            "unavailable",
        ),
        (
            500,
            "common.error_server",
            "",
            "unavailable",
            4,
            "unavailable",
        ),
    ] {
        let body = refusal(code, message);
        let bench = Bench::new(move |_| Answer::new(status, &body));
        let error = error_of(&bench).await;
        let (kind, said) = told(&error);
        assert_eq!(kind, expected, "{status} {code}: {message}");
        assert!(
            said.is_empty() || said.starts_with(code),
            "the code is kept verbatim: {said}"
        );
        assert_eq!(bench.results(), vec![result; requests], "{code}: {message}");
    }
}

#[tokio::test]
async fn an_answer_that_is_not_json_is_judged_by_its_status() {
    let html = "<html><body>Access denied</body></html>";
    for (status, body, expected, said, requests) in [
        (403, html, "misconfigured", "http_403", 1),
        (401, html, "misconfigured", "http_401", 1),
        (404, html, "misconfigured", "http_404", 1),
        (302, "", "misconfigured", "http_302", 1),
        (
            418,
            html,
            "malformed",
            "http_418: an unexpected HTTP status",
            1,
        ),
        (
            200,
            html,
            "malformed",
            "http_200: the answer is not JSON",
            1,
        ),
        (200, "", "malformed", "http_200: the answer is not JSON", 1),
        (
            200,
            r#"{"error":"","resp"#,
            "malformed",
            "http_200: the answer is not JSON",
            1,
        ),
        (
            200,
            "[]",
            "malformed",
            "http_200: the answer is not JSON",
            1,
        ),
        (
            200,
            r#"{"error":""}"#,
            "malformed",
            "`response` is missing",
            1,
        ),
        (
            200,
            r#"{"response":{"order_list":7}}"#,
            "malformed",
            "`order_list` is not a list",
            1,
        ),
        (429, html, "rate limited", "", 4),
        (502, html, "unavailable", "http_502", 4),
        (503, r#"{"error":"-"}"#, "unavailable", "http_503", 4),
        (408, "", "unavailable", "http_408: the request timed out", 4),
    ] {
        let bench = Bench::new(move |_| Answer::new(status, body).and("Location", "/elsewhere"));
        assert_eq!(
            told(&error_of(&bench).await),
            (expected, said.to_owned()),
            "{status} {body}"
        );
        assert_eq!(bench.server.requests().len(), requests, "{status} {body}");
    }
}

#[tokio::test]
async fn a_refusal_by_nobody_in_particular_is_not_blamed_on_the_allow_list_alone() {
    for status in [401, 403] {
        let bench = Bench::new(move |_| Answer::new(status, "<html>Access denied</html>"));
        let MarketplaceError::Misconfigured { fault, message, .. } = error_of(&bench).await else {
            panic!("{status} is told as something else");
        };
        assert_eq!(fault, Fault::IpAllowList);
        assert!(message.contains("IP allow-list"), "{message}");
        assert!(
            message.contains("a proxy or firewall in between"),
            "{message}"
        );
    }
}

#[tokio::test]
async fn a_failure_that_passes_is_not_noticed() {
    let mut answers = vec![
        Answer::CutShort {
            body: r#"{"error":"","#.to_owned(),
            announced: 1000,
        },
        Answer::new(200, refusal("error_system_busy", "")),
        Answer::new(500, "oops"),
        Answer::json(200, &json!({"response": {"order_list": []}})),
    ]
    .into_iter();
    let bench = Bench::new(move |_| answers.next().expect("no further call"));
    let found = bench
        .marketplace
        .order_details(&bench.access(), &[sn("A1")])
        .await
        .unwrap();
    assert!(found.is_empty());
    assert_eq!(
        bench.results(),
        ["unavailable", "unavailable", "unavailable", "ok"]
    );
}

#[tokio::test]
async fn a_wait_that_the_platform_asks_for_and_that_does_not_fit_is_handed_on() {
    let bench = Bench::new(|_| Answer::new(429, "").and("Retry-After", "120"));
    assert!(matches!(
        error_of(&bench).await,
        MarketplaceError::RateLimited { retry_after: Some(wait), .. }
            if wait == Duration::from_mins(2)
    ));
    assert_eq!(bench.server.requests().len(), 1);
}

#[tokio::test]
async fn a_wait_that_the_platform_asks_for_is_kept() {
    let mut is_first = true;
    let bench = Bench::new(move |_| {
        if std::mem::take(&mut is_first) {
            Answer::new(429, "").and("Retry-After", "1")
        } else {
            Answer::json(200, &json!({"response": {"order_list": []}}))
        }
    });
    let started = tokio::time::Instant::now();
    bench
        .marketplace
        .order_details(&bench.access(), &[sn("A1")])
        .await
        .unwrap();
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert_eq!(bench.results(), ["rate_limited", "ok"]);
}

#[tokio::test]
async fn a_platform_that_does_not_answer_is_given_up() {
    let policy = CallPolicy {
        request_timeout: Duration::from_millis(20),
        retries: 1,
        first_wait: Duration::from_micros(1),
        ..CallPolicy::default()
    };
    let bench = Bench::with(policy, |_| Answer::Silence);
    assert_eq!(
        told(&error_of(&bench).await),
        ("unavailable", "no answer in time".to_owned())
    );
    assert_eq!(bench.results(), ["unavailable", "unavailable"]);
}

#[tokio::test]
async fn the_budget_bounds_a_call_however_patient_the_request_is() {
    let policy = CallPolicy {
        budget: Duration::from_millis(20),
        ..CallPolicy::default()
    };
    let bench = Bench::with(policy, |_| Answer::Silence);
    assert_eq!(told(&error_of(&bench).await).0, "unavailable");
    assert_eq!(bench.results(), ["unavailable"]);
}

#[tokio::test]
async fn a_platform_that_cannot_be_reached_is_unavailable_and_no_secret_is_told() {
    let bench = Bench::new(|_| Answer::Silence);
    // Nobody listens on port 1.
    let access = access_to("http://127.0.0.1:1/api/v2".to_owned());
    let error = bench
        .marketplace
        .order_details(&access, &[sn("A1")])
        .await
        .unwrap_err();
    assert_eq!(told(&error).0, "unavailable");

    let cause = error.source().expect("what the transport said");
    let told = format!("{error} {error:?} {cause} {access:?}");
    for secret in [ACCESS_TOKEN, PARTNER_KEY, "sign="] {
        assert!(!told.contains(secret), "{told}");
    }
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_not_read() {
    let policy = CallPolicy {
        reply_bytes_max: 1000,
        ..CallPolicy::default()
    };
    let too_large = "too_large: the answer is larger than 1000 bytes";
    for oversized in [
        || Answer::new(200, " ".repeat(1001)),
        || Answer::Unannounced { bytes: 1_000_000 },
    ] {
        let bench = Bench::with(policy, move |_| oversized());
        assert_eq!(
            told(&error_of(&bench).await),
            ("malformed", too_large.to_owned())
        );
    }
    let mut body = json!({"response": {"order_list": []}}).to_string();
    body.push_str(&" ".repeat(1000 - body.len()));
    let bench = Bench::with(policy, move |_| Answer::new(200, &body));
    let found = bench
        .marketplace
        .order_details(&bench.access(), &[sn("A1")])
        .await;
    assert!(found.is_ok());
}

#[tokio::test]
async fn what_an_operator_has_to_put_right_is_named() {
    for (status, body, expected) in [
        (403, "<html>".to_owned(), Fault::IpAllowList),
        (
            403,
            refusal("source_ip_undeclared", "Request Source IP is undeclared."),
            Fault::IpAllowList,
        ),
        (404, "<html>".to_owned(), Fault::Host),
        (302, String::new(), Fault::Host),
        (403, refusal("error_sign", "Wrong sign."), Fault::Sign),
        (200, refusal("invalid_partner_id", ""), Fault::PartnerId),
        (
            200,
            refusal("error_partner_key_expired", ""),
            Fault::PartnerKeyExpired,
        ),
        (
            403,
            refusal("error_auth", "No permission to current api."),
            Fault::Permission,
        ),
        (403, refusal("api_suspended", ""), Fault::AppSuspended),
        (200, refusal("shop_banned", ""), Fault::ShopUnusable),
        (
            200,
            refusal("error_param", "Timestamp is expired."),
            Fault::Clock,
        ),
    ] {
        let said = body.clone();
        let bench = Bench::new(move |_| Answer::new(status, &said).and("Location", "/elsewhere"));
        match error_of(&bench).await {
            MarketplaceError::Misconfigured { fault, .. } => {
                assert_eq!(fault, expected, "{status} {body}");
            }
            other => panic!("{status} {body}: {other:?}"),
        }
    }
}
