//! Token pairs: of all callers in all processes one renews, and what goes wrong with it is named.

use std::time::Duration;

use hawker_domain::api_access::ApiScope;
use hawker_shopee_emulator::{AuthText, Consent, EmulatorConfig, Endpoint, Fault, NewOrder, Shop};
use hawker_tests::{
    Admin, Bench, CARD, Gate, PROFILE, ServiceProcess, cards, of_profile, run, until,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

const PROCESSES: usize = 4;
const CALLERS_PER_PROCESS: usize = 64;

/// The access token is as good as it was, but ends so soon, as far as we know.
const ENDS_IN_100_SECONDS: &str = "UPDATE tenant_default.connector_token
     SET access_token_expires_at = now() + interval '100 seconds'";
const ENDS_IN_30_SECONDS: &str = "UPDATE tenant_default.connector_token
     SET access_token_expires_at = now() + interval '30 seconds'";

/// As if the pause between two attempts were over.
const PAUSE_IS_OVER: &str = "UPDATE tenant_default.connector_token
     SET last_refresh_attempt_at = last_refresh_attempt_at - interval '1 minute'";

/// As if the lease of a process that died were over.
const LEASE_IS_OVER: &str = "UPDATE tenant_default.connector_token
     SET refresh_lease_until = now() WHERE refresh_lease IS NOT NULL";

async fn processes(bench: &Bench, number: usize) -> Vec<ServiceProcess> {
    let mut processes = Vec::new();
    for _ in 0..number {
        let process = ServiceProcess::start(&bench.settings).await;
        processes.push(process.expect("a service"));
    }
    processes
}

/// Whoever may do everything, at the first service.
async fn admin(bench: &Bench) -> Admin {
    Admin::new(bench, &bench.origin(), ApiScope::ALL).await
}

/// One check of a report.
fn check<'a>(report: &'a Value, name: &str) -> &'a Value {
    let checks = report["checks"].as_array().expect("checks");
    let found = checks.iter().find(|check| check["name"] == name);
    found.unwrap_or_else(|| panic!("no check {name} in {report:#}"))
}

async fn call_from_everywhere(admins: &[Admin]) -> Vec<Value> {
    let mut callers = JoinSet::new();
    for admin in admins {
        for _ in 0..CALLERS_PER_PROCESS {
            let admin = admin.clone();
            callers.spawn(async move { admin.connection_report().await });
        }
    }
    callers.join_all().await
}

