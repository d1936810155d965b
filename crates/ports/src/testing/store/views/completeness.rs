//! Completeness as a person sees it.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::NaiveDate;
use hawker_domain::TenantSlug;
use hawker_domain::completeness::Day;
use hawker_domain::event::EventSource;

use super::count;
use crate::StoreError;
use crate::testing::InMemoryStore;
use crate::testing::store::reconciliation::DayRow;
use crate::testing::store::state::{HeldOrder, State, SyncRow};
use crate::views::{CompletenessQuery, CompletenessRow, CompletenessViews, MissingOrders};

/// The most days that are told at once.
const DAYS_MAX: usize = 400;

#[async_trait]
impl CompletenessViews for InMemoryStore {
    async fn completeness(
        &self,
        tenant: &TenantSlug,
        query: &CompletenessQuery,
    ) -> Result<Vec<CompletenessRow>, StoreError> {
        self.look(tenant, |state| {
            let dates = query.from.iter_days().take_while(|date| *date <= query.to);
            dates
                .take(DAYS_MAX)
                .filter_map(|date| row(state, query, date))
                .collect()
        })
    }

    async fn missing_orders(&self, tenant: &TenantSlug) -> Result<Vec<MissingOrders>, StoreError> {
        self.look(tenant, |state| {
            let with_days = state.days.keys().map(|(profile, _)| profile);
            let compared: BTreeSet<_> = state.watermarks.keys().chain(with_days).collect();
            let rows = compared.into_iter().map(|profile| {
                let days = state.days.iter().filter(|((of, _), _)| of == profile);
                let mark = state.watermarks.get(profile).copied().unwrap_or_default();
                MissingOrders {
                    profile: profile.clone(),
                    missing: days.map(|(_, day)| count(state.still_missing(day))).sum(),
                    compared_until: mark.updated_until,
                }
            });
            rows.collect()
        })
    }
}

fn row(state: &State, query: &CompletenessQuery, date: NaiveDate) -> Option<CompletenessRow> {
    let window = Day::of(date, query.zone)?.window;
    let held: Vec<_> = state
        .held_orders()
        .filter(|(sync, _)| sync.profile == query.profile)
        .filter(|(_, held)| (window.from..window.to).contains(&held.placed_at))
        .collect();
    let by = |source| count(held.iter().filter(|(sync, _)| sync.first_source == source));
    let delays = delays(&held);
    let asked = state.days.get(&(query.profile.clone(), date));
    let whole = asked.filter(|day| day.is_whole());
    Some(CompletenessRow {
        day: date,
        listed: asked.map(|day| count(day.listed.keys())),
        held: count(held.iter()),
        missing: asked.map_or(0, |day| count(state.missing_there(day))),
        unlisted: whole.map_or(0, |day| count(day.unlisted.keys())),
        by_webhook: by(EventSource::Webhook),
        by_poll: by(EventSource::Poll),
        by_reconcile: by(EventSource::Reconcile),
        by_manual: by(EventSource::Manual),
        median_delay_s: delays.get(delays.len().saturating_sub(1) / 2).copied(),
        longest_delay_s: delays.last().copied(),
        listed_until: asked.and_then(DayRow::listed_until),
        checked_at: asked.map(|day| day.checked_at),
    })
}

/// From being placed to being heard of, in seconds, the shortest first.
fn delays(held: &[(&SyncRow, HeldOrder<'_>)]) -> Vec<i64> {
    let late = |(sync, held): &(&SyncRow, HeldOrder<'_>)| {
        let late = sync.first_heard_at - held.placed_at;
        late.num_seconds()
    };
    let mut delays: Vec<_> = held.iter().map(late).collect();
    delays.sort_unstable();
    delays
}
