//! Tokens: exchanged, refreshed, seeded, counted.

use std::time::Duration;

use hawker_shopee_emulator::{
    Consent, Emulator, EmulatorConfig, ExpireIn, RefreshTally, Revocation, Shop, TokenPair,
};
use serde_json::{Value, json};

use crate::client::{Answer, Caller, TOKEN, emulator, now};

pub const GET: &str = "/api/v2/auth/token/get";
pub const REFRESH: &str = "/api/v2/auth/access_token/get";
pub const INFO: &str = "/api/v2/shop/get_shop_info";

pub fn exchange_of(caller: &Caller, code: &str) -> Value {
    json!({ "code": code, "partner_id": caller.partner_id, "shop_id": caller.shop_id })
}

pub fn refresh_of(caller: &Caller, token: &str) -> Value {
    json!({
        "refresh_token": token,
        "partner_id": caller.partner_id,
        "shop_id": caller.shop_id,
    })
}

pub async fn refresh(caller: &Caller, token: &str) -> Answer {
    caller
        .public(REFRESH, Some(refresh_of(caller, token)))
        .await
}

pub fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap().to_owned()
}

pub fn tally(asked: u64, succeeded: u64, refused: u64, replayed: u64) -> RefreshTally {
    RefreshTally {
        asked,
        succeeded,
        refused,
        replayed,
    }
}

#[tokio::test]
async fn a_code_is_exchanged_once() {
    let emulator = emulator().await;
    let mut caller = Caller::of(&emulator);
    let code = emulator
        .issue_code(&Consent::of_shop(caller.shop_id))
        .unwrap();
    let body = exchange_of(&caller, &code);
    let tokens = caller.public(GET, Some(body.clone())).await.json();
    assert_eq!(tokens["expire_in"], 14_400);
    caller.token = text(&tokens, "access_token");
    assert_eq!(caller.get(INFO, &[]).await.error(), "");
    let again = caller.public(GET, Some(body)).await;
    assert_eq!(
        (again.status, again.error().as_str()),
        (403, "invalid_code")
    );
    assert_eq!(
        again.message(),
        "The code is expired or used or invalid, please check the code."
    );
    assert_eq!(emulator.exchanges(caller.shop_id), tally(2, 1, 1, 0));
}

#[tokio::test]
async fn a_code_is_refused_when_old_or_in_wrong_hands() {
    let emulator = emulator().await;
    let mut caller = Caller::of(&emulator);
    let consent = Consent::of_shop(caller.shop_id);
    let code = emulator.issue_code(&consent).unwrap();
    let mut other = exchange_of(&caller, &code);
    other["shop_id"] = json!(4711);
    assert_eq!(
        caller.public(GET, Some(other)).await.error(),
        "invalid_shop_id"
    );
    let main = json!({ "code": code, "partner_id": caller.partner_id, "main_account_id": 1 });
    assert_eq!(
        caller.public(GET, Some(main)).await.error(),
        "invalid_main_acount_id"
    );
    let mut stranger = exchange_of(&caller, &code);
    stranger["partner_id"] = json!(1);
    assert_eq!(
        caller.public(GET, Some(stranger)).await.error(),
        "error_param"
    );
    let nameless = json!({ "partner_id": caller.partner_id });
    assert_eq!(
        caller.public(GET, Some(nameless)).await.error(),
        "error_param"
    );

    let mut nobodys = exchange_of(&caller, &code);
    nobodys["shop_id"].take();
    let mut twofold = exchange_of(&caller, &code);
    twofold["main_account_id"] = json!(7);
    for body in [nobodys, twofold] {
        let refused = caller.public(GET, Some(body.clone())).await;
        assert_eq!(refused.error(), "error_param", "{body}");
    }

    emulator.set_clock_offset(600);
    caller.clock_error = 600;
    let late = exchange_of(&caller, &code);
    assert_eq!(caller.public(GET, Some(late)).await.error(), "invalid_code");
    let code = emulator.issue_code(&consent).unwrap();
    emulator
        .revoke(caller.shop_id, Revocation::Silently)
        .unwrap();
    let revoked = exchange_of(&caller, &code);
    assert_eq!(
        caller.public(GET, Some(revoked)).await.error(),
        "invalid_code"
    );
}

#[tokio::test]
async fn a_refresh_rotates_the_pair_and_leaves_the_old_access_token_five_minutes() {
    let emulator = emulator().await;
    let mut caller = Caller::of(&emulator);
    let first = emulator.issue_tokens(caller.shop_id).unwrap();
    let second = refresh(&caller, &first.refresh_token).await.json();
    assert_eq!(second["partner_id"], caller.partner_id);
    assert_eq!(second["shop_id"], caller.shop_id);
    assert_eq!(second["expire_in"], 14_400);
    assert_ne!(text(&second, "refresh_token"), first.refresh_token);

    let both = [first.access_token.clone(), text(&second, "access_token")];
    for token in &both {
        caller.token.clone_from(token);
        assert_eq!(caller.get(INFO, &[]).await.error(), "");
    }
    emulator.set_clock_offset(301);
    caller.clock_error = 301;
    caller.token.clone_from(&both[0]);
    assert_eq!(caller.get(INFO, &[]).await.error(), "invalid_acceess_token");
    caller.token.clone_from(&both[1]);
    assert_eq!(caller.get(INFO, &[]).await.error(), "");

    let replayed = refresh(&caller, &first.refresh_token).await;
    assert_eq!(
        (replayed.error(), replayed.message()),
        ("error_auth".to_owned(), "Invalid refresh_token.".to_owned())
    );
    assert_eq!(emulator.refreshes(caller.shop_id), tally(2, 1, 1, 1));
}

