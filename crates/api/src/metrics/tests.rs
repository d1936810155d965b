use chrono::TimeDelta;
use hawker_domain::Timestamp;
use hawker_domain::ids::ProfileId;
use hawker_ports::testing::FrozenClock;

use super::*;

struct Fixture {
    clock: Arc<FrozenClock>,
    metrics: PrometheusMetrics,
}

impl Fixture {
    fn new() -> Self {
        let clock = Arc::new(FrozenClock::default());
        Self {
            metrics: PrometheusMetrics::new(clock.clone()),
            clock,
        }
    }

    #[track_caller]
    fn shows(&self, lines: &[&str]) {
        let text = self.metrics.encode().expect("metrics");
        for line in lines {
            assert!(
                text.lines().any(|shown| shown == *line),
                "`{line}` is not among\n{text}"
            );
        }
    }

    fn show_nothing_of(&self, words: &str) {
        let text = self.metrics.encode().expect("metrics");
        assert!(!text.contains(words), "{text}");
    }
}

#[test]
fn what_happens_is_counted_under_the_documented_names() {
    let fixture = Fixture::new();
    let metrics = &fixture.metrics;
    let counts = IntakeCounts {
        stored: 3,
        duplicates: 2,
        pings: 1,
        ..IntakeCounts::default()
    };
    metrics.pushes_stored(counts);
    metrics.pushes_stored(counts);
    metrics.push_refused("full");
    metrics.push_acknowledged(Duration::from_millis(4));
    metrics.orders_worked("applied", 50);
    metrics.escrow("captured");
    metrics.api_call("order.get_order_detail", "ok", Duration::from_millis(80));
    metrics.token_refresh("renewed");
    metrics.alert("n8n", "delivered");
    metrics.alert_told("opened");
    metrics.job_ran("alert-delivery", "ok", Duration::from_millis(2));
    fixture.shows(&[
        "hawker_pushes_total{result=\"stored\"} 6",
        "hawker_pushes_total{result=\"duplicate\"} 4",
        "hawker_pushes_total{result=\"ping\"} 2",
        "hawker_pushes_total{result=\"full\"} 1",
        "hawker_push_ack_seconds_bucket{le=\"0.0025\"} 0",
        "hawker_push_ack_seconds_bucket{le=\"0.005\"} 1",
        "hawker_orders_worked_total{result=\"applied\"} 50",
        "hawker_escrows_total{result=\"captured\"} 1",
        "hawker_api_calls_total{endpoint=\"order.get_order_detail\",result=\"ok\"} 1",
        "hawker_api_call_seconds_count{endpoint=\"order.get_order_detail\"} 1",
        "hawker_alerts_total{sink=\"n8n\",result=\"delivered\"} 1",
        "hawker_alerts_told_total{kind=\"opened\"} 1",
        "hawker_alerts_told_total{kind=\"reminder\"} 0",
        "hawker_job_runs_total{job=\"alert-delivery\",result=\"ok\"} 1",
        "hawker_job_run_seconds_count{job=\"alert-delivery\",result=\"ok\"} 1",
    ]);
    fixture.show_nothing_of("unverified");
}

#[test]
fn of_jobs_it_shows_when_they_last_worked_and_what_they_did() {
    let fixture = Fixture::new();
    let metrics = &fixture.metrics;
    let took = Duration::from_secs(3);
    fixture.shows(&["hawker_tenants_unplanned 0"]);
    metrics.job_ran("reconcile-daily", "failed", took);
    fixture.show_nothing_of("hawker_job_last_success_timestamp_seconds{");
    metrics.job_ran("reconcile-daily", "ok", took);
    let worked_at = fixture.clock.now().timestamp();
    fixture.clock.advance(TimeDelta::hours(1));
    metrics.job_ran("reconcile-daily", "timed_out", took);
    let mut counts = Counts::default();
    counts.add("listed", 40);
    counts.add("missing", 0);
    metrics.job_counted("reconcile-daily", &counts);
    metrics.job_counted("reconcile-daily", &counts);
    metrics.tenants_unplanned(2);
    let last = "hawker_job_last_success_timestamp_seconds{job=\"reconcile-daily\"}";
    fixture.shows(&[
        &format!("{last} {worked_at}"),
        "hawker_job_done_total{job=\"reconcile-daily\",what=\"listed\"} 80",
        "hawker_job_done_total{job=\"reconcile-daily\",what=\"missing\"} 0",
        "hawker_tenants_unplanned 2",
    ]);
}

