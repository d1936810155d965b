//! What the gateway turns away: too much, from the wrong place, at the wrong time, with a dead
//! key.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use chrono::DateTime;
use hawker_shopee_emulator::{AuthText, Emulator, EmulatorConfig, Endpoint, Fault, SteppedWall};

use crate::client::{Caller, TOKEN, emulator, now};

const INFO: &str = "/api/v2/shop/get_shop_info";
const SHOPS: &str = "/api/v2/public/get_shops_by_partner";
const DAY: i64 = 86_400;

/// An emulator whose wall clock only moves by its offset.
async fn standing_still() -> Emulator {
    let config = EmulatorConfig {
        wall: Arc::new(SteppedWall::at(now())),
        ..EmulatorConfig::default()
    };
    Emulator::start(config.with_token(TOKEN)).await.unwrap()
}

#[tokio::test]
async fn a_used_up_quota_comes_back_at_midnight_in_singapore() {
    let emulator = standing_still().await;
    let mut caller = Caller::of(&emulator);
    emulator.set_daily_quota(Some(2));
    assert_eq!(caller.get(INFO, &[]).await.error(), "");
    caller.public(SHOPS, None).await;
    assert_eq!(emulator.calls_today(), 2);
    let refused = caller.get(INFO, &[]).await;
    assert_eq!(
        (refused.status, refused.error().as_str()),
        (200, "error_limit")
    );
    assert!(refused.message().contains("daily API call limit"));
    assert_eq!(caller.public(SHOPS, None).await.error(), "error_limit");

    let midnight = DAY - (emulator.wall_time() + 8 * 3600).rem_euclid(DAY);
    emulator.set_clock_offset(midnight + 1);
    caller.clock_error = midnight + 1;
    assert_eq!(caller.get(INFO, &[]).await.error(), "");
    assert_eq!(emulator.calls_today(), 1);
}

#[tokio::test]
async fn a_call_that_is_not_the_apps_does_not_cost_it_anything() {
    let emulator = emulator().await;
    let mut caller = Caller::of(&emulator);
    emulator.set_daily_quota(Some(1));
    caller.partner_key.push('x');
    assert_eq!(caller.get(INFO, &[]).await.error(), "error_sign");
    assert_eq!(emulator.calls_today(), 0);
}

#[tokio::test]
async fn a_burst_says_when_to_come_back_if_it_is_told_to() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    emulator.set_rate_limit(Some(0));
    let refused = caller.get(INFO, &[]).await;
    assert_eq!(
        (refused.status, refused.error().as_str()),
        (429, "error_rate_limit")
    );
    assert_eq!(refused.header("retry-after"), None);
    emulator.set_retry_after(Some(7));
    let refused = caller.get(INFO, &[]).await;
    assert_eq!(refused.header("retry-after"), Some("7"));
    emulator.set_always_http_200(true);
    assert_eq!(caller.get(INFO, &[]).await.status, 200);
}

#[tokio::test]
async fn a_wrong_clock_is_told_the_right_time() {
    let emulator = standing_still().await;
    let mut caller = Caller::of(&emulator);
    emulator.set_clock_offset(3600);
    let refused = caller.get(INFO, &[]).await;
    assert_eq!(refused.message(), "Timestamp is expired.");
    let date = DateTime::parse_from_rfc2822(refused.header("date").unwrap()).unwrap();
    assert_eq!(date.timestamp(), emulator.wall_time());
    caller.clock_error = 3600;
    let good = caller.get(INFO, &[]).await;
    assert_eq!(
        (good.error().as_str(), good.header("date")),
        ("", refused.header("date"))
    );
}

#[tokio::test]
async fn an_address_that_was_not_declared_is_named() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let elsewhere = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));
    emulator.set_ip_allow_list(Some(vec![elsewhere]));
    let refused = caller.get(INFO, &[]).await;
    assert_eq!(
        (refused.status, refused.error().as_str()),
        (403, "source_ip_undeclared")
    );
    assert!(
        refused.message().contains("(127.0.0.1)"),
        "{}",
        refused.text
    );
    emulator.set_ip_allow_list(Some(vec![elsewhere, IpAddr::V4(Ipv4Addr::LOCALHOST)]));
    assert_eq!(caller.get(INFO, &[]).await.error(), "");
    emulator.set_ip_allow_list(None);
    assert_eq!(caller.get(INFO, &[]).await.error(), "");
}

#[tokio::test]
async fn a_partner_key_runs_out_and_is_replaced() {
    let emulator = emulator().await;
    let mut caller = Caller::of(&emulator);
    emulator.expire_partner_key(true);
    assert_eq!(
        caller.get(INFO, &[]).await.error(),
        "error_partner_key_expired"
    );
    let link = caller.link("/api/v2/shop/auth_partner", "https://ops.example.com");
    assert_eq!(
        caller.browse(&link, None).await.error(),
        "error_partner_key_expired"
    );
    emulator.set_partner_key("another_key");
    assert_eq!(caller.get(INFO, &[]).await.error(), "error_sign");
    "another_key".clone_into(&mut caller.partner_key);
    assert_eq!(caller.get(INFO, &[]).await.error(), "");
}

#[tokio::test]
async fn one_code_says_many_things() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    for text in [
        AuthText::InvalidAccessToken,
        AuthText::StockBelowReserved,
        AuthText::LackOfLocation,
        AuthText::InvalidPartnerOrShop,
    ] {
        emulator.fail_next(Endpoint::ShopInfo, Fault::Auth(text), 1);
        let answer = caller.get(INFO, &[]).await;
        assert_eq!(answer.error(), "error_auth");
        assert_eq!(answer.message(), text.as_str());
    }
    assert_eq!(emulator.stats().api.refusals["error_auth"], 4);
}
