//! Tell somebody of a scheduled job that failed for good, and that it works again.
//!
//! What a run of the whole installation comes to is every tenant's: of such a failure a tenant is told
//! what is known to concern it, and nothing of what is another's. Whoever is the only tenant is told all.
//!
//! A tenant that cannot be told keeps no other from it.

use std::sync::Arc;

use hawker_domain::exception::{Cause, ErrorClass, RaisedException, Subject};
use hawker_domain::ids::ProfileId;
use hawker_domain::schedule::{JobName, JobScope};
use hawker_domain::{ConnectorName, Environment, IdSource, TenantSlug};
use hawker_ports::exceptions::ProfileClearance;
use hawker_ports::schedules::{NewRun, WITHHELD};
use hawker_ports::tenants::TenantDirectory;
use hawker_ports::{Clock, Store, StoreError};
use serde_json::Value;

use crate::chain::chain;
use crate::raise::raise;

/// Raises and clears the exceptions of jobs.
pub struct ReportJob {
    /// Where they are kept.
    pub store: Arc<dyn Store>,
    /// Whom a job of the whole installation concerns.
    pub tenants: Arc<dyn TenantDirectory>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
    /// The connector whose jobs these are.
    pub connector: ConnectorName,
}

/// Why a run failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFailure {
    /// All of it, in words: the thing, the cause, the next step.
    pub why: String,
    /// Of a run of the whole installation, what concerns which tenant; empty where that is not known.
    pub of_tenants: Vec<(TenantSlug, String)>,
}

/// What a tenant is told of a job.
struct Report {
    tenant: TenantSlug,
    profile: Option<ProfileId>,
    /// Nothing where the job works as far as the tenant is concerned.
    why: Option<String>,
}

impl ReportJob {
    /// A run failed as often as it is tried. Telling it twice is telling it once. Fails where trying
    /// again helps; a tenant that cannot be told for good is named in the log.
    pub async fn failed(&self, run: &NewRun, failure: &RunFailure) -> Result<(), StoreError> {
        let reports = self.reports(&run.scope, Some(failure)).await?;
        self.tell(run, reports).await
    }

    /// A run came to its end.
    pub async fn worked(&self, run: &NewRun) -> Result<(), StoreError> {
        let reports = self.reports(&run.scope, None).await?;
        self.tell(run, reports).await
    }

    async fn tell(&self, run: &NewRun, reports: Vec<Report>) -> Result<(), StoreError> {
        let mut passing = None;
        for report in reports {
            let told = match &report.why {
                Some(why) => self.raise(run, &report, why).await,
                None => self.clear(run.job, &report).await,
            };
            if let Err(error) = told {
                tracing::error!(
                    event = "job.not_told",
                    job = %run.job,
                    run_id = %run.id,
                    tenant = %report.tenant,
                    error = chain(&error),
                    "a tenant could not be told how a run of a job ended"
                );
                if error.is_passing() {
                    passing = Some(error);
                }
            }
        }
        passing.map_or(Ok(()), Err)
    }

    /// What each tenant is told: of a failure, or that there is none (any more).
    async fn reports(
        &self,
        scope: &JobScope,
        failure: Option<&RunFailure>,
    ) -> Result<Vec<Report>, StoreError> {
        if let JobScope::Profile { tenant, profile } = scope {
            return Ok(vec![Report {
                tenant: tenant.clone(),
                profile: Some(profile.clone()),
                why: failure.map(|failure| failure.why.clone()),
            }]);
        }
        let tenants = self.tenants.tenants().await?;
        let is_only_one = tenants.len() == 1;
        let reports = tenants.into_iter().map(|tenant| Report {
            why: failure.and_then(|failure| failure.told_to(&tenant, is_only_one)),
            tenant,
            profile: None,
        });
        Ok(reports.collect())
    }

    async fn raise(&self, run: &NewRun, report: &Report, why: &str) -> Result<(), StoreError> {
        let Report {
            tenant, profile, ..
        } = report;
        let NewRun { id, job, .. } = run;
        let subject = Subject {
            connector: self.connector,
            environment: self.environment(tenant, profile.as_ref()).await?,
            profile: profile.clone(),
            shop: None,
            order_sn: None,
            event: None,
        };
        let why = why.trim_end_matches('.');
        let cause = Cause {
            class: ErrorClass::JobFailed,
            key: key(*job),
            message: format!(
                "The job {job} failed: {why}. It runs again at its next slot; `{}` runs it now, `{}` shows run {id}.",
                command(tenant, &run_again(run)),
                command(tenant, &format!("jobs history --job {job}")),
            ),
            due_at: None,
        };
        let raised = RaisedException::once(subject, cause, &*self.ids);
        let mut uow = self.store.begin(tenant).await?;
        raise(&mut *uow, &[raised], self.clock.now()).await?;
        uow.commit().await
    }

    async fn clear(&self, job: JobName, report: &Report) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(&report.tenant).await?;
        // The environment that the tenant works in may have changed since the failure.
        for environment in Environment::ALL {
            let over = ProfileClearance {
                connector: self.connector,
                environment: *environment,
                profile: report.profile.clone(),
                class: ErrorClass::JobFailed,
                cause: Some(key(job)),
                quiet_since: now,
            };
            uow.exceptions().clear_profiles(&[over], now).await?;
        }
        uow.commit().await
    }

    /// The profile's; else the one that the tenant works in.
    async fn environment(
        &self,
        tenant: &TenantSlug,
        profile: Option<&ProfileId>,
    ) -> Result<Environment, StoreError> {
        let mut uow = self.store.begin(tenant).await?;
        let found = match profile {
            Some(profile) => uow.profiles().find(profile).await?,
            None => None,
        };
        let environment = match found {
            Some(profile) => profile.environment,
            None => uow
                .profiles()
                .active_environment(self.connector)
                .await?
                .unwrap_or(Environment::Live),
        };
        drop(uow);
        Ok(environment)
    }
}

impl RunFailure {
    /// Of a run of the whole installation. Where it is known whom the failure concerns, the job works
    /// for everybody else.
    fn told_to(&self, tenant: &TenantSlug, is_only_one: bool) -> Option<String> {
        if is_only_one {
            return Some(self.why.clone());
        }
        if self.of_tenants.is_empty() {
            return Some(WITHHELD.to_owned());
        }
        let own = self.of_tenants.iter().filter(|(of, _)| of == tenant);
        let own: Vec<_> = own.map(|(_, why)| why.as_str()).collect();
        (!own.is_empty()).then(|| own.join("; "))
    }
}

fn key(job: JobName) -> String {
    format!("job:{job}")
}

/// What runs the same again, for the same profile and window.
fn run_again(run: &NewRun) -> String {
    let mut words = vec![format!("jobs run {}", run.job)];
    if let JobScope::Profile { profile, .. } = &run.scope {
        words.push(format!("--profile {profile}"));
    }
    for bound in ["from", "to"] {
        let moment = run.arguments.get(bound).and_then(Value::as_str);
        words.extend(moment.map(|moment| format!("--{bound} {moment}")));
    }
    words.join(" ")
}

/// As it is typed for a tenant.
fn command(tenant: &TenantSlug, words: &str) -> String {
    if *tenant == TenantSlug::default_tenant() {
        format!("hawker {words}")
    } else {
        format!("hawker --tenant {tenant} {words}")
    }
}
