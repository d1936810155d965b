//! A person asks for a run of a job outside its slots.

use std::sync::Arc;

use hawker_domain::audit::{Actor, AuditEntry};
use hawker_domain::completeness::Window;
use hawker_domain::ids::{JobRunId, ProfileId};
use hawker_domain::schedule::{JobName, JobScope, RunState, RunTrigger};
use hawker_domain::{ConnectorName, IdSource, TenantSlug, Timestamp};
use hawker_ports::schedules::{NewRun, RunFilter, ScheduleLedger};
use hawker_ports::views::{PAGE_ROWS_MAX, PageRequest};
use hawker_ports::{Clock, Store, StoreError, UnitOfWork};

use crate::active::active_profile;
use crate::profile::living;

/// The connector whose jobs these are.
const CONNECTOR: ConnectorName = ConnectorName::Shopee;

/// Asks for runs of jobs.
pub struct ManageJobs {
    /// Where runs are kept.
    pub ledger: Arc<dyn ScheduleLedger>,
    /// Where profiles are.
    pub store: Arc<dyn Store>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
}

/// Why a run was not asked for.
#[derive(Debug, thiserror::Error)]
pub enum AskJobError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such profile (any more).
    #[error("there is no profile `{0}`")]
    NoSuchProfile(ProfileId),
    /// The job runs for one profile, none was named and none is active.
    #[error("{0} runs for one profile, and none is active: name one")]
    NoActiveProfile(JobName),
    /// The job runs for the whole installation.
    #[error("{0} runs for the whole installation at once: name no profile")]
    NotOfAProfile(JobName),
    /// The job knows no window.
    #[error("{0} works on whatever there is: name no window")]
    NoWindow(JobName),
    /// The window is none.
    #[error("a window ends after it begins, and begins before now")]
    BadWindow,
    /// The same was asked for at this very moment.
    #[error("a run of {0} was asked for at this very moment")]
    AskedAlready(JobName),
}

impl ManageJobs {
    /// Adds a run that is due now, unless the same was asked for and waits: then it is that one. A job that runs for one profile runs for the active one where none
    /// is named; `window` is what it looks at instead of what its schedule would.
    pub async fn ask(
        &self,
        tenant: &TenantSlug,
        actor: &Actor,
        job: JobName,
        profile: Option<&ProfileId>,
        window: Option<Window>,
    ) -> Result<JobRunId, AskJobError> {
        let now = self.clock.now();
        check(job, profile, window, now)?;
        let mut uow = self.store.begin(tenant).await?; // read only
        let scope = scope(&mut *uow, tenant, job, profile).await;
        drop(uow);
        let scope = scope?;
        let run = NewRun {
            id: JobRunId::fresh(&*self.ids),
            job,
            scope,
            slot: now,
            trigger: RunTrigger::Manual,
            arguments: window.map_or_else(|| serde_json::json!({}), arguments),
        };
        let waiting = self.waiting(tenant, &run).await?;
        let run = NewRun {
            id: waiting.unwrap_or(run.id),
            ..run
        };
        let mut uow = self.store.begin(tenant).await?;
        uow.audit().record(&[self.entry(actor, &run)]).await?;
        // What was noted and not added was asked for all the same; the other way round nobody would
        // know who wanted it.
        uow.commit().await?;
        if waiting.is_some() {
            tracing::info!(event = "job.asked", %job, run_id = %run.id, actor = actor.as_str());
            return Ok(run.id);
        }
        if self.ledger.enqueue(std::slice::from_ref(&run), now).await? == 0 {
            return Err(AskJobError::AskedAlready(job));
        }
        tracing::info!(event = "job.asked", %job, run_id = %run.id, actor = actor.as_str());
        Ok(run.id)
    }

    /// A run of the same that was asked for and has not begun: whoever asks again means that one.
    async fn waiting(
        &self,
        tenant: &TenantSlug,
        asked: &NewRun,
    ) -> Result<Option<JobRunId>, StoreError> {
        let filter = RunFilter {
            job: Some(asked.job),
            state: Some(RunState::Queued),
        };
        let page = PageRequest {
            limit: PAGE_ROWS_MAX,
            after: None,
        };
        let profile = match &asked.scope {
            JobScope::Profile { profile, .. } => Some(profile.as_str()),
            JobScope::Installation => None,
        };
        let queued = self.ledger.runs(tenant, &filter, &page).await?.rows;
        let same = queued.iter().find(|run| {
            run.trigger == RunTrigger::Manual.as_str()
                && run.attempts == 0
                && run.arguments == asked.arguments
                && run.profile_id.as_deref() == profile
        });
        Ok(same.and_then(|run| run.id.parse().ok()))
    }

    fn entry(&self, actor: &Actor, run: &NewRun) -> AuditEntry {
        let subject = format!("job:{}", run.job);
        let entry = AuditEntry::new(actor, "job.asked", subject, run.slot, &*self.ids)
            .with("run", run.id.to_string())
            .with("arguments", run.arguments.clone());
        match &run.scope {
            JobScope::Profile { profile, .. } => entry.with("profile", profile.as_str()),
            JobScope::Installation => entry,
        }
    }
}

/// Whether the job can be asked for in this way.
fn check(
    job: JobName,
    profile: Option<&ProfileId>,
    window: Option<Window>,
    now: Timestamp,
) -> Result<(), AskJobError> {
    if job.is_of_installation() {
        if profile.is_some() {
            return Err(AskJobError::NotOfAProfile(job));
        }
        if window.is_some() {
            return Err(AskJobError::NoWindow(job));
        }
    }
    if window.is_some_and(|Window { from, to }| from >= to || from >= now) {
        return Err(AskJobError::BadWindow);
    }
    Ok(())
}

async fn scope(
    uow: &mut dyn UnitOfWork,
    tenant: &TenantSlug,
    job: JobName,
    profile: Option<&ProfileId>,
) -> Result<JobScope, AskJobError> {
    let profile = match (job, profile) {
        (JobName::LostPushRecovery | JobName::InboxRetention, _) => {
            return Ok(JobScope::Installation);
        }
        (JobName::ReconcileDaily | JobName::EscrowBackstopDaily, Some(profile)) => {
            let found = living(uow, profile).await?;
            found.ok_or_else(|| AskJobError::NoSuchProfile(profile.clone()))?
        }
        (JobName::ReconcileDaily | JobName::EscrowBackstopDaily, None) => {
            let active = active_profile(uow, CONNECTOR, None).await?;
            active.ok_or(AskJobError::NoActiveProfile(job))?
        }
    };
    Ok(JobScope::Profile {
        tenant: tenant.clone(),
        profile: profile.id,
    })
}

fn arguments(window: Window) -> serde_json::Value {
    serde_json::json!({ "from": window.from, "to": window.to })
}
