//! Authorising: links, codes, token pairs, and who authorises the app.

use hawker_ports::MarketplaceError;
use hawker_ports::authorisation::{AuthorisedShop, Authoriser, Grantee};
use hawker_ports::marketplace::Fault;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use url::Url;

use super::*;

const SHOP: ShopId = ShopId(14_701_711);
/// Vectors V1 to V3 and V7 of the platform's documents.
const V1: &str = "0c212acc232b9af44093a3f982a47b546c9edf3d005ebf999580c3e5978e0336";
const V2: &str = "cd438687e4f2b82442d63ff6755775d7eef146415f46ee0aa46cf4810a52dffd";
const V3: &str = "bef10fe18a2ec6e9d5d68cebd255bc5394835300a97f99336cd7e3679949ebb9";
const V7: &str = "8b866d1ef78169e992f2f51b5456287b3a25043a8d4e714eb52a8cb504c73990";

fn pair(expire_in: &Value) -> Value {
    json!({
        "error": "", "message": "", "request_id": "req-1",
        "access_token": "access-secret", "refresh_token": "refresh-secret",
        "expire_in": expire_in, "partner_id": 2_001_887,
    })
}

fn body(request: &Request) -> Value {
    serde_json::from_str(&request.body).expect("a body of JSON")
}

#[tokio::test]
async fn a_code_of_a_shop_is_exchanged_once_and_as_the_app() {
    let bench = Bench::new(|_| Answer::json(200, &pair(&json!(14_400))));
    let grant = bench
        .marketplace
        .exchange_code(&bench.app(), &"code-1".into(), Grantee::Shop(SHOP))
        .await
        .unwrap();
    assert_eq!(grant.pair.access_token.expose_secret(), "access-secret");
    assert_eq!(grant.pair.refresh_token.expose_secret(), "refresh-secret");
    assert_eq!(grant.pair.expires_in, Duration::from_hours(4));
    assert_eq!(grant.pair.request_id.as_deref(), Some("req-1"));
    assert!(grant.shops.is_empty(), "the answer names none");

    let request = bench.request();
    assert_eq!(request.url.path(), "/api/v2/auth/token/get");
    assert_eq!(request.query("sign"), V1);
    assert_eq!(request.query("access_token"), "");
    assert_eq!(
        body(&request),
        json!({"code": "code-1", "partner_id": 2_001_887, "shop_id": 14_701_711})
    );
}

#[tokio::test]
async fn a_main_account_is_granted_everything_that_the_answer_names() {
    let bench = Bench::new(|_| {
        let mut reply = pair(&json!("14400"));
        reply["shop_id_list"] = json!([1, "2"]);
        reply["merchant_id_list"] = json!([3]);
        reply["supplier_id_list"] = json!(null);
        Answer::json(200, &reply)
    });
    let grant = bench
        .marketplace
        .exchange_code(&bench.app(), &"code-1".into(), Grantee::MainAccount(9))
        .await
        .unwrap();
    assert_eq!(grant.shops, [ShopId(1), ShopId(2)]);
    assert_eq!(grant.merchants, [3]);
    assert!(grant.suppliers.is_empty());
    assert_eq!(
        body(&bench.request()),
        json!({"code": "code-1", "partner_id": 2_001_887, "main_account_id": 9})
    );
}

#[tokio::test]
async fn a_pair_is_renewed_for_one_shop() {
    let bench = Bench::new(|_| Answer::json(200, &pair(&json!(14_400))));
    let renewed = bench
        .marketplace
        .refresh(&bench.app(), SHOP, &"old-secret".into())
        .await
        .unwrap();
    assert_eq!(renewed.refresh_token.expose_secret(), "refresh-secret");
    let request = bench.request();
    assert_eq!(request.url.path(), "/api/v2/auth/access_token/get");
    assert_eq!(request.query("sign"), V2);
    assert_eq!(
        body(&request),
        json!({
            "refresh_token": "old-secret", "partner_id": 2_001_887, "shop_id": 14_701_711,
        })
    );
}

