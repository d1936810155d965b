//! What is counted while working. The adapter exposes it; the names are documented in
//! `docs/operations.md`.

use std::time::Duration;

use hawker_domain::TenantSlug;
use hawker_domain::schedule::Counts;

use crate::pushes::IntakeCounts;
use crate::views::{Backlog, MissingOrders};

/// What asking for the payout of an order may come to.
pub const ESCROW_RESULTS: [&str; 4] = ["captured", "not_ready", "failed", "postponed"];

/// How renewing a token pair may end.
pub const REFRESH_RESULTS: [&str; 4] = ["renewed", "failed", "in_doubt", "dead"];

/// Counts what happens. Must be cheap: it is called on hot paths.
pub trait Metrics: Send + Sync {
    /// A batch of pushes was stored.
    fn pushes_stored(&self, counts: IntakeCounts);
    /// A push was answered without being stored: `full`, `not_stored`, `too_large`, `stopping`.
    fn push_refused(&self, reason: &'static str);
    /// How long a push took from its last byte to its answer.
    fn push_acknowledged(&self, took: Duration);
    /// Orders were worked on, with the result `applied`, `unchanged`, `held`, `retry`, `postponed`
    /// or `gave_up`.
    fn orders_worked(&self, result: &'static str, orders: u32);
    /// The payout of an order was asked for, with one of [`ESCROW_RESULTS`].
    fn escrow(&self, result: &'static str);
    /// A call to the marketplace ended, with `ok` or the kind of its failure.
    fn api_call(&self, endpoint: &'static str, result: &'static str, took: Duration);
    /// Renewing a token pair ended, with one of [`REFRESH_RESULTS`].
    fn token_refresh(&self, result: &'static str);
    /// An alert was handed to a sink, with `delivered` or `failed`.
    fn alert(&self, sink: &'static str, result: &'static str);
    /// A background job ran for one tenant, with `ok`, `failed` or `panicked`; an attempt of one that runs
    /// at slots also with `timed_out`, or `stopped` where its process was.
    fn job_ran(&self, job: &'static str, result: &'static str, took: Duration);
    /// A run of a job that runs at slots came to its end, and did so much.
    fn job_counted(&self, job: &'static str, counts: &Counts);
    /// For so many tenants no run of a job can be planned, because their profiles cannot be read, as it
    /// was just tried.
    fn tenants_unplanned(&self, tenants: u64);
    /// A message of this kind was composed of an alert thread.
    fn alert_told(&self, kind: &'static str);
    /// How many orders of each profile are missing, as it was just read.
    fn missing_orders(&self, tenant: &TenantSlug, missing: &[MissingOrders]);
    /// How much work waits for a tenant, as it was just read.
    fn backlog(&self, tenant: &TenantSlug, backlog: &Backlog);
}

/// Counts nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMetrics;

impl Metrics for NoMetrics {
    fn pushes_stored(&self, _: IntakeCounts) {}
    fn push_refused(&self, _: &'static str) {}
    fn push_acknowledged(&self, _: Duration) {}
    fn orders_worked(&self, _: &'static str, _: u32) {}
    fn escrow(&self, _: &'static str) {}
    fn api_call(&self, _: &'static str, _: &'static str, _: Duration) {}
    fn token_refresh(&self, _: &'static str) {}
    fn alert(&self, _: &'static str, _: &'static str) {}
    fn job_ran(&self, _: &'static str, _: &'static str, _: Duration) {}
    fn job_counted(&self, _: &'static str, _: &Counts) {}
    fn tenants_unplanned(&self, _: u64) {}
    fn alert_told(&self, _: &'static str) {}
    fn missing_orders(&self, _: &TenantSlug, _: &[MissingOrders]) {}
    fn backlog(&self, _: &TenantSlug, _: &Backlog) {}
}
