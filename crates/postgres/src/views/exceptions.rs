//! Exceptions as a person sees them: in lists, in groups, each by itself, and how a retry stands.

mod detail;
mod groups;
mod retries;
mod summary;

pub(super) use summary::list;

use async_trait::async_trait;
use hawker_domain::ids::{ExceptionId, RetryBatchId};
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::StoreError;
use hawker_ports::exception_desk::ExceptionSelector;
use hawker_ports::views::{
    ExceptionDetail, ExceptionGroups, ExceptionViews, PageRequest, RetryProgress,
};

use super::told;
use crate::store::{Access, PgStore};

#[async_trait]
impl ExceptionViews for PgStore {
    async fn exception_groups(
        &self,
        tenant: &TenantSlug,
        selector: &ExceptionSelector,
        now: Timestamp,
    ) -> Result<ExceptionGroups, StoreError> {
        let mut session = self.session(tenant, Access::ReadOnly).await?;
        let found = groups::list(session.connection()?, selector, now).await;
        found.map_err(told("exceptions"))
    }

    async fn exception(
        &self,
        tenant: &TenantSlug,
        id: ExceptionId,
    ) -> Result<Option<ExceptionDetail>, StoreError> {
        let mut session = self.session(tenant, Access::ReadOnly).await?;
        let found = detail::find(session.connection()?, id).await;
        found.map_err(told("exception"))
    }

    async fn retry_progress(
        &self,
        tenant: &TenantSlug,
        batch: RetryBatchId,
        page: &PageRequest,
    ) -> Result<Option<RetryProgress>, StoreError> {
        let mut session = self.session(tenant, Access::ReadOnly).await?;
        let found = retries::progress(session.connection()?, batch, page).await;
        found.map_err(told("retry"))
    }
}
