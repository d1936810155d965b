//! A ledger of runs that never hears how they ended.

use std::sync::Arc;

use async_trait::async_trait;
use hawker_domain::ids::{JobRunId, LeaseId};
use hawker_domain::schedule::{Counts, JobName, JobScope};
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::StoreError;
use hawker_ports::schedules::{ClaimedRun, NewRun, RunEnd, RunFilter, RunRow, ScheduleLedger};
use hawker_ports::views::{Page, PageRequest};

/// Keeps no end.
pub(super) struct Endless(pub(super) Arc<dyn ScheduleLedger>);

#[async_trait]
impl ScheduleLedger for Endless {
    async fn latest_slots(&self, job: JobName) -> Result<Vec<(JobScope, Timestamp)>, StoreError> {
        self.0.latest_slots(job).await
    }

    async fn enqueue(&self, runs: &[NewRun], now: Timestamp) -> Result<u64, StoreError> {
        self.0.enqueue(runs, now).await
    }

    async fn claim(
        &self,
        job: JobName,
        process: &str,
        lease: LeaseId,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Option<ClaimedRun>, StoreError> {
        self.0.claim(job, process, lease, now, lease_until).await
    }

    async fn claim_this(
        &self,
        id: JobRunId,
        process: &str,
        lease: LeaseId,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Option<ClaimedRun>, StoreError> {
        self.0
            .claim_this(id, process, lease, now, lease_until)
            .await
    }

    async fn keep_alive(
        &self,
        id: JobRunId,
        lease: LeaseId,
        counts: &Counts,
        reached: Option<&serde_json::Value>,
        lease_until: Timestamp,
    ) -> Result<bool, StoreError> {
        self.0
            .keep_alive(id, lease, counts, reached, lease_until)
            .await
    }

    async fn finish(
        &self,
        _: JobRunId,
        _: LeaseId,
        _: &RunEnd,
        _: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(true)
    }

    async fn forget(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.0.forget(before).await
    }

    async fn latest_runs(&self, tenant: &TenantSlug) -> Result<Vec<RunRow>, StoreError> {
        self.0.latest_runs(tenant).await
    }

    async fn runs(
        &self,
        tenant: &TenantSlug,
        filter: &RunFilter,
        page: &PageRequest,
    ) -> Result<Page<RunRow>, StoreError> {
        self.0.runs(tenant, filter, page).await
    }

    async fn run(&self, tenant: &TenantSlug, id: JobRunId) -> Result<Option<RunRow>, StoreError> {
        self.0.run(tenant, id).await
    }
}
