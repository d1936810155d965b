//! What is counted, for Prometheus. The names are documented for operators and may only be added to.

mod backlogs;
mod completeness;
mod labels;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hawker_domain::TenantSlug;
use hawker_domain::alert::NoticeKind;
use hawker_domain::schedule::Counts;
use hawker_ports::metrics::{ESCROW_RESULTS, REFRESH_RESULTS};
use hawker_ports::pushes::IntakeCounts;
use hawker_ports::views::{Backlog, MissingOrders};
use hawker_ports::{Clock, Metrics};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use self::backlogs::Backlogs;
use self::completeness::Completeness;
use self::labels::{Api, Build, Done, Endpoint, Job, JobName, Notice, Pushes, Sink, Worked};

/// Bounds for the answer to a push, in seconds: the budget is 10 ms, the platform waits 3 s.
const ACK_BUCKETS: [f64; 11] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 3.0,
];

/// Bounds for a call to the marketplace, in seconds.
const API_BUCKETS: [f64; 9] = [0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Bounds for a run of a background job, in seconds.
const JOB_BUCKETS: [f64; 8] = [0.001, 0.005, 0.025, 0.1, 0.5, 1.0, 5.0, 30.0];

/// Counts, and writes down what was counted.
pub struct PrometheusMetrics {
    registry: Registry,
    backlogs: Arc<Backlogs>,
    completeness: Arc<Completeness>,
    pushes: Family<Pushes, Counter>,
    ack_seconds: Histogram,
    orders_worked: Family<Worked, Counter>,
    escrows: Family<Worked, Counter>,
    api_calls: Family<Api, Counter>,
    api_call_seconds: Family<Endpoint, Histogram, Buckets>,
    token_refreshes: Family<Worked, Counter>,
    alerts: Family<Sink, Counter>,
    alerts_told: Family<Notice, Counter>,
    job_runs: Family<Job, Counter>,
    job_seconds: Family<Job, Histogram, Buckets>,
    job_last_success: Family<JobName, Gauge>,
    job_done: Family<Done, Counter>,
    tenants_unplanned: Gauge,
    clock: Arc<dyn Clock>,
}

/// The bounds of a family of histograms.
#[derive(Clone, Copy, Debug)]
struct Buckets(&'static [f64]);

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Histogram::new(self.0.iter().copied())
    }
}

impl PrometheusMetrics {
    /// Nothing counted yet. `clock` says when the process started, which is now, and how old the
    /// oldest waiting event is whenever that is asked for.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let started_at = clock.now();
        let mut metrics = Self {
            registry: Registry::default(),
            backlogs: Arc::new(Backlogs::by(Arc::clone(&clock))),
            completeness: Arc::default(),
            pushes: Family::default(),
            ack_seconds: Histogram::new(ACK_BUCKETS),
            orders_worked: Family::default(),
            escrows: Family::default(),
            api_calls: Family::default(),
            api_call_seconds: Family::new_with_constructor(Buckets(&API_BUCKETS)),
            token_refreshes: Family::default(),
            alerts: Family::default(),
            alerts_told: Family::default(),
            job_runs: Family::default(),
            job_seconds: Family::new_with_constructor(Buckets(&JOB_BUCKETS)),
            job_last_success: Family::default(),
            job_done: Family::default(),
            tenants_unplanned: Gauge::default(),
            clock,
        };
        metrics.register();
        // Hours may pass between two payouts or renewals: until then there are none, which is not
        // unknown.
        for (family, results) in [
            (&metrics.escrows, ESCROW_RESULTS),
            (&metrics.token_refreshes, REFRESH_RESULTS),
        ] {
            for result in results {
                family.get_or_create(&Worked { result }).inc_by(0);
            }
        }
        for kind in NoticeKind::ALL {
            let kind = kind.as_str();
            metrics
                .alerts_told
                .get_or_create(&Notice { kind })
                .inc_by(0);
        }
        let build = Info::new(Build {
            version: env!("CARGO_PKG_VERSION"),
        });
        metrics
            .registry
            .register("hawker_build", "The version that runs", build);
        metrics.registry.register_with_unit(
            "process_start_time",
            "When the process started, since the epoch",
            Unit::Seconds,
            ConstGauge::new(started_at.timestamp()),
        );
        metrics
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register(
            "hawker_pushes",
            "Pushes by what became of them, refused ones included",
            self.pushes.clone(),
        );
        registry.register_with_unit(
            "hawker_push_ack",
            "From the last byte of a push to its answer",
            Unit::Seconds,
            self.ack_seconds.clone(),
        );
        registry.register(
            "hawker_orders_worked",
            "Orders that were worked on, by result",
            self.orders_worked.clone(),
        );
        registry.register(
            "hawker_escrows",
            "Payouts that were asked for, by result",
            self.escrows.clone(),
        );
        registry.register(
            "hawker_api_calls",
            "Calls to the marketplace, by result",
            self.api_calls.clone(),
        );
        registry.register_with_unit(
            "hawker_api_call",
            "How long calls to the marketplace take",
            Unit::Seconds,
            self.api_call_seconds.clone(),
        );
        registry.register(
            "hawker_token_refreshes",
            "Renewals of token pairs, by result",
            self.token_refreshes.clone(),
        );
        registry.register(
            "hawker_alerts",
            "Alerts handed to a sink, by result",
            self.alerts.clone(),
        );
        registry.register(
            "hawker_alerts_told",
            "Messages that were composed of what is open, by kind",
            self.alerts_told.clone(),
        );
        registry.register(
            "hawker_job_runs",
            "Runs of background jobs, by result",
            self.job_runs.clone(),
        );
        registry.register_with_unit(
            "hawker_job_run",
            "How long runs of background jobs take",
            Unit::Seconds,
            self.job_seconds.clone(),
        );
        registry.register_with_unit(
            "hawker_job_last_success_timestamp",
            "When a background job last came to its end in this process, since the epoch",
            Unit::Seconds,
            self.job_last_success.clone(),
        );
        registry.register(
            "hawker_job_done",
            "What runs of scheduled jobs did, by what they count",
            self.job_done.clone(),
        );
        registry.register(
            "hawker_tenants_unplanned",
            "Tenants whose profiles cannot be read, so that no job is planned for them",
            self.tenants_unplanned.clone(),
        );
        registry.register_collector(Box::new(Arc::clone(&self.backlogs)));
        registry.register_collector(Box::new(Arc::clone(&self.completeness)));
    }

    /// Everything, in the text format of `OpenMetrics`.
    pub(crate) fn encode(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }

    fn count_pushes(&self, result: &'static str, pushes: u32) {
        if pushes > 0 {
            self.pushes
                .get_or_create(&Pushes { result })
                .inc_by(pushes.into());
        }
    }
}

