//! Refreshes that go wrong: lost, swallowed, delayed, refused.

use std::time::Duration;

use hawker_shopee_emulator::{Emulator, EmulatorConfig, Endpoint, Fault, Shop, Standing};
use serde_json::json;

use crate::client::{Caller, TOKEN, emulator};
use crate::tokens::{GET, INFO, REFRESH, exchange_of, refresh, refresh_of, tally, text};

const RESEND: &str = "/api/v2/public/get_token_by_resend_code";

#[tokio::test]
async fn a_lost_reply_has_rotated_the_pair_and_a_resend_code_brings_it_back() {
    let emulator = emulator().await;
    let mut caller = Caller::of(&emulator);
    let first = emulator.issue_tokens(caller.shop_id).unwrap();
    emulator.lose_next_token_reply();
    let body = refresh_of(&caller, &first.refresh_token);
    caller
        .try_public(REFRESH, &[], Some(body))
        .await
        .unwrap_err();
    assert_eq!(emulator.refreshes(caller.shop_id), tally(1, 1, 0, 0));
    let unheard_of = emulator.current_refresh_token(caller.shop_id).unwrap();
    assert_ne!(unheard_of, first.refresh_token);
    assert_eq!(
        refresh(&caller, &first.refresh_token).await.message(),
        "Invalid refresh_token."
    );

    let code = emulator.issue_resend_code(caller.shop_id).unwrap();
    assert!(code.starts_with("resend"));
    let resend = Some(json!({ "resend_code": code }));
    let tokens = caller.public(RESEND, resend.clone()).await.json();
    assert_eq!(tokens["shop_id_list"], json!([caller.shop_id]));
    caller.token = text(&tokens, "access_token");
    assert_eq!(caller.get(INFO, &[]).await.error(), "");
    let again = caller.public(RESEND, resend).await;
    assert_eq!(
        (again.error(), again.message()),
        ("error_auth".to_owned(), "Invalid code".to_owned())
    );
    // A resend code is no code of a redirect.
    let code = emulator.issue_resend_code(caller.shop_id).unwrap();
    let wrong = exchange_of(&caller, &code);
    assert_eq!(
        caller.public(GET, Some(wrong)).await.error(),
        "invalid_code"
    );
}

#[tokio::test]
async fn a_swallowed_call_was_asked_for_and_nothing_more() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let pair = emulator.issue_tokens(caller.shop_id).unwrap();
    emulator.fail_next(Endpoint::TokenRefresh, Fault::Inner, 1);
    assert_eq!(
        refresh(&caller, &pair.refresh_token).await.error(),
        "error_inner"
    );
    assert_eq!(emulator.refreshes(caller.shop_id), tally(1, 0, 0, 0));
    assert_eq!(refresh(&caller, &pair.refresh_token).await.error(), "");
}

#[tokio::test]
async fn a_delayed_reply_has_rotated_the_pair_long_before_it_comes() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let pair = emulator.issue_tokens(caller.shop_id).unwrap();
    emulator.delay_token_replies(Duration::from_hours(1), 1);
    let waiting = refresh(&caller, &pair.refresh_token);
    let seen = async {
        while emulator.refreshes(caller.shop_id).succeeded == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        answer = waiting => panic!("it came at once: {answer:?}"),
        () = seen => {}
    }
    assert_ne!(
        emulator.current_refresh_token(caller.shop_id),
        Some(pair.refresh_token)
    );
}

#[tokio::test]
async fn refresh_tokens_are_refused_in_the_platforms_words() {
    let mut config = EmulatorConfig::default().with_token(TOKEN).at_speed(0.0);
    let other = Shop::default().shop_id + 1;
    config.shops.push(Shop {
        shop_id: other,
        ..Shop::default()
    });
    let emulator = Emulator::start(config).await.unwrap();
    let caller = Caller::of(&emulator);
    let shop = caller.shop_id;
    let pair = emulator.issue_tokens(shop).unwrap();
    let foreign = emulator.issue_tokens(other).unwrap();
    assert_eq!(
        refresh(&caller, &foreign.refresh_token).await.error(),
        "error_shop_refresh_token"
    );
    assert_eq!(
        refresh(&caller, "unknown").await.message(),
        "Invalid refresh_token."
    );
    let with_standing = async |standing| {
        emulator.set_standing(shop, standing).unwrap();
        refresh(&caller, &pair.refresh_token).await.error()
    };
    assert_eq!(with_standing(Standing::Unlinked).await, "shop_no_linked");
    assert_eq!(with_standing(Standing::Banned).await, "shop_banned");
    emulator.set_standing(shop, Standing::Linked).unwrap();
    emulator.expire_refresh_token(shop);
    assert_eq!(
        refresh(&caller, &pair.refresh_token).await.error(),
        "refresh_token_expired"
    );
    assert_eq!(emulator.current_refresh_token(shop), None);
    // None of the refusals has used a token up.
    let pair = emulator.issue_tokens(shop).unwrap();
    assert_eq!(with_standing(Standing::Unlinked).await, "shop_no_linked");
    assert_eq!(with_standing(Standing::Frozen).await, "error_auth");
    assert_eq!(refresh(&caller, &pair.refresh_token).await.error(), "");
}