/// 256 callers in four processes find a token that ends within the margin; nobody renews one that
/// does not.
async fn one_of_all_renews(margin: &str, stale: &'static str, fresh: Option<&'static str>) {
    let mut bench = Bench::without_service().await;
    bench.settings = bench
        .settings
        .clone()
        .with("TOKEN_REFRESH_MARGIN_SECONDS", margin);
    let processes = processes(&bench, PROCESSES).await;
    let first = Admin::new(&bench, &processes[0].origin(), ApiScope::ALL).await;
    let admins: Vec<_> = processes
        .iter()
        .map(|process| first.at(&process.origin()))
        .collect();
    let shop = bench.shop_id();
    if let Some(fresh) = fresh {
        bench.execute(fresh).await;
        let report = first.connection_report().await;
        assert_eq!(report["is_ok"], true, "{report:#}");
        assert_eq!(bench.emulator.refreshes(shop).asked, 0, "margin {margin}");
    }
    bench.execute(stale).await;
    // Slow enough for all of them to want it meanwhile.
    bench
        .emulator
        .delay_token_replies(Duration::from_millis(800), 1);

    let reports = call_from_everywhere(&admins).await;

    assert_eq!(reports.len(), PROCESSES * CALLERS_PER_PROCESS);
    for report in &reports {
        assert_eq!(report["is_ok"], true, "{report:#}");
    }
    let tally = bench.emulator.refreshes(shop);
    assert_eq!((tally.asked, tally.succeeded), (1, 1), "{tally:?}");
    // All of them work with the new pair by now.
    let again = call_from_everywhere(&admins).await;
    assert!(again.iter().all(|report| report["is_ok"] == true));
    assert_eq!(bench.emulator.refreshes(shop).asked, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_256_callers_in_four_processes_one_renews_at_the_default_margin() {
    one_of_all_renews("300", ENDS_IN_100_SECONDS, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_256_callers_in_four_processes_one_renews_at_the_documented_margin() {
    one_of_all_renews("60", ENDS_IN_30_SECONDS, Some(ENDS_IN_100_SECONDS)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_whose_renewal_is_slow_does_not_hold_up_another_one() {
    let other = Shop {
        shop_id: 14_701_712,
        ..Shop::default()
    };
    let mut config = EmulatorConfig::default();
    config.shops.push(other.clone());
    let mut bench = Bench::of(config).await;
    bench.start_another_service();
    let admin = admin(&bench).await;
    let profiles = "/admin/dashboard/connectors/shopee/profiles";
    let draft = json!({
        "env_type": "sandbox",
        "display_name": "The other shop",
        "region": "TEST_SG",
        "base_url_override": bench.settings.get("SHOPEE_API_BASE_URL"),
        "partner_id": other.partner_id,
        "partner_key": bench.settings.get("SHOPEE_PARTNER_KEY"),
        "shop_id": other.shop_id,
    });
    let made = admin.post(profiles, &draft).await;
    assert_eq!(made.status, 201, "{made:?}");
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let code = bench
        .emulator
        .issue_code(&Consent::of_shop(other.shop_id))
        .unwrap();
    let shop = other.shop_id.to_string();
    let exchanged = run(
        &bench.settings,
        &[
            "oauth",
            "exchange",
            "--profile",
            &id,
            "--code",
            &code,
            "--shop-id",
            &shop,
        ],
    )
    .await;
    assert_eq!(exchanged.code, 0, "{exchanged:?}");
    bench.settled().await;
    bench
        .execute("UPDATE tenant_default.connector_token SET access_token_expires_at = now()")
        .await;
    let first = bench.shop_id();
    bench
        .emulator
        .delay_token_replies(Duration::from_secs(10), 1);

    let mut slow = JoinSet::new();
    let caller = admin.clone();
    slow.spawn(async move { caller.connection_report().await });
    asked_to_renew(&bench, first, 1).await;
    let told = admin
        .post(&format!("{profiles}/{id}/test-connection"), &Value::Null)
        .await;

    assert_eq!(told.json()["is_ok"], true, "{told:?}");
    assert_eq!(bench.emulator.refreshes(other.shop_id).succeeded, 1);
    assert!(slow.try_join_next().is_none(), "the first still waits");
}

/// Waits until the marketplace was asked so often for a new pair.
async fn asked_to_renew(bench: &Bench, shop: i64, times: u64) {
    let tally = || bench.emulator.refreshes(shop);
    until(
        &format!("{times} renewals to be asked for"),
        async || (tally().asked >= times).then_some(()),
        async || format!("{:?}\n{:#?}", tally(), bench.open_exceptions().await),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_refused_is_renewed_once_and_the_orders_arrive_all_the_same() {
    let bench = Bench::start().await;
    // We still take it for good.
    bench.emulator.expire_access_tokens(bench.shop_id());
    for _ in 0..5 {
        bench
            .emulator
            .place(NewOrder::of([cards(1)]).paid_at_once())
            .unwrap();
    }
    bench.agrees().await;
    let tally = bench.emulator.refreshes(bench.shop_id());
    assert_eq!((tally.asked, tally.succeeded), (1, 1), "{tally:?}");
    assert!(bench.exceptions(None).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_only_sounds_like_one_of_the_token_renews_nothing() {
    let mut bench = Bench::without_service().await;
    bench.start_another_service();
    let admin = admin(&bench).await;
    for text in [
        AuthText::LackOfLocation,
        AuthText::LocationNotMatched,
        AuthText::StockBelowReserved,
        AuthText::ForeignLocation,
        AuthText::ModelLevelDts,
    ] {
        bench
            .emulator
            .fail_next(Endpoint::ShopInfo, Fault::Auth(text), 1);
        let report = admin.connection_report().await;
        assert_eq!(report["is_ok"], false, "{text:?}");
        assert_eq!(check(&report, "shop")["outcome"], "failed", "{report:#}");
        let report = admin.connection_report().await;
        assert_eq!(report["is_ok"], true, "{text:?}: {report:#}");
    }
    assert_eq!(bench.emulator.refreshes(bench.shop_id()).asked, 0);
    assert!(bench.open_classes().await.is_empty());
}

/// A renewal happens at the marketplace, and its answer is lost; an order waits for it.
async fn lose_a_reply(bench: &Bench, admin: &Admin) {
    let shop = bench.shop_id();
    bench.emulator.lose_next_token_reply();
    bench.let_access_token_end().await;
    bench
        .emulator
        .place(NewOrder::of([cards(1)]).paid_at_once())
        .expect("an order");
    asked_to_renew(bench, shop, 1).await;
    until(
        "the pair to be in doubt",
        async || {
            let known = admin.diagnostics().await;
            known["token_in_doubt_since"].is_string().then_some(())
        },
        async || format!("{:#}", admin.diagnostics().await),
    )
    .await;
    assert_eq!(bench.emulator.refreshes(shop).asked, 1);
    // It may have been nothing but a broken connection: nobody is told of a loss yet.
    assert!(!is_lost(bench).await);
    bench.execute(PAUSE_IS_OVER).await;
    bench.retry_what_waits().await;
    until(
        "the loss to be named",
        async || is_lost(bench).await.then_some(()),
        async || format!("{:#?}", bench.open_exceptions().await),
    )
    .await;
}

async fn is_lost(bench: &Bench) -> bool {
    let open = bench.open_exceptions().await;
    open.iter().any(|open| open.cause == "refresh-lost")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_reply_is_named_with_both_ways_out_and_not_asked_for_again() {
    let bench = Bench::start().await;
    let admin = admin(&bench).await;
    lose_a_reply(&bench, &admin).await;

    let open = bench.open_exceptions().await;
    let lost = open.iter().find(|open| open.cause == "refresh-lost");
    let message = &lost.expect("the loss").message;
    for way_out in [
        format!("hawker oauth resend-code --profile {PROFILE}"),
        format!("hawker oauth start --profile {PROFILE}"),
    ] {
        assert!(message.contains(&way_out), "{message}");
    }
    let known = admin.diagnostics().await;
    assert_eq!(known["token_state"], "needs_reauthorisation", "{known:#}");
    assert_eq!(known["last_refresh_status"], "failure", "{known:#}");

    // Whatever comes now waits, and the marketplace is asked for nothing.
    let asked = bench.emulator.stats().api.calls_to(Endpoint::OrderDetail);
    bench
        .emulator
        .place(NewOrder::of([cards(2)]).paid_at_once())
        .unwrap();
    bench.execute(PAUSE_IS_OVER).await;
    bench.retry_what_waits().await;
    bench.settled().await;
    let tally = bench.emulator.refreshes(bench.shop_id());
    assert_eq!((tally.asked, tally.refused), (2, 1), "{tally:?}");
    let calls = bench.emulator.stats().api;
    assert_eq!(calls.calls_to(Endpoint::OrderDetail), asked);

    bench.authorise().await;
    bench.agrees().await;
    assert!(bench.open_classes().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resend_code_brings_everything_through_that_waited_for_a_lost_reply() {
    let bench = Bench::start().await;
    let admin = admin(&bench).await;
    lose_a_reply(&bench, &admin).await;

    let code = bench.emulator.issue_resend_code(bench.shop_id()).unwrap();
    let told = admin
        .post(&of_profile("resend-code"), &json!({ "code": code }))
        .await;
    assert_eq!(told.status, 200, "{told:?}");
    bench.agrees().await;
    assert!(bench.open_classes().await.is_empty());
    let known = admin.diagnostics().await;
    assert_eq!(known["token_state"], "active", "{known:#}");
    assert_eq!(known["token_in_doubt_since"], Value::Null, "{known:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_that_never_arrived_is_made_up_for_without_a_person() {
    let mut bench = Bench::without_service().await;
    bench.add_card(CARD, 10).await;
    let gate = Gate::before(bench.settings.get("SHOPEE_API_BASE_URL")).await;
    bench.settings = bench
        .settings
        .clone()
        .with("SHOPEE_API_BASE_URL", gate.url());
    bench.start_service().await;
    let admin = admin(&bench).await;
    bench.let_access_token_end().await;
    let sn = bench
        .emulator
        .place(NewOrder::of([cards(1)]).paid_at_once())
        .unwrap();
    until(
        "a renewal to be tried",
        async || {
            let known = admin.diagnostics().await;
            (known["last_refresh_status"] == "failure").then_some(())
        },
        async || format!("{:#}", admin.diagnostics().await),
    )
    .await;
    assert_eq!(bench.emulator.refreshes(bench.shop_id()).asked, 0);

    gate.open();
    bench.execute(PAUSE_IS_OVER).await;
    bench.retry_what_waits().await;
    bench
        .until_order(sn.as_str(), |order| order.summary.order_id.is_some())
        .await;
    bench.agrees().await;
    let tally = bench.emulator.refreshes(bench.shop_id());
    assert_eq!((tally.asked, tally.succeeded), (1, 1), "{tally:?}");
    assert!(bench.open_classes().await.is_empty());
    let known = admin.diagnostics().await;
    assert_eq!(known["token_in_doubt_since"], Value::Null, "{known:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_rotated_is_named_by_the_one_that_takes_over() {
    let bench = Bench::without_service().await;
    let shop = bench.shop_id();
    let (killed, staying) = (
        processes(&bench, 1).await.remove(0),
        processes(&bench, 1).await.remove(0),
    );
    let at_killed = Admin::new(&bench, &killed.origin(), ApiScope::ALL).await;
    let at_staying = at_killed.at(&staying.origin());
    // The pair is rotated at once, and its answer comes when nobody is there any more.
    bench
        .emulator
        .delay_token_replies(Duration::from_secs(14), 1);
    bench.let_access_token_end().await;
    let asking = at_killed.request(reqwest::Method::POST, &of_profile("refresh-token"));
    let mut caller = JoinSet::new();
    caller.spawn(asking.send());
    asked_to_renew(&bench, shop, 1).await;
    killed.kill().await.unwrap();
    let answer = caller.join_next().await.unwrap().unwrap();
    assert!(answer.is_err(), "{answer:?}");

    // As long as the lease lasts, nobody asks again.
    let report = at_staying.connection_report().await;
    assert_eq!(check(&report, "token")["outcome"], "failed", "{report:#}");
    assert_eq!(bench.emulator.refreshes(shop).asked, 1);

    bench.execute(LEASE_IS_OVER).await;
    let report = at_staying.connection_report().await;
    let token = check(&report, "token");
    assert_eq!(token["outcome"], "failed", "{report:#}");
    let said = token["message"].as_str().unwrap();
    assert!(
        said.contains("is lost") && said.contains("resend-code"),
        "{said}"
    );
    assert!(is_lost(&bench).await);
    let tally = bench.emulator.refreshes(shop);
    assert_eq!((tally.asked, tally.refused), (2, 1), "{tally:?}");

    bench.authorise().await;
    let report = at_staying.connection_report().await;
    assert_eq!(report["is_ok"], true, "{report:#}");
    assert!(bench.open_classes().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_before_the_rotation_costs_nothing() {
    let mut bench = Bench::without_service().await;
    let shop = bench.shop_id();
    // Takes the connection, and never answers.
    let silent = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let marketplace = bench.settings.clone();
    let base_url = format!("http://{}/api/v2", silent.local_addr().unwrap());
    let mut processes = processes(&bench, 2).await;
    let (staying, killed) = (processes.remove(0), processes.remove(0));
    let at_killed = Admin::new(&bench, &killed.origin(), ApiScope::ALL).await;
    bench.settings = bench
        .settings
        .clone()
        .with("SHOPEE_API_BASE_URL", &base_url);
    bench.set_up_shop().await;
    bench.let_access_token_end().await;
    let asking = at_killed.request(reqwest::Method::POST, &of_profile("refresh-token"));
    let mut caller = JoinSet::new();
    caller.spawn(asking.send());
    until(
        "the right to renew to be taken",
        async || {
            let begun = bench
                .count("SELECT count(refresh_lease) FROM tenant_default.connector_token")
                .await;
            (begun == 1).then_some(())
        },
        async || format!("{:#?}", bench.open_exceptions().await),
    )
    .await;
    killed.kill().await.unwrap();

    // The marketplace is there again, and the lease is over.
    let edit = json!({ "base_url_override": marketplace.get("SHOPEE_API_BASE_URL") });
    let admin = at_killed.at(&staying.origin());
    let path = format!("/admin/dashboard/connectors/shopee/profiles/{PROFILE}");
    let edited = admin.patch(&path, &edit).await;
    assert_eq!(edited.status, 200, "{edited:?}");
    bench.execute(LEASE_IS_OVER).await;
    let report = admin.connection_report().await;
    assert_eq!(report["is_ok"], true, "{report:#}");
    let tally = bench.emulator.refreshes(shop);
    assert_eq!((tally.asked, tally.succeeded), (1, 1), "{tally:?}");
    assert!(!is_lost(&bench).await);
}