impl Metrics for PrometheusMetrics {
    fn pushes_stored(&self, counts: IntakeCounts) {
        let IntakeCounts {
            stored,
            duplicates,
            skipped,
            unverified,
            counted_only,
            pings,
        } = counts;
        self.count_pushes("stored", stored);
        self.count_pushes("duplicate", duplicates);
        self.count_pushes("skipped", skipped);
        self.count_pushes("unverified", unverified);
        self.count_pushes("counted_only", counted_only);
        self.count_pushes("ping", pings);
    }

    fn push_refused(&self, reason: &'static str) {
        self.count_pushes(reason, 1);
    }

    fn push_acknowledged(&self, took: Duration) {
        self.ack_seconds.observe(took.as_secs_f64());
    }

    fn orders_worked(&self, result: &'static str, orders: u32) {
        self.orders_worked
            .get_or_create(&Worked { result })
            .inc_by(orders.into());
    }

    fn escrow(&self, result: &'static str) {
        self.escrows.get_or_create(&Worked { result }).inc();
    }

    fn api_call(&self, endpoint: &'static str, result: &'static str, took: Duration) {
        self.api_calls
            .get_or_create(&Api { endpoint, result })
            .inc();
        self.api_call_seconds
            .get_or_create(&Endpoint { endpoint })
            .observe(took.as_secs_f64());
    }

    fn token_refresh(&self, result: &'static str) {
        self.token_refreshes.get_or_create(&Worked { result }).inc();
    }

    fn alert(&self, sink: &'static str, result: &'static str) {
        self.alerts.get_or_create(&Sink { sink, result }).inc();
    }

    fn job_ran(&self, job: &'static str, result: &'static str, took: Duration) {
        let labels = Job { job, result };
        self.job_runs.get_or_create(&labels).inc();
        self.job_seconds
            .get_or_create(&labels)
            .observe(took.as_secs_f64());
        if result == "ok" {
            let now = self.clock.now().timestamp();
            let last = self.job_last_success.get_or_create(&JobName { job });
            last.set(now);
        }
    }

    fn job_counted(&self, job: &'static str, counts: &Counts) {
        for (what, many) in &counts.0 {
            let what = what.clone();
            self.job_done
                .get_or_create(&Done { job, what })
                .inc_by(*many);
        }
    }

    fn tenants_unplanned(&self, tenants: u64) {
        let tenants = i64::try_from(tenants).unwrap_or(i64::MAX);
        self.tenants_unplanned.set(tenants);
    }

    fn alert_told(&self, kind: &'static str) {
        self.alerts_told.get_or_create(&Notice { kind }).inc();
    }

    fn missing_orders(&self, tenant: &TenantSlug, missing: &[MissingOrders]) {
        self.completeness.keep(tenant, missing);
    }

    fn backlog(&self, tenant: &TenantSlug, backlog: &Backlog) {
        self.backlogs.keep(tenant, backlog);
    }
}
