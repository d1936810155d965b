//! Metrics that a test can ask.

use std::sync::Mutex;
use std::time::Duration;

use hawker_domain::TenantSlug;
use hawker_domain::schedule::Counts;

use super::locked;
use crate::Metrics;
use crate::pushes::IntakeCounts;
use crate::views::{Backlog, MissingOrders};

/// Something that was counted. How long it took is left out: no test may depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counted {
    /// A batch of pushes was stored.
    PushesStored(IntakeCounts),
    /// A push was answered without being stored.
    PushRefused(&'static str),
    /// A push was acknowledged.
    PushAcknowledged,
    /// Orders were worked on: the result and how many.
    OrdersWorked(&'static str, u32),
    /// The payout of an order was asked for: the result.
    Escrow(&'static str),
    /// A call to the marketplace ended: the endpoint and the result.
    ApiCall(&'static str, &'static str),
    /// Renewing a token pair ended: the result.
    TokenRefresh(&'static str),
    /// An alert was handed to a sink: the sink and the result.
    Alert(&'static str, &'static str),
    /// A message of a thread was composed: its kind.
    AlertTold(&'static str),
    /// A background job ran: its name and the result.
    JobRan(&'static str, &'static str),
    /// A run of a job came to its end: its name and what it did.
    JobCounted(&'static str, Counts),
    /// For so many tenants no job can be planned.
    TenantsUnplanned(u64),
    /// A tenant's missing orders were read.
    MissingOrders(TenantSlug, Vec<MissingOrders>),
    /// A tenant's backlog was read.
    Backlog(TenantSlug, Backlog),
}

/// Keeps what it counts, in order.
#[derive(Debug, Default)]
pub struct RecordingMetrics(Mutex<Vec<Counted>>);

impl RecordingMetrics {
    /// What was counted, oldest first.
    pub fn counted(&self) -> Vec<Counted> {
        locked(&self.0).clone()
    }

    /// How many orders were worked on with this result.
    pub fn orders_with(&self, result: &str) -> u32 {
        let counted = self.counted();
        let orders = counted.iter().filter_map(|counted| match counted {
            Counted::OrdersWorked(with, orders) if *with == result => Some(*orders),
            _ => None,
        });
        orders.sum()
    }

    fn keep(&self, counted: Counted) {
        locked(&self.0).push(counted);
    }
}

impl Metrics for RecordingMetrics {
    fn pushes_stored(&self, counts: IntakeCounts) {
        self.keep(Counted::PushesStored(counts));
    }

    fn push_refused(&self, reason: &'static str) {
        self.keep(Counted::PushRefused(reason));
    }

    fn push_acknowledged(&self, _: Duration) {
        self.keep(Counted::PushAcknowledged);
    }

    fn orders_worked(&self, result: &'static str, orders: u32) {
        self.keep(Counted::OrdersWorked(result, orders));
    }

    fn escrow(&self, result: &'static str) {
        self.keep(Counted::Escrow(result));
    }

    fn api_call(&self, endpoint: &'static str, result: &'static str, _: Duration) {
        self.keep(Counted::ApiCall(endpoint, result));
    }

    fn token_refresh(&self, result: &'static str) {
        self.keep(Counted::TokenRefresh(result));
    }

    fn alert(&self, sink: &'static str, result: &'static str) {
        self.keep(Counted::Alert(sink, result));
    }

    fn job_ran(&self, job: &'static str, result: &'static str, _: Duration) {
        self.keep(Counted::JobRan(job, result));
    }

    fn job_counted(&self, job: &'static str, counts: &Counts) {
        self.keep(Counted::JobCounted(job, counts.clone()));
    }

    fn tenants_unplanned(&self, tenants: u64) {
        self.keep(Counted::TenantsUnplanned(tenants));
    }

    fn alert_told(&self, kind: &'static str) {
        self.keep(Counted::AlertTold(kind));
    }

    fn missing_orders(&self, tenant: &TenantSlug, missing: &[MissingOrders]) {
        self.keep(Counted::MissingOrders(tenant.clone(), missing.to_vec()));
    }

    fn backlog(&self, tenant: &TenantSlug, backlog: &Backlog) {
        self.keep(Counted::Backlog(tenant.clone(), backlog.clone()));
    }
}
