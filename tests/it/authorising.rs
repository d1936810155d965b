//! Authorising a shop, from the link to the orders that flow, and back: revoked, announced to end,
//! authorised again.

use hawker_domain::api_access::ApiScope;
use hawker_shopee_emulator::{
    Consent, EmulatorConfig, Endpoint, LivePushStatus, NewOrder, Notice, Revocation, Shop,
    Warehouse,
};
use hawker_tests::{Admin, Bench, CARD, PROFILE, Told, cards, of_profile, run, told, until};
use serde_json::json;
use url::Url;

/// Where the marketplace and browsers find the service, by way of a proxy.
const PUBLIC: &str = "https://ops.example.com";

/// The operator's page, with a query of its own.
const RETURN: &str = "https://shop.example.net/connections?tab=shopee";

const START: &str = "/admin/dashboard/connectors/shopee/oauth/start";

/// A shop that nobody has authorised yet, and a service for it.
async fn unauthorised(config: EmulatorConfig, return_url: Option<&str>) -> (Bench, Admin) {
    let mut bench = Bench::of(config).await;
    bench.add_card(CARD, 100).await;
    bench
        .execute("DELETE FROM tenant_default.connector_token")
        .await;
    bench.settings = bench
        .settings
        .clone()
        .without("SHOPEE_ACCESS_TOKEN")
        .without("SHOPEE_REFRESH_TOKEN")
        .with("PUBLIC_API_BASE_URL", PUBLIC);
    if let Some(url) = return_url {
        bench.settings = bench.settings.clone().with("SHOPEE_OAUTH_RETURN_URL", url);
    }
    bench.start_service().await;
    let admin = Admin::new(&bench, &bench.origin(), ApiScope::ALL).await;
    (bench, admin)
}

/// The link that the seller follows.
async fn link(admin: &Admin) -> String {
    let started = admin.get(&format!("{START}?env=sandbox")).await;
    assert_eq!(started.status, 200, "{started:?}");
    let started = started.json();
    assert_eq!(started["profile_id"], PROFILE);
    let link = started["authorization_url"].as_str();
    link.expect("a link").to_owned()
}

/// The seller agrees; answers where the browser is sent.
async fn agreed(bench: &Bench, admin: &Admin, consent: &Consent) -> String {
    let link = link(admin).await;
    let way_back = bench.emulator.authorise(&link, consent);
    way_back.expect("an agreement")
}

/// The browser comes back through the proxy.
async fn come_back(bench: &Bench, way_back: &str) -> Told {
    let path = way_back.strip_prefix(PUBLIC).expect("our URL");
    told(bench.http.get(format!("{}{path}", bench.origin()))).await
}

/// What the operator's page is told by the redirect.
fn status(answer: &Told) -> String {
    assert_eq!(answer.status, 302, "{answer:?}");
    said(answer, "status").expect("a status")
}

fn said(answer: &Told, name: &str) -> Option<String> {
    let url = Url::parse(answer.header("location").expect("a location")).expect("a URL");
    let mut pairs = url.query_pairs();
    let found = pairs.find(|(known, _)| known == name);
    found.map(|(_, value)| value.into_owned())
}

fn place(bench: &Bench) -> String {
    let order = NewOrder::of([cards(1)]).paid_at_once();
    bench.emulator.place(order).expect("an order").to_string()
}

/// Waits until the pair is in this state.
async fn until_token(admin: &Admin, state: &str) {
    until(
        &format!("the pair to be {state}"),
        async || (admin.diagnostics().await["token_state"] == state).then_some(()),
        async || format!("{:#}", admin.diagnostics().await),
    )
    .await;
}

