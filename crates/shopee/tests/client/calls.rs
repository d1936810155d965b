//! What is sent.

use hawker_shopee::calls::order::{GetOrderDetail, ORDER_DETAIL_FIELDS};
use hawker_shopee::calls::public::RefreshAccessToken;
use hawker_shopee::client::{Arguments, Call, CallPolicy, Caller, Endpoint, Rate, RateLimits};
use hawker_shopee::sign::{Identity, sign};
use serde_json::json;

use super::*;
use hawker_ports::{Marketplace, MarketplaceError};

const REFRESH: Endpoint = RefreshAccessToken::ENDPOINT;

fn nothing_found() -> Answer {
    Answer::json(200, &json!({"error": "", "response": {"order_list": []}}))
}

#[tokio::test]
async fn a_call_of_a_shop_is_signed_over_the_path_of_its_final_url() {
    let bench = Bench::new(|_| nothing_found());
    bench
        .marketplace
        .order_details(&bench.access(), &[sn("B2"), sn("A1")])
        .await
        .unwrap();

    let [request] = bench.server.requests().try_into().unwrap();
    assert_eq!(request.method, "GET");
    assert_eq!(request.url.path(), "/api/v2/order/get_order_detail");
    for (name, expected) in [
        ("partner_id", "2001887"),
        ("timestamp", "1655714431"),
        ("access_token", ACCESS_TOKEN),
        ("shop_id", "14701711"),
        // Vector V4 of the platform's documents.
        (
            "sign",
            "5b3c2c4f101472c8d5c51e19226ee5a5c990357c3f1208d24e9b635368a08a40",
        ),
        ("order_sn_list", "A1,B2"),
        ("response_optional_fields", ORDER_DETAIL_FIELDS),
    ] {
        assert_eq!(request.query(name), expected, "{name}");
    }
    assert!(request.header("user-agent").starts_with("hawker/"));
    assert!(!ORDER_DETAIL_FIELDS.contains(char::is_whitespace));
}

#[tokio::test]
async fn behind_a_base_url_of_ones_own_the_whole_path_is_signed() {
    let bench = Bench::new(|_| nothing_found());
    let mut access = bench.access();
    access.base_url = access.base_url.replace("/api/v2", "/shopee/api/v2/");
    bench
        .marketplace
        .order_details(&access, &[sn("A1")])
        .await
        .unwrap();

    let [request] = bench.server.requests().try_into().unwrap();
    let path = "/shopee/api/v2/order/get_order_detail";
    assert_eq!(request.url.path(), path);
    let identity = Identity::Shop {
        shop: access.shop,
        access_token: &access.access_token,
    };
    assert_eq!(
        request.query("sign"),
        sign(
            &access.partner_key,
            access.partner_id,
            path,
            TIMESTAMP,
            identity
        )
    );
}

#[tokio::test]
async fn a_call_of_the_app_carries_no_token_posts_json_and_may_reply_flat() {
    let bench = Bench::new(|_| Answer::json(200, &json!({"error": "", "expire_in": 14400})));
    let access = bench.access();
    let arguments = Arguments {
        body: Some(json!({"shop_id": 14_701_711})),
        ..Arguments::default()
    };
    let reply = bench
        .api
        .call(
            &REFRESH,
            Caller::from(&access),
            &arguments,
            bench.api.deadline(),
        )
        .await
        .unwrap();
    assert_eq!(reply.json(), r#"{"error":"","expire_in":14400}"#);

    let [request] = bench.server.requests().try_into().unwrap();
    assert_eq!(request.method, "POST");
    assert_eq!(request.header("content-type"), "application/json");
    assert_eq!(request.body, r#"{"shop_id":14701711}"#);
    // Vector V2.
    assert_eq!(
        request.query("sign"),
        "cd438687e4f2b82442d63ff6755775d7eef146415f46ee0aa46cf4810a52dffd"
    );
    assert_eq!(
        (request.query("access_token"), request.query("shop_id")),
        (String::new(), String::new())
    );
}

#[tokio::test]
async fn what_must_not_be_repeated_is_repeated_only_when_it_was_not_carried_out() {
    let call = async |bench: &Bench| {
        let access = bench.access();
        let called = bench
            .api
            .call(
                &REFRESH,
                Caller::from(&access),
                &Arguments::default(),
                bench.api.deadline(),
            )
            .await;
        (called.is_ok(), bench.server.requests().len())
    };
    let failing = Bench::new(|_| Answer::new(502, "bad gateway"));
    assert_eq!(call(&failing).await, (false, 1));

    let mut is_first = true;
    let throttling = Bench::new(move |_| {
        let status = if std::mem::take(&mut is_first) {
            429
        } else {
            200
        };
        Answer::json(status, &json!({}))
    });
    assert_eq!(call(&throttling).await, (true, 2));
}

#[tokio::test]
async fn a_base_url_that_is_none_and_an_identity_that_does_not_fit_are_the_operators() {
    let bench = Bench::new(|_| nothing_found());
    for base_url in ["", "nonsense", "ftp://host/api/v2", "file:///api/v2"] {
        let error = bench
            .marketplace
            .order_details(&access_to(base_url.to_owned()), &[sn("A1")])
            .await
            .unwrap_err();
        assert!(
            matches!(&error, MarketplaceError::Misconfigured { code, .. } if code == "invalid_base_url"),
            "{base_url}: {error}"
        );
    }
    let access = bench.access();
    let as_the_app = Caller {
        identity: Identity::Public,
        ..Caller::from(&access)
    };
    let called = bench
        .api
        .call(
            &GetOrderDetail::ENDPOINT,
            as_the_app,
            &Arguments::default(),
            bench.api.deadline(),
        )
        .await;
    assert!(matches!(
        called.unwrap_err(),
        MarketplaceError::Misconfigured { code, .. } if code == "wrong_identity"
    ));
    assert!(bench.server.requests().is_empty());
}

#[tokio::test]
async fn who_would_wait_for_a_turn_beyond_the_budget_is_told_when_to_come_back() {
    let bench = Bench::new(|_| nothing_found());
    let api = ShopeeApi::new(
        http_client_builder().no_proxy().build().unwrap(),
        Arc::new(FrozenClock::default()),
        bench.metrics.clone(),
        CallPolicy::default(),
        RateLimits {
            shop: Rate::new(1, 1),
            app: Rate::new(50, 50),
        },
    );
    let access = bench.access();
    let marketplace = ShopeeMarketplace::new(Arc::new(api));
    // Each call takes a turn, a second after the one before, and gives up waiting at once.
    let error = loop {
        let orders = [sn("A1")];
        let call = marketplace.order_details(&access, &orders);
        if let Ok(ended) = tokio::time::timeout(Duration::ZERO, call).await {
            break ended.unwrap_err();
        }
    };
    let budget = CallPolicy::default().budget;
    assert!(
        matches!(error, MarketplaceError::RateLimited { retry_after: Some(wait), .. }
            if budget < wait && wait <= budget + Duration::from_secs(1)),
        "{error:?}"
    );
}
