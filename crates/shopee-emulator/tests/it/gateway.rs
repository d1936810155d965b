//! The gateway: who may call, and what the others are told.

use hawker_shopee_emulator::Standing;

use crate::client::{Caller, TOKEN, emulator};

const DETAIL: &str = "/api/v2/order/get_order_detail";
const INFO: &str = "/api/v2/shop/get_shop_info";

#[tokio::test]
async fn the_gateway_refuses_with_its_own_words() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let good = caller.get(INFO, &[]).await;
    assert_eq!((good.status, good.error()), (200, String::new()));

    let with = |change: fn(&mut Caller)| {
        let mut caller = Caller::of(&emulator);
        change(&mut caller);
        caller
    };
    let cases = [
        (
            with(|c| c.partner_key.push('x')),
            403,
            "error_sign",
            "Wrong sign.",
        ),
        (
            with(|c| c.clock_error = -301),
            200,
            "error_param",
            "Timestamp is expired.",
        ),
        (
            with(|c| c.clock_error = 310),
            200,
            "error_param",
            "Timestamp is expired.",
        ),
        (
            with(|c| c.token = "unknown".to_owned()),
            403,
            "invalid_acceess_token",
            "Invalid access_token, please have a check.",
        ),
        (
            with(|c| c.shop_id = 4711),
            403,
            "shop_no_linked",
            "Partner and shop has no linked.",
        ),
        (
            with(|c| c.partner_id = 1),
            403,
            "invalid_partner_id",
            "Invalid partner_id, please have a check.",
        ),
        (
            with(|c| c.shop_id = 1 << 33),
            200,
            "error_param",
            "shop_id is invalid, should be an integer between 0 and 4294967295.",
        ),
        (
            with(|c| c.token.clear()),
            200,
            "error_param",
            "There is no access_token in query.",
        ),
    ];
    for (caller, status, code, message) in cases {
        let answer = caller.get(INFO, &[]).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (status, code),
            "{answer:?}"
        );
        assert_eq!(answer.message(), message);
        assert_eq!(answer.json()["request_id"].as_str().unwrap().len(), 32);
    }
}

#[tokio::test]
async fn a_call_without_its_common_parameters_is_told_which_one_is_missing() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let cases = [
        ("", "There is no partner_id in query."),
        ("?partner_id=1", "no timestamp."),
        (
            "?partner_id=x",
            "Partner_id is invalid, should be an integer between 0 and 4294967295.",
        ),
        (
            "?partner_id=1&timestamp=-1",
            "Timestamp is invalid, should be an integer between 0 and 4294967295.",
        ),
        ("?partner_id=1&timestamp=1", "There is no sign in query."),
    ];
    for (query, message) in cases {
        let answer = caller.unsigned(&format!("{DETAIL}{query}")).await;
        assert_eq!(answer.error(), "error_param");
        assert_eq!(answer.message(), message);
    }
    let nowhere = caller.unsigned("/api/v2/order/no_such_call").await;
    assert!(
        nowhere
            .message()
            .starts_with("Permission denied. This API is currently offline")
    );
}

#[tokio::test]
async fn tokens_end_and_shops_leave() {
    let emulator = emulator().await;
    let mut caller = Caller::of(&emulator);
    caller.token = emulator.issue_token(caller.shop_id).unwrap();
    assert_eq!(caller.get(INFO, &[]).await.error(), "");
    assert!(emulator.revoke_token(&caller.token));
    assert_eq!(caller.get(INFO, &[]).await.error(), "invalid_acceess_token");
    TOKEN.clone_into(&mut caller.token);
    emulator
        .set_standing(caller.shop_id, Standing::Unlinked)
        .unwrap();
    assert_eq!(caller.get(INFO, &[]).await.error(), "shop_no_linked");
    emulator
        .set_standing(caller.shop_id, Standing::Banned)
        .unwrap();
    assert_eq!(caller.get(INFO, &[]).await.error(), "shop_banned");
    emulator.set_always_http_200(true);
    assert_eq!(caller.get(INFO, &[]).await.status, 200);
}

#[tokio::test]
async fn calls_above_the_rate_limit_are_turned_away() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    emulator.set_rate_limit(Some(0));
    let answer = caller.get(INFO, &[]).await;
    assert_eq!(
        (answer.status, answer.error()),
        (429, "error_rate_limit".to_owned())
    );
    emulator.set_rate_limit(None);
    assert_eq!(caller.get(INFO, &[]).await.status, 200);
}
