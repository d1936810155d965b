//! Testing a connection says in words what is wrong, and what to do about it.

use std::net::Ipv4Addr;

use hawker_domain::api_access::ApiScope;
use hawker_shopee_emulator::{Endpoint, Fault, Standing};
use hawker_tests::{Admin, Bench, PROFILE, until};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// More than the five minutes by which a clock may be wrong.
const TEN_MINUTES: i64 = 600;

async fn ready() -> (Bench, Admin) {
    let mut bench = Bench::without_service().await;
    bench.start_another_service();
    let admin = Admin::new(&bench, &bench.origin(), ApiScope::ALL).await;
    let report = admin.connection_report().await;
    assert_eq!(report["is_ok"], true, "{report:#}");
    (bench, admin)
}

async fn edit(admin: &Admin, change: Value) {
    let path = format!("/admin/dashboard/connectors/shopee/profiles/{PROFILE}");
    let edited = admin.patch(&path, &change).await;
    assert_eq!(edited.status, 200, "{edited:?}");
}

/// Asserts that this check is the one that fails, and that it says these words.
async fn fails(admin: &Admin, name: &str, words: &[&str]) {
    let report = admin.connection_report().await;
    assert_eq!(report["is_ok"], false, "{report:#}");
    let checks = report["checks"].as_array().expect("checks");
    let failed: Vec<_> = checks
        .iter()
        .filter(|check| check["outcome"] == "failed")
        .collect();
    assert_eq!(failed.len(), 1, "{report:#}");
    assert_eq!(failed[0]["name"], name, "{report:#}");
    let message = failed[0]["message"].as_str().expect("a message");
    for word in words {
        assert!(message.contains(word), "`{word}` is not in: {message}");
    }
}

async fn passes(admin: &Admin) {
    let report = admin.connection_report().await;
    assert_eq!(report["is_ok"], true, "{report:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_away_or_is_no_marketplace_is_named() {
    let (bench, admin) = ready().await;
    let right = bench.settings.get("SHOPEE_API_BASE_URL").to_owned();
    // Nobody listens there once it is dropped.
    let away = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let nobody = away.local_addr().unwrap();
    drop(away);
    edit(
        &admin,
        json!({ "base_url_override": format!("http://{nobody}/api/v2") }),
    )
    .await;
    fails(
        &admin,
        "host",
        &[&nobody.to_string(), "could not be reached"],
    )
    .await;
    let wrong_path = right.replace("/api/v2", "/api/v3");
    edit(&admin, json!({ "base_url_override": wrong_path })).await;
    fails(&admin, "host", &[&wrong_path]).await;
    edit(&admin, json!({ "base_url_override": right })).await;
    passes(&admin).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_not_taken_for_a_wrong_token() {
    let (bench, admin) = ready().await;
    edit(
        &admin,
        json!({ "partner_key": "another-partner-key-0123456789" }),
    )
    .await;
    fails(&admin, "app", &["partner key", "save it again"]).await;
    assert_eq!(bench.emulator.refreshes(bench.shop_id()).asked, 0);
    let right = bench.settings.get("SHOPEE_PARTNER_KEY");
    edit(&admin, json!({ "partner_key": right })).await;
    passes(&admin).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_key_that_has_ended_is_named() {
    let (bench, admin) = ready().await;
    bench.emulator.expire_partner_key(true);
    fails(&admin, "app", &["has ended", "Make a new one"]).await;
    bench.emulator.expire_partner_key(false);
    passes(&admin).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_not_on_the_allow_list_is_named() {
    let (bench, admin) = ready().await;
    let elsewhere = Ipv4Addr::new(203, 0, 113, 7);
    bench
        .emulator
        .set_ip_allow_list(Some(vec![elsewhere.into()]));
    fails(&admin, "app", &["IP allow-list", "Add the address"]).await;
    bench.emulator.set_ip_allow_list(None);
    passes(&admin).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_wrong_is_named_and_calls_go_on_with_the_corrected_time() {
    let (bench, admin) = ready().await;
    for offset in [TEN_MINUTES, -TEN_MINUTES] {
        bench.emulator.set_clock_offset(offset);
        fails(&admin, "clock", &["NTP", "corrected time"]).await;
    }
    until(
        "the skew to be known",
        async || {
            let skew = admin.diagnostics().await["clock_skew_seconds"].as_i64()?;
            ((skew + TEN_MINUTES).abs() < 60).then_some(())
        },
        async || format!("{:#}", admin.diagnostics().await),
    )
    .await;
    assert!(bench.open_classes().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_that_cannot_be_brought_together_are_named() {
    let (bench, admin) = ready().await;
    // The gateway tells a time that its own check does not go by.
    let expired = Fault::error("error_param", "timestamp is expired");
    bench
        .emulator
        .fail_next(Endpoint::ShopsByPartner, expired, 10);
    fails(&admin, "clock", &["NTP"]).await;
    bench.emulator.clear_faults();
    passes(&admin).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_dead_is_named_with_the_way_to_a_new_one() {
    let (bench, admin) = ready().await;
    bench.emulator.expire_refresh_token(bench.shop_id());
    bench.let_access_token_end().await;
    fails(&admin, "token", &["hawker oauth start"]).await;
    bench.authorise().await;
    passes(&admin).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_cannot_trade_is_named() {
    let (bench, admin) = ready().await;
    for standing in [Standing::Banned, Standing::Frozen] {
        let shop = bench.shop_id();
        bench.emulator.set_standing(shop, standing).unwrap();
        fails(&admin, "shop", &["seller centre"]).await;
    }
    assert_eq!(bench.emulator.refreshes(bench.shop_id()).asked, 0);
}