#[tokio::test]
async fn a_resend_code_brings_a_lost_pair_back() {
    let bench = Bench::new(|_| {
        let mut reply = pair(&json!(3600));
        reply["shop_id_list"] = json!([123]);
        Answer::json(200, &reply)
    });
    let grant = bench
        .marketplace
        .redeem_resend_code(&bench.app(), &"resend-1".into())
        .await
        .unwrap();
    assert_eq!(grant.shops, [ShopId(123)]);
    let request = bench.request();
    assert_eq!(
        request.url.path(),
        "/api/v2/public/get_token_by_resend_code"
    );
    assert_eq!(body(&request), json!({"resend_code": "resend-1"}));
}

#[tokio::test]
async fn how_long_a_pair_lives_may_be_told_as_a_moment_or_not_at_all() {
    for (expire_in, seconds) in [
        (json!(13_859), 13_859),
        (json!(TIMESTAMP + 14_384), 14_384),
        (json!(TIMESTAMP - 1), 0),
        (json!(-1), 0),
        (json!(null), 14_400),
        (json!("-"), 14_400),
    ] {
        let reply = pair(&expire_in);
        let bench = Bench::new(move |_| Answer::json(200, &reply));
        let renewed = bench
            .marketplace
            .refresh(&bench.app(), SHOP, &"old".into())
            .await
            .unwrap();
        assert_eq!(
            renewed.expires_in,
            Duration::from_secs(seconds),
            "{expire_in}"
        );
    }
}

#[tokio::test]
async fn what_is_kept_of_a_pair_in_the_clear_holds_no_token() {
    let bench = Bench::new(|_| Answer::json(200, &pair(&json!(14_400))));
    let renewed = bench
        .marketplace
        .refresh(&bench.app(), SHOP, &"old-secret".into())
        .await
        .unwrap();
    let told = format!("{renewed:?} {}", json!(renewed.payload));
    assert!(renewed.payload.contains_key("expire_in"), "{told}");
    for secret in ["access-secret", "refresh-secret", "old-secret"] {
        assert!(!told.contains(secret), "{told}");
    }
}

#[tokio::test]
async fn a_refresh_token_at_its_end_asks_for_a_new_authorisation() {
    for (code, message) in [
        ("refresh_token_expired", "Your refresh_token expired."),
        ("error_shop_refresh_token", "Your refresh token is error"),
        ("error_auth", "Invalid refresh_token."),
        ("shop_access_expired", ""),
        ("shop_no_linked", ""),
    ] {
        let bench = Bench::new(move |_| Answer::new(403, refusal(code, message)));
        let renewed = bench
            .marketplace
            .refresh(&bench.app(), SHOP, &"old".into())
            .await;
        let error = renewed.unwrap_err();
        assert!(
            matches!(error, MarketplaceError::Reauthorise { .. }),
            "{error:?}"
        );
        assert_eq!(bench.results(), ["reauthorise"], "{code}");
    }
    let bench = Bench::new(|_| Answer::new(403, refusal("shop_banned", "")));
    let renewed = bench
        .marketplace
        .refresh(&bench.app(), SHOP, &"old".into())
        .await;
    assert!(matches!(
        renewed.unwrap_err(),
        MarketplaceError::Misconfigured {
            fault: Fault::ShopUnusable,
            ..
        }
    ));
}

#[tokio::test]
async fn a_code_that_is_used_or_too_old_is_refused_in_both_of_the_platforms_ways() {
    for (code, message) in [
        ("invalid_code", "The code is expired or used or invalid"),
        ("error_auth", "Invalid code"),
    ] {
        let bench = Bench::new(move |_| Answer::new(200, refusal(code, message)));
        let exchanged = bench
            .marketplace
            .exchange_code(&bench.app(), &"old".into(), Grantee::Shop(SHOP))
            .await;
        let error = exchanged.unwrap_err();
        assert!(
            matches!(error, MarketplaceError::Refused { .. }),
            "{error:?}"
        );
        assert_eq!(bench.results(), ["refused"]);
    }
}

