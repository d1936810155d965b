//! Exceptions as a person sees them: in lists, in groups, each by itself, and how a retry stands.

mod groups;
mod retries;

use async_trait::async_trait;
use hawker_domain::exception::ExceptionStatus;
use hawker_domain::ids::{ExceptionId, RetryBatchId};
use hawker_domain::{TenantSlug, Timestamp};

use super::{Keyed, orders};
use crate::StoreError;
use crate::exception_desk::ExceptionSelector;
use crate::testing::store::InMemoryStore;
use crate::testing::store::exceptions::is_about_the_same;
use crate::testing::store::state::{ExceptionRow, State};
use crate::views::{
    ExceptionDetail, ExceptionFilter, ExceptionGroups, ExceptionSort, ExceptionSummary,
    ExceptionViews, NoteRow, OrderSummary, PageRequest, RetryProgress, RetryRow,
};

/// Earlier rows that are told with an exception.
const BEFORE_MAX: usize = 20;

#[async_trait]
impl ExceptionViews for InMemoryStore {
    async fn exception_groups(
        &self,
        tenant: &TenantSlug,
        selector: &ExceptionSelector,
        now: Timestamp,
    ) -> Result<ExceptionGroups, StoreError> {
        self.look(tenant, |state| groups::groups(state, selector, now))
    }

    async fn exception(
        &self,
        tenant: &TenantSlug,
        id: ExceptionId,
    ) -> Result<Option<ExceptionDetail>, StoreError> {
        self.look(tenant, |state| {
            let row = state.exceptions.iter().find(|row| row.id == id)?;
            Some(detail(state, row))
        })
    }

    async fn retry_progress(
        &self,
        tenant: &TenantSlug,
        batch: RetryBatchId,
        page: &PageRequest,
    ) -> Result<Option<RetryProgress>, StoreError> {
        self.look(tenant, |state| retries::progress(state, batch, page))?
            .transpose()
    }
}

pub(super) fn summaries(state: &State, filter: &ExceptionFilter) -> Vec<Keyed<ExceptionSummary>> {
    let ExceptionFilter {
        status,
        class,
        cause,
        order_sn,
        assignee,
        environment,
        profile,
        with_snoozed,
        sort,
    } = filter;
    let open_ones = (*sort == ExceptionSort::Due).then_some(ExceptionStatus::Open);
    let open_ones = open_ones.map(|status| status.to_string());
    let status = status.as_ref().or(open_ones.as_ref());
    let now = latest_moment(state);
    let wanted = state.exceptions.iter().filter(|row| {
        status.is_none_or(|status| status == row.status.as_str())
            && class
                .as_ref()
                .is_none_or(|class| class == row.cause.class.as_str())
            && cause.as_ref().is_none_or(|cause| *cause == row.cause.key)
            && (order_sn.is_none() || *order_sn == row.subject.order_sn)
            && (assignee.is_none() || *assignee == row.assignee)
            && environment.is_none_or(|environment| environment == row.subject.environment)
            && (profile.is_none() || *profile == row.subject.profile)
            && (*with_snoozed || now.is_none_or(|now| !row.is_snoozed(now)))
    });
    wanted
        .map(|row| ((row.first_seen_at, row.id.to_string()), summary(state, row)))
        .collect()
}

/// The same rows with their deadline as their place; what has none comes last.
pub(super) fn by_deadline(rows: Vec<Keyed<ExceptionSummary>>) -> Vec<Keyed<ExceptionSummary>> {
    let due = |row: &ExceptionSummary| row.due_at.into_iter().chain(row.ship_by).min();
    rows.into_iter()
        .map(|((_, id), row)| ((due(&row).unwrap_or(Timestamp::MAX_UTC), id), row))
        .collect()
}

/// A store in memory has no clock: the latest moment that its exceptions tell of stands for now.
fn latest_moment(state: &State) -> Option<Timestamp> {
    let rows = state.exceptions.iter();
    let told = rows.flat_map(|row| {
        let closed = row.resolution.as_ref().map(|resolution| resolution.at);
        closed.into_iter().chain([row.last_seen_at])
    });
    told.chain(state.gathered_at).max()
}

fn summary(state: &State, row: &ExceptionRow) -> ExceptionSummary {
    let order = order(state, row);
    let order = order.as_ref();
    ExceptionSummary {
        id: row.id.to_string(),
        error_class: row.cause.class.to_string(),
        cause: row.cause.key.clone(),
        environment: row.subject.environment.to_string(),
        order_sn: row.subject.order_sn.as_ref().map(ToString::to_string),
        message: row.cause.message.clone(),
        status: row.status.to_string(),
        retry_count: row.recurrences.into(),
        due_at: row.cause.due_at,
        raw_event_id: row.subject.event.map(|event| event.to_string()),
        first_seen_at: row.first_seen_at,
        last_seen_at: row.last_seen_at,
        resolved_at: row.resolution.as_ref().map(|resolution| resolution.at),
        resolved_by: row
            .resolution
            .as_ref()
            .map(|resolution| resolution.by.clone()),
        assignee: row.assignee.clone(),
        snoozed_until: row.snoozed_until,
        order_total: order.and_then(|order| order.total),
        currency: order.and_then(|order| order.currency.clone()),
        ship_by: order.and_then(|order| order.ship_by),
    }
}

/// The order that an exception is about, as far as anything is known of it.
pub(super) fn order(state: &State, row: &ExceptionRow) -> Option<OrderSummary> {
    let sync = state.syncs.get(&row.subject.order_key()?)?;
    Some(orders::summary(state, sync))
}

fn detail(state: &State, row: &ExceptionRow) -> ExceptionDetail {
    let is_earlier = |other: &&ExceptionRow| {
        other.id < row.id
            && other.cause.class == row.cause.class
            && other.cause.key == row.cause.key
            && is_about_the_same(&other.subject, &row.subject)
    };
    let mut before: Vec<_> = state.exceptions.iter().filter(is_earlier).collect();
    before.sort_by_key(|row| std::cmp::Reverse(row.id));
    ExceptionDetail {
        summary: summary(state, row),
        profile_id: row.subject.profile.as_ref().map(ToString::to_string),
        shop_id: row.subject.shop.map(|shop| shop.0),
        notes: row
            .notes
            .iter()
            .map(|note| NoteRow {
                at: note.at,
                by: note.by.clone(),
                text: note.text.clone(),
            })
            .collect(),
        retries: row
            .retries
            .iter()
            .map(|(batch, at)| RetryRow {
                batch: batch.to_string(),
                at: *at,
                result: retries::result(state, row, *at).to_owned(),
            })
            .collect(),
        before: before
            .into_iter()
            .take(BEFORE_MAX)
            .map(|row| summary(state, row))
            .collect(),
    }
}
