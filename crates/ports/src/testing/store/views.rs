//! The read models.

mod audit;
mod completeness;
mod escrow;
mod events;
mod exceptions;
mod orders;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use async_trait::async_trait;
use hawker_domain::exception::ExceptionStatus;
use hawker_domain::ids::EventId;
use hawker_domain::{OrderSn, TenantSlug, Timestamp};

use super::InMemoryStore;
use super::state::{State, refused};
use crate::StoreError;
use crate::views::{
    AuditFilter, AuditRow, Backlog, BoundedCount, Counted, EventDetail, EventFilter, EventSummary,
    ExceptionFilter, ExceptionSort, ExceptionSummary, OrderDetail, OrderFilter, OrderSummary,
    PAGE_ROWS_MAX, Page, PageRequest, Views,
};

#[async_trait]
impl Views for InMemoryStore {
    async fn events(
        &self,
        tenant: &TenantSlug,
        filter: &EventFilter,
        page: &PageRequest,
    ) -> Result<Page<EventSummary>, StoreError> {
        let rows = self.look(tenant, |state| events::summaries(state, filter))?;
        cut(rows, page)
    }

    async fn event_count(
        &self,
        tenant: &TenantSlug,
        filter: &EventFilter,
        at_most: u32,
    ) -> Result<BoundedCount, StoreError> {
        let rows = self.look(tenant, |state| events::summaries(state, filter))?;
        let counted = rows.iter().map(|_| 1).sum();
        Ok(BoundedCount::of(counted, at_most))
    }

    async fn event(
        &self,
        tenant: &TenantSlug,
        id: EventId,
    ) -> Result<Option<EventDetail>, StoreError> {
        self.look(tenant, |state| events::detail(state, id))
    }

    async fn orders(
        &self,
        tenant: &TenantSlug,
        filter: &OrderFilter,
        page: &PageRequest,
    ) -> Result<Page<OrderSummary>, StoreError> {
        let rows = self.look(tenant, |state| orders::summaries(state, filter))?;
        cut(rows, page)
    }

    async fn order(
        &self,
        tenant: &TenantSlug,
        order_sn: &OrderSn,
    ) -> Result<Option<OrderDetail>, StoreError> {
        self.look(tenant, |state| orders::detail(state, order_sn))
    }

    async fn exceptions(
        &self,
        tenant: &TenantSlug,
        filter: &ExceptionFilter,
        page: &PageRequest,
    ) -> Result<Page<ExceptionSummary>, StoreError> {
        let rows = self.look(tenant, |state| exceptions::summaries(state, filter))?;
        match filter.sort {
            ExceptionSort::Newest => cut(rows, page),
            ExceptionSort::Due => cut_oldest(exceptions::by_deadline(rows), page),
        }
    }

    async fn audit(
        &self,
        tenant: &TenantSlug,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Counted<AuditRow>, StoreError> {
        let rows = self.look(tenant, |state| audit::rows(state, filter))?;
        let total = rows.iter().map(|_| 1).sum();
        Ok(Counted {
            page: cut(rows, page)?,
            total,
        })
    }

    async fn backlog(&self, tenant: &TenantSlug, now: Timestamp) -> Result<Backlog, StoreError> {
        self.look(tenant, |state| backlog(state, now))
    }
}

/// A row with what it is sorted and continued by.
pub(super) type Keyed<T> = ((Timestamp, String), T);

/// The page of `rows`, newest first.
pub(super) fn cut<T>(mut rows: Vec<Keyed<T>>, page: &PageRequest) -> Result<Page<T>, StoreError> {
    rows.sort_by_key(|(place, _)| Reverse(place.clone()));
    cut_sorted(rows, page)
}

/// The page of `rows`, oldest first.
fn cut_oldest<T>(mut rows: Vec<Keyed<T>>, page: &PageRequest) -> Result<Page<T>, StoreError> {
    rows.sort_by_key(|(place, _)| place.clone());
    cut_sorted(rows, page)
}

fn cut_sorted<T>(mut rows: Vec<Keyed<T>>, page: &PageRequest) -> Result<Page<T>, StoreError> {
    if let Some(after) = &page.after {
        let place = rows.iter().position(|((_, id), _)| id == after);
        let place = place.ok_or_else(|| refused("page", "the cursor names no row"))?;
        rows.drain(..=place);
    }
    let limit = usize::try_from(page.limit.clamp(1, PAGE_ROWS_MAX)).unwrap_or(usize::MAX);
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows
        .last()
        .filter(|_| has_more)
        .map(|((_, id), _)| id.clone());
    Ok(Page {
        rows: rows.into_iter().map(|(_, row)| row).collect(),
        next,
    })
}

fn backlog(state: &State, now: Timestamp) -> Backlog {
    let pending = || {
        let rows = state.events.iter().filter(|row| row.is_pending());
        rows.filter(|row| row.order_key().is_some())
    };
    let due = || pending().filter_map(|row| row.due_since(now));
    let journal = || state.journal.iter().flat_map(|batch| &batch.events);
    let put_down = journal().map(|event| event.received_at);
    let open = state
        .exceptions
        .iter()
        .filter(|row| row.status == ExceptionStatus::Open);
    let waiting_alerts = state.alerts.iter().filter(|row| row.delivered_at.is_none());
    let leased = state.syncs.values().filter(|sync| sync.is_leased(now));
    let held = state.syncs.values().filter(|sync| sync.held_for.is_some());
    let orders = count_by(state.syncs.values().map(super::state::SyncRow::status));
    let counted = |count: i64| count.min(Backlog::COUNTED_MAX);
    Backlog {
        due: counted(count(due())) + count(journal()),
        oldest_due_at: due().chain(put_down).min(),
        waiting: counted(count(pending()) - count(due())),
        leased: count(leased),
        alerts: count(waiting_alerts),
        exceptions: count_by(open.map(|row| row.cause.class.as_str())),
        orders: orders
            .into_iter()
            .map(|(status, count)| (status, counted(count)))
            .collect(),
        held: count(held),
    }
}

fn count<T>(rows: impl Iterator<Item = T>) -> i64 {
    rows.map(|_| 1).sum()
}

fn count_by<'a>(names: impl Iterator<Item = &'a str>) -> Vec<(String, i64)> {
    let mut counts = BTreeMap::<String, i64>::new();
    for name in names {
        *counts.entry(name.to_owned()).or_default() += 1;
    }
    counts.into_iter().collect()
}