#[tokio::test]
async fn the_shops_that_authorise_the_app_are_read_page_by_page() {
    let bench = Bench::new(|request| {
        let page: u32 = request.query("page_no").parse().unwrap();
        let shop = |id: u32| json!({"shop_id": id, "region": "SG", "expire_time": 1_773_503_999});
        let reply = json!({
            "authed_shop_list": [shop(page * 10), shop(page * 10 + 1)],
            "more": page < 3, "request_id": "req-1",
        });
        Answer::json(200, &reply)
    });
    let shops = bench
        .marketplace
        .authorised_shops(&bench.app())
        .await
        .unwrap();
    let ids: Vec<i64> = shops.iter().map(|shop| shop.shop.0).collect();
    assert_eq!(ids, [10, 11, 20, 21, 30, 31]);
    assert_eq!(
        shops[0],
        AuthorisedShop {
            shop: ShopId(10),
            region: Some("SG".into()),
            authorised_at: None,
            ends_at: Some(at(1_773_503_999)),
        }
    );
}

#[tokio::test]
async fn a_list_of_shops_that_is_not_whole_is_no_list() {
    for (reply, reason) in [
        (
            json!({"error": "", "more": false}),
            "`authed_shop_list` is missing",
        ),
        (
            json!({"authed_shop_list": [{"region": "SG"}], "more": false}),
            "`authed_shop_list[].shop_id` is missing",
        ),
        (
            json!({"authed_shop_list": [{"shop_id": 1}], "more": true}),
            "the list of shops goes on after 100 pages",
        ),
        (
            json!({"authed_shop_list": [], "more": true}),
            "page 1 of the list of shops is empty, and the list goes on",
        ),
    ] {
        let bench = Bench::new(move |_| Answer::json(200, &reply));
        let shops = bench.marketplace.authorised_shops(&bench.app()).await;
        match shops.unwrap_err() {
            MarketplaceError::Malformed { reason: told, .. } => assert_eq!(told, reason),
            other => panic!("told as: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_list_of_shops_that_breaks_off_is_no_list() {
    let bench = Bench::new(|request| match request.query("page_no").as_str() {
        "1" => Answer::json(
            200,
            &json!({"authed_shop_list": [{"shop_id": 1}], "more": true}),
        ),
        _ => Answer::json(200, &json!({"authed_shop_list": [], "more": true})),
    });
    let shops = bench.marketplace.authorised_shops(&bench.app()).await;
    let MarketplaceError::Malformed { reason, .. } = shops.unwrap_err() else {
        panic!("told as something else");
    };
    assert!(reason.contains("page 2"), "{reason}");
    assert_eq!(bench.server.requests().len(), 2);
}

#[tokio::test]
async fn an_empty_page_ends_the_list_where_it_says_so() {
    let bench = Bench::new(|request| match request.query("page_no").as_str() {
        "1" => Answer::json(
            200,
            &json!({"authed_shop_list": [{"shop_id": 1}], "more": true}),
        ),
        _ => Answer::json(200, &json!({"authed_shop_list": [], "more": false})),
    });
    let shops = bench.marketplace.authorised_shops(&bench.app()).await;
    assert_eq!(shops.unwrap().len(), 1);
}

#[tokio::test]
async fn links_are_signed_with_the_platforms_time() {
    let platform_time = TIMESTAMP + 600;
    let bench = Bench::new(move |request| {
        let answer = if request.query("timestamp") == platform_time.to_string() {
            Answer::json(200, &json!({"authed_shop_list": []}))
        } else {
            Answer::new(403, refusal("error_param", "Timestamp is expired."))
        };
        answer.and("Date", "Mon, 20 Jun 2022 08:50:31 GMT")
    });
    let app = bench.app();
    let redirect = "https://ops.example.com/callback?nonce=7";
    let query = |link: &str, name: &str| {
        let url = Url::parse(link).expect("a link");
        let pairs = url.query_pairs();
        pairs
            .into_iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let link = bench
        .marketplace
        .authorisation_link(&app, redirect)
        .unwrap();
    assert!(link.starts_with(&format!("{}/shop/auth_partner?", app.base_url)));
    assert_eq!(query(&link, "sign").as_deref(), Some(V3));
    assert_eq!(query(&link, "redirect").as_deref(), Some(redirect));
    let link = bench.marketplace.cancellation_link(&app, redirect).unwrap();
    assert_eq!(query(&link, "sign").as_deref(), Some(V7));

    // A call finds out that our clock is behind.
    bench.marketplace.authorised_shops(&app).await.unwrap();
    let link = bench
        .marketplace
        .authorisation_link(&app, redirect)
        .unwrap();
    assert_eq!(query(&link, "timestamp"), Some(platform_time.to_string()));
}
