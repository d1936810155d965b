//! Whether a service that was stopped in order has left anything in its hands.

use super::Check;
use crate::Bench;

/// What can be held, one query each.
const HELD: [(&str, &str); 4] = [
    (
        "orders are leased",
        "SELECT count(*) FROM tenant_default.connector_order WHERE lease IS NOT NULL",
    ),
    (
        "alerts are leased",
        "SELECT count(*) FROM tenant_default.connector_alert
         WHERE lease IS NOT NULL AND delivered_at IS NULL",
    ),
    (
        "payouts are due",
        "SELECT count(*) FROM tenant_default.connector_order WHERE escrow_due_at <= now()",
    ),
    (
        "token pairs are being renewed",
        "SELECT count(*) FROM tenant_default.connector_token WHERE refresh_lease IS NOT NULL",
    ),
];

/// Runs that do not end by themselves any more.
const RUNS: [(&str, &str); 2] = [
    (
        "runs are said to go on",
        "SELECT count(*) FROM public.schedule_run WHERE state = 'running'",
    ),
    // One that met trouble is made good by the next.
    (
        "jobs ended badly when they ran last",
        "SELECT count(*) FROM (
             SELECT DISTINCT ON (job, scope) state FROM public.schedule_run
             WHERE finished_at IS NOT NULL ORDER BY job, scope, finished_at DESC
         ) AS last
         WHERE state <> 'done'",
    ),
];

/// Nothing is in anybody's hands.
pub(super) async fn leases(bench: &Bench) -> Check {
    all_zero(bench, "nothing is leased", &HELD).await
}

/// No job hangs.
pub(super) async fn runs(bench: &Bench) -> Check {
    let runs = bench
        .count("SELECT count(*) FROM public.schedule_run")
        .await;
    Check {
        counted: usize::try_from(runs).unwrap_or_default(),
        ..all_zero(bench, "no run of a job is stuck", &RUNS).await
    }
}

async fn all_zero(
    bench: &Bench,
    name: &'static str,
    queries: &[(&'static str, &'static str)],
) -> Check {
    let mut check = Check::of(name, queries.len());
    for (what, query) in queries {
        let found = bench.count(query).await;
        if found != 0 {
            check.differs(format!("{found} {what}"));
        }
    }
    check
}
