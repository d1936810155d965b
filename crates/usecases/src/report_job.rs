//! Tell somebody of a scheduled job that failed for good, and that it works again.

use std::sync::Arc;

use hawker_domain::exception::{Cause, ErrorClass, RaisedException, Subject};
use hawker_domain::ids::{JobRunId, ProfileId};
use hawker_domain::schedule::{JobName, JobScope};
use hawker_domain::{ConnectorName, Environment, IdSource, TenantSlug};
use hawker_ports::exceptions::ProfileClearance;
use hawker_ports::tenants::TenantDirectory;
use hawker_ports::{Clock, Store, StoreError};

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

impl ReportJob {
    /// A run failed as often as it is tried.
    pub async fn failed(
        &self,
        job: JobName,
        scope: &JobScope,
        run: JobRunId,
        why: &str,
    ) -> Result<(), StoreError> {
        for (tenant, profile) in self.concerned(scope).await? {
            let environment = self.environment(&tenant, profile.as_ref()).await?;
            let subject = Subject {
                connector: self.connector,
                environment,
                profile,
                shop: None,
                order_sn: None,
                event: None,
            };
            let cause = Cause {
                class: ErrorClass::JobFailed,
                key: format!("job:{job}"),
                message: format!(
                    "The job {job} failed: {why}. It runs again at its next slot; `hawker jobs run {job}` runs it now, `hawker jobs history` shows run {run}."
                ),
                due_at: None,
            };
            let raised = RaisedException::once(subject, cause, &*self.ids);
            let mut uow = self.store.begin(&tenant).await?;
            raise(&mut *uow, &[raised], self.clock.now()).await?;
            uow.commit().await?;
        }
        Ok(())
    }

    /// A run came to its end.
    pub async fn worked(&self, job: JobName, scope: &JobScope) -> Result<(), StoreError> {
        for (tenant, profile) in self.concerned(scope).await? {
            let now = self.clock.now();
            let mut uow = self.store.begin(&tenant).await?;
            // The environment that the tenant works in may have changed since the failure.
            for environment in Environment::ALL {
                let over = ProfileClearance {
                    connector: self.connector,
                    environment: *environment,
                    profile: profile.clone(),
                    class: ErrorClass::JobFailed,
                    cause: Some(format!("job:{job}")),
                    quiet_since: now,
                };
                uow.exceptions().clear_profile(&over, now).await?;
            }
            uow.commit().await?;
        }
        Ok(())
    }

    async fn concerned(
        &self,
        scope: &JobScope,
    ) -> Result<Vec<(TenantSlug, Option<ProfileId>)>, StoreError> {
        Ok(match scope {
            JobScope::Profile { tenant, profile } => vec![(tenant.clone(), Some(profile.clone()))],
            JobScope::Installation => {
                let tenants = self.tenants.tenants().await?;
                tenants.into_iter().map(|tenant| (tenant, None)).collect()
            }
        })
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