#[tokio::test]
async fn many_at_once_with_one_token_rotate_it_once() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let pair = emulator.issue_tokens(caller.shop_id).unwrap();
    let calls = (0..16).map(|_| {
        let (caller, token) = (caller.clone(), pair.refresh_token.clone());
        async move { refresh(&caller, &token).await.error() }
    });
    let mut tasks: tokio::task::JoinSet<String> = calls.collect();
    let mut errors = Vec::new();
    while let Some(error) = tasks.join_next().await {
        errors.push(error.unwrap());
    }
    assert_eq!(errors.iter().filter(|error| error.is_empty()).count(), 1);
    assert_eq!(emulator.refreshes(caller.shop_id), tally(16, 1, 15, 15));
}

#[tokio::test]
async fn the_first_refresh_token_of_a_main_account_works_once_for_each_of_its_shops() {
    let mut config = EmulatorConfig::default().with_token(TOKEN).at_speed(0.0);
    let other = Shop::default().shop_id + 1;
    config.shops.push(Shop {
        shop_id: other,
        ..Shop::default()
    });
    let emulator = Emulator::start(config).await.unwrap();
    let mut caller = Caller::of(&emulator);
    let consent = Consent::of_main_account(7, [caller.shop_id, other]).with_merchants([31]);
    let code = emulator.issue_code(&consent).unwrap();
    let body = json!({ "code": code, "partner_id": caller.partner_id, "main_account_id": 7 });
    let shared = caller.public(GET, Some(body)).await.json();
    assert_eq!(shared["merchant_id_list"], json!([31]));
    let token = text(&shared, "refresh_token");
    for shop_id in [other, Shop::default().shop_id] {
        caller.shop_id = shop_id;
        caller.token = text(&shared, "access_token");
        assert_eq!(caller.get(INFO, &[]).await.error(), "", "shared at first");
        assert_eq!(refresh(&caller, &token).await.error(), "");
        assert_eq!(
            refresh(&caller, &token).await.message(),
            "Invalid refresh_token."
        );
        assert_eq!(emulator.refreshes(shop_id), tally(2, 1, 1, 1));
    }
    let of_merchant = |id: i64| {
        Some(json!({ "refresh_token": token, "partner_id": caller.partner_id, "merchant_id": id }))
    };
    let merchant = caller.public(REFRESH, of_merchant(31)).await.json();
    assert_eq!(
        (&merchant["error"], &merchant["merchant_id"]),
        (&json!(""), &json!(31))
    );
    assert_eq!(emulator.refreshes_of_merchant(31).succeeded, 1);
    let unknown = caller.public(REFRESH, of_merchant(32)).await;
    assert_eq!(unknown.error(), "merchant_no_linked");
    let mut both = of_merchant(31).unwrap();
    both["shop_id"] = json!(other);
    assert_eq!(
        caller.public(REFRESH, Some(both)).await.error(),
        "error_param"
    );
}

#[tokio::test]
async fn seeded_tokens_are_dead_or_alive_by_their_times() {
    let emulator = emulator().await;
    let mut caller = Caller::of(&emulator);
    let pair = |expires_at, refresh_expires_at| TokenPair {
        access_token: "seeded_access".to_owned(),
        refresh_token: "seeded_refresh".to_owned(),
        expires_at,
        refresh_expires_at,
    };
    let shop = caller.shop_id;
    caller.token = "seeded_access".to_owned();
    emulator
        .seed_tokens(shop, &pair(now() + 60, now() + 60))
        .unwrap();
    assert_eq!(caller.get(INFO, &[]).await.error(), "");
    emulator
        .seed_tokens(shop, &pair(now() - 1, now() + 60))
        .unwrap();
    assert_eq!(caller.get(INFO, &[]).await.error(), "invalid_acceess_token");
    assert_eq!(refresh(&caller, "seeded_refresh").await.error(), "");
    emulator
        .seed_tokens(shop, &pair(now() - 1, now() - 1))
        .unwrap();
    assert_eq!(
        refresh(&caller, "seeded_refresh").await.error(),
        "refresh_token_expired"
    );
    assert!(
        !format!("{:?}", pair(1, 2)).contains("seeded"),
        "tokens are not printed"
    );
}

#[tokio::test]
async fn tokens_live_as_long_as_they_are_told() {
    let emulator = emulator().await;
    let mut caller = Caller::of(&emulator);
    emulator.set_access_token_life(Duration::from_mins(10));
    let pair = emulator.issue_tokens(caller.shop_id).unwrap();
    let tokens = refresh(&caller, &pair.refresh_token).await.json();
    assert_eq!(tokens["expire_in"], 600);
    emulator.set_expire_in(ExpireIn::UnixTime);
    let tokens = refresh(&caller, &text(&tokens, "refresh_token"))
        .await
        .json();
    assert!(tokens["expire_in"].as_i64().unwrap() > 1_000_000_000);
    // Of all tokens, only fixed ones pass over an expiry of four hours; a forced one ends them.
    emulator.set_clock_offset(5 * 3600);
    caller.clock_error = 5 * 3600;
    assert_eq!(caller.get(INFO, &[]).await.error(), "");
    emulator.expire_access_tokens(caller.shop_id);
    assert_eq!(caller.get(INFO, &[]).await.error(), "invalid_acceess_token");
    assert!(!emulator.token_opens(caller.shop_id, TOKEN));
}