async fn tokens(bench: &Bench) -> i64 {
    bench
        .count("SELECT count(*) FROM tenant_default.connector_token")
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seller_agrees_comes_back_and_the_orders_flow() {
    let (bench, admin) = unauthorised(EmulatorConfig::default(), Some(RETURN)).await;
    let warehouses = vec![
        Warehouse::new("SG1", "Main"),
        Warehouse::new("SG2", "Second"),
    ];
    let shop = bench.shop_id();
    bench
        .emulator
        .set_warehouses(shop, Some(warehouses))
        .unwrap();

    let way_back = agreed(&bench, &admin, &Consent::of_shop(shop)).await;
    let answer = come_back(&bench, &way_back).await;

    assert_eq!(status(&answer), "connected");
    assert!(
        answer
            .header("location")
            .unwrap()
            .starts_with("https://shop.example.net/connections?")
    );
    assert_eq!(said(&answer, "tab").as_deref(), Some("shopee"));
    assert_eq!(said(&answer, "env").as_deref(), Some("sandbox"));
    assert_eq!(said(&answer, "profile_id").as_deref(), Some(PROFILE));
    assert_eq!(said(&answer, "code"), None);
    assert_eq!(bench.emulator.exchanges(shop).succeeded, 1);
    let known = admin.diagnostics().await;
    assert_eq!(known["token_state"], "active", "{known:#}");
    assert!(known["authorisation_expires_at"].is_string(), "{known:#}");

    // Its warehouses are there without anybody asking for them.
    let locations = admin.get(&of_profile("locations")).await.json();
    assert_eq!(locations["is_single"], false, "{locations:#}");
    let named = locations["locations"].as_array().unwrap();
    let named: Vec<_> = named.iter().map(|one| &one["location_id"]).collect();
    assert_eq!(named, ["SG1", "SG2"]);

    place(&bench);
    bench.agrees().await;
    assert!(bench.open_classes().await.is_empty());

    // The way back is good for one visit.
    let again = come_back(&bench, &way_back).await;
    assert_eq!(status(&again), "state_used");
    assert_eq!(bench.emulator.exchanges(shop).asked, 1);
    assert_eq!(admin.diagnostics().await["token_state"], "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_back_that_nobody_asked_for_or_that_took_too_long_is_refused() {
    let (bench, admin) = unauthorised(EmulatorConfig::default(), Some(RETURN)).await;
    let shop = bench.shop_id();
    let code = bench.emulator.issue_code(&Consent::of_shop(shop)).unwrap();
    let forged = format!(
        "{PUBLIC}/connectors/shopee/oauth/callback/sandbox?profile_id={PROFILE}&nonce=0123&code={code}&shop_id={shop}"
    );
    assert_eq!(status(&come_back(&bench, &forged).await), "invalid_state");

    let way_back = agreed(&bench, &admin, &Consent::of_shop(shop)).await;
    bench
        .execute("UPDATE tenant_default.connector_authorisation SET expires_at = now()")
        .await;
    assert_eq!(status(&come_back(&bench, &way_back).await), "state_expired");
    assert_eq!(bench.emulator.exchanges(shop).asked, 0);
    assert_eq!(tokens(&bench).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seller_who_does_not_agree_changes_nothing() {
    let (bench, admin) = unauthorised(EmulatorConfig::default(), Some(RETURN)).await;
    let link = Url::parse(&link(&admin).await).unwrap();
    let mut pairs = link.query_pairs();
    let (_, way_back) = pairs.find(|(name, _)| name == "redirect").unwrap();
    assert_eq!(status(&come_back(&bench, &way_back).await), "denied");
    assert_eq!(bench.emulator.exchanges(bench.shop_id()).asked, 0);
    assert_eq!(tokens(&bench).await, 0);
}

/// So many shops of one app.
fn with_shops(ids: &[i64]) -> EmulatorConfig {
    let shop = |id: &i64| Shop {
        shop_id: *id,
        ..Shop::default()
    };
    EmulatorConfig {
        shops: ids.iter().map(shop).collect(),
        ..EmulatorConfig::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_shop_than_that_of_the_profile_is_not_taken() {
    let own = Shop::default().shop_id;
    let (bench, admin) = unauthorised(with_shops(&[own, 4711]), Some(RETURN)).await;
    let way_back = agreed(&bench, &admin, &Consent::of_shop(4711)).await;
    let answer = come_back(&bench, &way_back).await;
    assert_eq!(status(&answer), "shop_mismatch");
    assert_eq!(tokens(&bench).await, 0);
    assert_eq!(admin.diagnostics().await["shop_id"], own);
    assert_eq!(bench.emulator.exchanges(4711).asked, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_shop_of_a_main_account_gets_a_pair_of_its_own() {
    let ids = [Shop::default().shop_id, 4711, 4712];
    let (bench, admin) = unauthorised(with_shops(&ids), Some(RETURN)).await;
    let way_back = agreed(&bench, &admin, &Consent::of_main_account(900_001, ids)).await;
    let answer = come_back(&bench, &way_back).await;
    assert_eq!(status(&answer), "connected");
    assert_eq!(tokens(&bench).await, 3);
    for id in ids {
        let tally = bench.emulator.refreshes(id);
        assert_eq!((tally.asked, tally.succeeded), (1, 1), "{id}: {tally:?}");
    }
    let renewed = bench
        .count(
            "SELECT count(*) FROM tenant_default.connector_token
             WHERE main_account = 900001 AND state = 'active'
               AND access_token_expires_at > now() + interval '1 hour'",
        )
        .await;
    assert_eq!(renewed, 3);
    place(&bench);
    bench.agrees().await;
    assert!(bench.open_classes().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_older_callback_path_means_the_sandbox_and_without_a_page_of_the_operator_ours_tells() {
    let (bench, admin) = unauthorised(EmulatorConfig::default(), None).await;
    let consent = Consent::of_shop(bench.shop_id());
    let way_back = agreed(&bench, &admin, &consent).await;
    let older = way_back.replace("/oauth/callback/sandbox?", "/oauth/callback?");
    assert_ne!(older, way_back);
    let page = come_back(&bench, &older).await;
    assert_eq!(page.status, 200, "{page:?}");
    assert!(
        page.header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    assert!(
        page.body.contains("connected") && page.body.contains(PROFILE),
        "{page:?}"
    );
    let code = Url::parse(&way_back).unwrap();
    let (_, code) = code.query_pairs().find(|(name, _)| name == "code").unwrap();
    assert!(!page.body.contains(&*code));
    until_token(&admin, "active").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_a_terminal_a_shop_is_authorised_too_and_no_token_is_shown() {
    let (bench, _) = unauthorised(EmulatorConfig::default(), Some(RETURN)).await;
    let shop = bench.shop_id();
    let settings = bench.settings.clone().without("RUST_LOG");
    let none_yet = run(&settings, &["oauth", "status"]).await;
    assert!(none_yet.stdout.contains("not authorised"), "{none_yet:?}");

    let started = run(&settings, &["oauth", "start"]).await;
    assert_eq!(started.code, 0, "{started:?}");
    let way_back = bench
        .emulator
        .authorise(started.stdout.trim(), &Consent::of_shop(shop))
        .unwrap();
    let way_back = Url::parse(&way_back).unwrap();
    let mut pairs = way_back.query_pairs();
    let (_, code) = pairs.find(|(name, _)| name == "code").unwrap();
    let shop_id = shop.to_string();
    let exchange = ["oauth", "exchange", "--code", &code, "--shop-id", &shop_id];
    let exchanged = run(&settings, &exchange).await;
    assert_eq!(exchanged.code, 0, "{exchanged:?}");
    let refresh_token = bench.emulator.current_refresh_token(shop).unwrap();
    place(&bench);
    bench.agrees().await;
    let again = run(&settings, &exchange).await;
    assert_ne!(again.code, 0, "a code is good for one use: {again:?}");

    let shown = run(&settings, &["oauth", "status"]).await;
    assert!(shown.stdout.contains("valid"), "{shown:?}");
    let as_json = run(&settings, &["oauth", "status", "--json"]).await;
    assert_eq!(as_json.json()["status"], "valid", "{as_json:?}");
    let resend = bench.emulator.issue_resend_code(shop).unwrap();
    let redeemed = run(&settings, &["oauth", "resend-code", "--code", &resend]).await;
    assert_eq!(redeemed.code, 0, "{redeemed:?}");
    let newer = bench.emulator.current_refresh_token(shop).unwrap();
    assert_ne!(newer, refresh_token);
    for ended in [started, exchanged, again, shown, as_json, redeemed] {
        for token in [&refresh_token, &newer] {
            assert!(!ended.stdout.contains(token.as_str()), "{ended:?}");
            assert!(!ended.stderr.contains(token.as_str()), "{ended:?}");
        }
    }
    place(&bench);
    bench.agrees().await;
}

/// Calls for the shop so far; those as the app do not count.
fn calls_for_the_shop(bench: &Bench) -> u64 {
    let calls = bench.emulator.stats().api;
    [
        Endpoint::OrderDetail,
        Endpoint::ShopInfo,
        Endpoint::Warehouses,
        Endpoint::EscrowDetail,
        Endpoint::TokenRefresh,
    ]
    .into_iter()
    .map(|endpoint| calls.calls_to(endpoint))
    .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_stops_every_call_and_a_new_authorisation_goes_on() {
    for how in [Revocation::BySellerWithId, Revocation::Disconnected] {
        let bench = Bench::start().await;
        let admin = Admin::new(&bench, &bench.origin(), ApiScope::ALL).await;
        place(&bench);
        bench.agrees().await;

        bench.emulator.revoke(bench.shop_id(), how).unwrap();
        until_token(&admin, "revoked").await;
        let calls = calls_for_the_shop(&bench);
        place(&bench);
        bench.settled().await;
        bench.retry_what_waits().await;
        bench.settled().await;
        let report = admin.connection_report().await;
        assert_eq!(report["is_ok"], false, "{report:#}");
        assert_eq!(calls_for_the_shop(&bench), calls, "{how:?}");
        let open = bench.open_exceptions().await;
        assert_eq!(open.len(), 1, "{open:#?}");
        assert_eq!(open[0].cause, "authorisation-revoked");
        assert_eq!(bench.told_alerts().await.len(), 1);

        bench.authorise().await;
        bench.agrees().await;
        assert!(bench.open_classes().await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_that_names_no_shop_is_found_out_by_asking() {
    let bench = Bench::start().await;
    let admin = Admin::new(&bench, &bench.origin(), ApiScope::ALL).await;
    let shop = bench.shop_id();
    bench.emulator.revoke(shop, Revocation::BySeller).unwrap();
    until_token(&admin, "revoked").await;
    let calls = calls_for_the_shop(&bench);
    place(&bench);
    bench.settled().await;
    assert_eq!(calls_for_the_shop(&bench), calls);

    bench.authorise().await;
    bench.agrees().await;
    assert!(bench.open_classes().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_repetition_of_an_old_revocation_does_not_harm_the_new_authorisation() {
    const BY_SELLER: &str = "has been cancelled by seller";
    let bench = Bench::start().await;
    let admin = Admin::new(&bench, &bench.origin(), ApiScope::ALL).await;
    let shop = bench.shop_id();
    let cancelled = |sent_at: i64, words: &str| {
        let push = json!({
            "code": 2,
            "timestamp": sent_at,
            "partner_id": bench.emulator.partner_of(shop).unwrap(),
            "data": {
                "authorize_type": "shop authorization",
                "extra": format!("shop id {shop} {words}"),
                "shop_id": shop,
                "success": 1,
            },
        });
        push.to_string()
    };
    let now = bench.emulator.wall_time();
    let answer = bench.post_signed(&cancelled(now - 3_600, BY_SELLER)).await;
    assert!(answer.counts(), "{answer:?}");
    let event = bench.newest_event().await.summary;
    assert_eq!(event.signature_ok, Some(true));
    assert_eq!(admin.diagnostics().await["token_state"], "active");
    place(&bench);
    bench.agrees().await;
    assert!(bench.open_classes().await.is_empty());

    // One that was sent since then counts; of one in the words of the first the marketplace is asked.
    let disconnected = cancelled(now, "has been disconnected");
    bench.post_signed(&disconnected).await;
    assert_eq!(admin.diagnostics().await["token_state"], "revoked");
    bench.authorise().await;
    let how = Revocation::BySellerWithId;
    bench.emulator.revoke(shop, how).unwrap();
    until_token(&admin, "revoked").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authorisation_that_is_about_to_end_warns_until_it_is_renewed() {
    let bench = Bench::start().await;
    let shop = bench.shop_id();
    let before = bench.emulator.wall_time() + 7 * 24 * 60 * 60;
    let notice = Notice::AuthorisationExpiring {
        shops: vec![shop],
        before,
    };
    bench.emulator.push(&notice).unwrap();
    bench.until_open("token_expired", 1).await;
    let open = bench.open_exceptions().await;
    assert_eq!(open[0].cause, format!("authorisation-expiry:{shop}"));
    // It still works until then.
    place(&bench);
    bench.agrees().await;

    bench.authorise().await;
    let open = bench.open_exceptions().await;
    assert!(open.is_empty(), "{open:#?}");
}

/// The profile is looked at once more, as each hour.
async fn look_again(bench: &Bench) {
    bench
        .execute("UPDATE tenant_default.connector_watch SET due_at = now()")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn suspended_pushes_are_told_until_they_are_sent_again() {
    let bench = Bench::start().await;
    let looked = async || {
        bench
            .count("SELECT count(looked_at) FROM tenant_default.connector_watch WHERE profile_id = 'prof_sandbox'")
            .await
    };
    until(
        "a first look",
        async || (looked().await == 1).then_some(()),
        async || format!("{:#?}", bench.open_exceptions().await),
    )
    .await;
    for (status, cause) in [
        (LivePushStatus::Warning, "push-status:warning"),
        (LivePushStatus::Suspended, "push-status:suspended"),
    ] {
        bench.emulator.set_live_push_status(status);
        look_again(&bench).await;
        until(
            cause,
            async || {
                let open = bench.open_exceptions().await;
                let is_so = open.len() == 1 && open[0].cause == cause;
                is_so.then_some(())
            },
            async || format!("{:#?}", bench.open_exceptions().await),
        )
        .await;
        // What is over before anybody was told of it is not told.
        bench.told_alerts().await;
    }
    assert_eq!(bench.alerts().await.len(), 2);
    bench.emulator.set_live_push_status(LivePushStatus::Normal);
    look_again(&bench).await;
    bench.until_open("action_required", 0).await;
    assert!(bench.open_classes().await.is_empty());
}
