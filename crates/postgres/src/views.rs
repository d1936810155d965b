//! Read models, read in a transaction of their own that may not write.
//!
//! Lists are paged by key: the id of the last row of a page is where the next begins, and ids
//! increase over time. So a page costs the same wherever it is.

mod audit;
mod backlog;
mod completeness;
mod escrow;
mod events;
mod exceptions;
mod orders;

use async_trait::async_trait;
use hawker_domain::ids::EventId;
use hawker_domain::{OrderSn, TenantSlug, Timestamp};
use hawker_ports::StoreError;
use hawker_ports::views::{
    AuditFilter, AuditRow, Backlog, BoundedCount, Counted, EventDetail, EventFilter, EventSummary,
    ExceptionFilter, ExceptionSummary, OrderDetail, OrderFilter, OrderSummary, PAGE_ROWS_MAX, Page,
    PageRequest, Views,
};

use crate::fault::Fault;
use crate::store::{Access, PgStore};

#[async_trait]
impl Views for PgStore {
    async fn events(
        &self,
        tenant: &TenantSlug,
        filter: &EventFilter,
        page: &PageRequest,
    ) -> Result<Page<EventSummary>, StoreError> {
        let mut session = self.session(tenant, Access::ReadOnly).await?;
        let found = events::list(session.connection()?, filter, page).await;
        found.map_err(told("events"))
    }

    async fn event_count(
        &self,
        tenant: &TenantSlug,
        filter: &EventFilter,
        at_most: u32,
    ) -> Result<BoundedCount, StoreError> {
        let mut session = self.session(tenant, Access::ReadOnly).await?;
        let counted = events::count(session.connection()?, filter, at_most).await;
        counted.map_err(told("events"))
    }

    async fn event(
        &self,
        tenant: &TenantSlug,
        id: EventId,
    ) -> Result<Option<EventDetail>, StoreError> {
        let mut session = self.session(tenant, Access::ReadOnly).await?;
        events::find(session.connection()?, id)
            .await
            .map_err(told("event"))
    }

    async fn orders(
        &self,
        tenant: &TenantSlug,
        filter: &OrderFilter,
        page: &PageRequest,
    ) -> Result<Page<OrderSummary>, StoreError> {
        let mut session = self.session(tenant, Access::ReadOnly).await?;
        let found = orders::list(session.connection()?, filter, page).await;
        found.map_err(told("orders"))
    }

    async fn order(
        &self,
        tenant: &TenantSlug,
        order_sn: &OrderSn,
    ) -> Result<Option<OrderDetail>, StoreError> {
        let mut session = self.session(tenant, Access::ReadOnly).await?;
        let found = orders::find(session.connection()?, order_sn).await;
        found.map_err(told("order"))
    }

    async fn exceptions(
        &self,
        tenant: &TenantSlug,
        filter: &ExceptionFilter,
        page: &PageRequest,
    ) -> Result<Page<ExceptionSummary>, StoreError> {
        let mut session = self.session(tenant, Access::ReadOnly).await?;
        let found = exceptions::list(session.connection()?, filter, page).await;
        found.map_err(told("exceptions"))
    }

    async fn audit(
        &self,
        tenant: &TenantSlug,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Counted<AuditRow>, StoreError> {
        let mut session = self.session(tenant, Access::ReadOnly).await?;
        let found = audit::list(session.connection()?, filter, page).await;
        found.map_err(told("audit log"))
    }

    async fn backlog(&self, tenant: &TenantSlug, now: Timestamp) -> Result<Backlog, StoreError> {
        let mut session = self.session(tenant, Access::ReadOnly).await?;
        let found = backlog::read(session.connection()?, now).await;
        found.map_err(told("backlog"))
    }
}

fn told(entity: &'static str) -> impl FnOnce(Fault) -> StoreError {
    move |fault| fault.into_store_error(entity)
}

/// A page is read with one row more than it has: so it is known whether another follows.
pub(crate) struct Paging {
    rows: usize,
    pub(crate) rows_to_read: i64,
    pub(crate) before: Option<String>,
}

impl Paging {
    /// `prefix` is that of the ids which the list is paged by; a cursor must be one of them.
    pub(crate) fn of(page: &PageRequest, prefix: &str) -> Result<Self, Fault> {
        let is_cursor = |text: &String| {
            text.strip_prefix(prefix).is_some_and(|rest| {
                rest.len() == 27 && rest.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric())
            })
        };
        if page.after.as_ref().is_some_and(|after| !is_cursor(after)) {
            return Err(Fault::Refused("the cursor names no row".to_owned()));
        }
        Ok(Self {
            before: page.after.clone(),
            ..Self::of_size(page.limit)
        })
    }

    /// The first page.
    fn of_size(limit: u32) -> Self {
        let rows = limit.clamp(1, PAGE_ROWS_MAX);
        Self {
            rows: usize::try_from(rows).unwrap_or(usize::MAX),
            rows_to_read: i64::from(rows) + 1,
            before: None,
        }
    }

    pub(crate) fn cut<T>(&self, mut rows: Vec<(String, T)>) -> Page<T> {
        let has_more = rows.len() > self.rows;
        rows.truncate(self.rows);
        let next = rows.last().filter(|_| has_more).map(|(id, _)| id.clone());
        Page {
            rows: rows.into_iter().map(|(_, row)| row).collect(),
            next,
        }
    }
}
