//! What whoever runs the service sees of it: alive, ready, which version, how it is going.

use hawker_app::config::Config;
use hawker_app::serve::Service;
use hawker_postgres::testing::TestDatabase;
use hawker_shopee_emulator::NewOrder;
use hawker_tests::{
    Bench, CARD, Gate, ServiceProcess, Settings, cards, order_push, post, signature, until, webhook,
};
use serde_json::Value;

async fn get(bench: &Bench, path: &str) -> (u16, String) {
    get_from(&bench.http, &bench.origin(), path).await
}

async fn get_from(http: &reqwest::Client, origin: &str, path: &str) -> (u16, String) {
    let answer = http.get(format!("{origin}{path}")).send().await;
    let answer = answer.expect("an answer");
    (
        answer.status().as_u16(),
        answer.text().await.expect("a text"),
    )
}

fn check<'a>(report: &'a Value, name: &str) -> &'a Value {
    let checks = report["checks"].as_array().expect("checks");
    let mut checks = checks.iter();
    checks
        .find(|check| check["name"] == name)
        .unwrap_or_else(|| panic!("there is no check {name} in {report}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_with_all_it_needs_is_alive_and_ready() {
    let bench = Bench::start().await;
    for path in ["/health", "/healthz"] {
        assert_eq!(get(&bench, path).await.0, 200, "{path}");
    }
    let (status, body) = get(&bench, "/readyz").await;
    assert_eq!(status, 200, "{body}");
    let report: Value = serde_json::from_str(&body).unwrap();
    for name in ["database", "migrations", "key"] {
        assert_eq!(check(&report, name)["ok"], true, "{name}");
    }
    let (status, body) = get(&bench, "/version").await;
    let version: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(status, 200);
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(get(&bench, "/nothing/here").await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_without_migrations_is_not_ready_and_says_what_to_run() {
    let database = TestDatabase::empty().await;
    let settings = Settings::new(database.url(), "http://127.0.0.1:9/api/v2", "https://x");
    let config = Config::read(&settings.variables()).unwrap();
    let service = Service::start(&config).unwrap();
    let origin = format!("http://{}", service.address());
    let http = hawker_app::wiring::http_client().unwrap();
    let (status, body) = get_from(&http, &origin, "/readyz").await;
    assert_eq!(status, 503, "{body}");
    let report: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(check(&report, "database")["ok"], true);
    let migrations = check(&report, "migrations");
    assert_eq!(migrations["ok"], false);
    let words = migrations["detail"].as_str().unwrap();
    assert!(words.contains("hawker migrate"), "{words}");
    assert_eq!(get_from(&http, &origin, "/health").await.0, 200);
    // A push cannot be stored: the marketplace is told to come again.
    let answer = post(&http, &webhook(&origin), "{}", None).await.unwrap();
    assert_eq!(answer.status, 503);

    let migrated = hawker_tests::run(&settings, &["migrate"]).await;
    assert_eq!(migrated.code, 0, "{migrated:?}");
    until(
        "the service to be ready",
        async || (get_from(&http, &origin, "/readyz").await.0 == 200).then_some(()),
        async || get_from(&http, &origin, "/readyz").await.1,
    )
    .await;
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_starts_while_its_database_is_away_and_goes_on_when_it_is_back() {
    let mut bench = Bench::without_service().await;
    bench.add_card(CARD, 10).await;
    let gate = Gate::before(bench.database.url()).await;
    let direct = bench.settings.clone();
    bench.settings = direct.clone().with("DATABASE_URL", gate.url());
    let origin = bench.start_another_service();
    bench.settings = direct;

    let (status, body) = get(&bench, "/readyz").await;
    assert_eq!(status, 503, "{body}");
    let report: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(check(&report, "database")["ok"], false);
    assert_eq!(get(&bench, "/health").await.0, 200);
    let body = order_push("2404098R48U37H", "READY_TO_SHIP", 1_712_601_591);
    let signed = signature(bench.settings.get("SHOPEE_PUSH_URL"), &body);
    assert_eq!(bench.post(body.clone(), Some(&signed)).await.status, 503);

    let is_ready = async || (get(&bench, "/readyz").await.0 == 200).then_some(());
    gate.open();
    until("the service to be ready", is_ready, async || {
        get(&bench, "/readyz").await.1
    })
    .await;

    // Away once more, in the middle of everything.
    gate.close();
    until(
        "the service to notice",
        async || (get(&bench, "/readyz").await.0 == 503).then_some(()),
        async || get(&bench, "/readyz").await.1,
    )
    .await;
    gate.open();
    until("the service to be ready again", is_ready, async || {
        get(&bench, "/readyz").await.1
    })
    .await;
    bench.push_to(&origin).await;
    let sn = bench
        .emulator
        .place(NewOrder::of([cards(1)]).paid_at_once())
        .unwrap();
    bench
        .until_order(sn.as_str(), |order| order.summary.order_id.is_some())
        .await;
}

/// The value of a metric with these labels.
fn value(metrics: &str, name: &str) -> Option<f64> {
    let line = metrics.lines().find(|line| line.starts_with(name))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_have_the_documented_names_and_move() {
    let mut bench = Bench::without_service().await;
    bench.add_card(CARD, 100).await;
    // A slot that was missed is run at once.
    bench.settings = bench
        .settings
        .clone()
        .with("HAWKER_LOST_PUSH_SCHEDULE", "* * * * *");
    bench.start_service().await;
    bench
        .emulator
        .place(NewOrder::of([cards(1)]).paid_at_once())
        .unwrap();
    bench.agrees().await;
    let forged = order_push("2404098R48U37H", "COMPLETED", 1_712_601_591);
    bench.post(forged, Some("00")).await;
    // Gauges are read from the database every few seconds.
    let unverified = r#"hawker_exceptions_open{tenant="default",class="signature_mismatch"}"#;
    let metrics = until(
        "the gauges to have been read",
        async || {
            let (_, metrics) = get(&bench, "/metrics").await;
            let is_read = value(&metrics, unverified) == Some(1.0);
            // Somebody is told of it, too, and a job has run.
            let has_come = |name| value(&metrics, name).is_some();
            let is_told = has_come("hawker_alerts_total") && has_come("hawker_job_done_total");
            (is_read && is_told).then_some(metrics)
        },
        async || get(&bench, "/metrics").await.1,
    )
    .await;
    let moved = [
        r#"hawker_pushes_total{result="stored"}"#,
        r#"hawker_pushes_total{result="unverified"}"#,
        "hawker_push_ack_seconds_count",
        r#"hawker_orders_worked_total{result="applied"}"#,
        r#"hawker_orders{tenant="default",sync_status="created"}"#,
        r#"hawker_api_calls_total{endpoint="order.get_order_detail",result="ok"}"#,
        r#"hawker_api_call_seconds_count{endpoint="order.get_order_detail"}"#,
        "hawker_job_runs_total",
        "hawker_job_run_seconds_count",
        "hawker_build_info",
        "process_start_time_seconds",
    ];
    for name in moved {
        let value = value(&metrics, name);
        assert!(
            value.is_some_and(|value| value > 0.0),
            "{name} is {value:?}\n{metrics}"
        );
    }
    let quiet = [
        r#"hawker_backlog_events{tenant="default",state="due"}"#,
        r#"hawker_backlog_oldest_age_seconds{tenant="default"}"#,
        r#"hawker_orders_held{tenant="default"}"#,
        r#"hawker_orders_leased{tenant="default"}"#,
        r#"hawker_exceptions_open{tenant="default",class="oversold"}"#,
    ];
    for name in quiet {
        assert_eq!(value(&metrics, name), Some(0.0), "{name}\n{metrics}");
    }
    let documented = include_str!("../../docs/operations.md");
    let names = documented.split('`').filter(|word| {
        word.starts_with("hawker_") && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
    });
    for name in names {
        assert!(
            metrics.contains(name),
            "{name} is documented and not there\n{metrics}"
        );
    }
}

/// The allocator reads it before the program has any say.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_service_keeps_freed_memory_for_ten_seconds_unless_it_is_told_otherwise() {
    let bench = Bench::start().await;
    let told = bench.settings.clone().with("MIMALLOC_PURGE_DELAY", "500");
    for (settings, expected) in [(bench.settings.clone(), "10000"), (told, "500")] {
        let service = ServiceProcess::start(&settings).await.expect("it starts");
        let id = service.id().expect("it runs");
        let environment = std::fs::read_to_string(format!("/proc/{id}/environ"));
        let environment = environment.expect("the environment of a process of ours");
        let kept = format!("MIMALLOC_PURGE_DELAY={expected}");
        assert!(
            environment.split('\0').any(|entry| entry == kept),
            "{environment:?}"
        );
        service.kill().await.expect("it is killed");
    }
}