#[test]
fn the_process_tells_its_version_and_when_it_started() {
    let fixture = Fixture::new();
    let started = fixture.clock.now().timestamp();
    fixture.shows(&[
        concat!(
            "hawker_build_info{version=\"",
            env!("CARGO_PKG_VERSION"),
            "\"} 1"
        ),
        &format!("process_start_time_seconds {started}"),
    ]);
}

#[test]
fn the_backlog_of_each_tenant_is_shown_and_its_age_grows_while_nothing_is_read() {
    let fixture = Fixture::new();
    let backlog = Backlog {
        due: 7,
        oldest_due_at: Some(fixture.clock.now()),
        waiting: 2,
        leased: 3,
        alerts: 1,
        exceptions: vec![
            ("sku_not_found".into(), 4),
            ("of_a_newer_version".into(), 1),
        ],
        orders: vec![("created".into(), 9)],
        held: 5,
    };
    fixture
        .metrics
        .backlog(&TenantSlug::default_tenant(), &backlog);
    fixture
        .metrics
        .backlog(&"cards".parse().expect("a tenant"), &Backlog::default());
    fixture.clock.advance(TimeDelta::seconds(30));
    fixture.shows(&[
        "hawker_backlog_events{tenant=\"default\",state=\"due\"} 7",
        "hawker_backlog_events{tenant=\"default\",state=\"waiting\"} 2",
        "hawker_backlog_oldest_age_seconds{tenant=\"default\"} 30.0",
        "hawker_backlog_oldest_age_seconds{tenant=\"cards\"} 0.0",
        "hawker_orders_leased{tenant=\"default\"} 3",
        "hawker_orders_held{tenant=\"default\"} 5",
        "hawker_alerts_waiting{tenant=\"default\"} 1",
        "hawker_orders{tenant=\"default\",sync_status=\"created\"} 9",
        "hawker_exceptions_open{tenant=\"default\",class=\"sku_not_found\"} 4",
        "hawker_exceptions_open{tenant=\"default\",class=\"of_a_newer_version\"} 1",
        "hawker_exceptions_open{tenant=\"cards\",class=\"sku_not_found\"} 0",
    ]);
}

#[test]
fn a_state_that_no_order_is_in_any_more_is_not_shown_any_more() {
    let fixture = Fixture::new();
    let tenant = TenantSlug::default_tenant();
    let orders = vec![("failed".into(), 1)];
    fixture.metrics.backlog(
        &tenant,
        &Backlog {
            orders,
            ..Backlog::default()
        },
    );
    fixture.shows(&["hawker_orders{tenant=\"default\",sync_status=\"failed\"} 1"]);
    fixture.metrics.backlog(&tenant, &Backlog::default());
    fixture.show_nothing_of("sync_status=\"failed\"");
}

fn missing(profile: &str, missing: i64, compared_until: Option<Timestamp>) -> MissingOrders {
    MissingOrders {
        profile: ProfileId::parse(profile).expect("an id"),
        missing,
        compared_until,
    }
}

#[test]
fn missing_orders_are_shown_by_profile_and_only_what_was_compared_has_a_time() {
    let fixture = Fixture::new();
    let now = fixture.clock.now();
    let tenant = TenantSlug::default_tenant();
    let profiles = [
        missing("prof_live", 3, Some(now)),
        missing("prof_new", 0, None),
    ];
    fixture.metrics.missing_orders(&tenant, &profiles);
    fixture.shows(&[
        "hawker_orders_missing{tenant=\"default\",profile_id=\"prof_live\"} 3",
        "hawker_orders_missing{tenant=\"default\",profile_id=\"prof_new\"} 0",
        &format!(
            "hawker_orders_compared_until_seconds{{tenant=\"default\",profile_id=\"prof_live\"}} {}",
            now.timestamp()
        ),
    ]);
    fixture.show_nothing_of(
        "hawker_orders_compared_until_seconds{tenant=\"default\",profile_id=\"prof_new\"}",
    );
    fixture.metrics.missing_orders(&tenant, &profiles[1..]);
    fixture.show_nothing_of("prof_live");
}
