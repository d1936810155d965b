//! What the marketplace lists against what is held.

mod day;

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::{NaiveDate, TimeDelta};
use hawker_domain::channel::OrderKey;
use hawker_domain::completeness::{Day, Window};
use hawker_domain::event::EventSource;
use hawker_domain::ids::ProfileId;
use hawker_domain::{OrderSn, Timestamp};

use super::state::{EventRow, HeldOrder, Next, State, SyncRow};
use super::unit_of_work::InMemoryUnitOfWork;
use crate::StoreError;
use crate::reconciliation::{
    Comparison, DayDifference, Difference, OrdersOf, Reconciliation, StandingDifference, Watermark,
};
use crate::recovery::ListedOrder;
pub(super) use day::DayRow;

/// So many orders of a difference are named.
const EXAMPLES: usize = 5;

/// So long an order that is missing may only wait to be fetched, before it is told.
const WAITED_FOR: TimeDelta = TimeDelta::days(1);

impl OrdersOf {
    /// The order of that number in the environment of these orders.
    pub(super) fn key(&self, order_sn: &OrderSn) -> OrderKey {
        OrderKey {
            connector: self.connector,
            environment: self.environment,
            order_sn: order_sn.clone(),
        }
    }

    /// Whether an order of that profile is one of them.
    pub(super) fn are_those_of(&self, key: &OrderKey, profile: &ProfileId) -> bool {
        (self.connector, self.environment, &self.profile)
            == (key.connector, key.environment, profile)
    }
}

#[async_trait]
impl Reconciliation for InMemoryUnitOfWork {
    async fn watermark(&mut self, profile: &ProfileId) -> Result<Watermark, StoreError> {
        self.read(|state| state.watermarks.get(profile).copied().unwrap_or_default())
    }

    async fn advance(
        &mut self,
        profile: &ProfileId,
        mark: Watermark,
        _: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(|state| {
            let known = state.watermarks.entry(profile.clone()).or_default();
            known.updated_until = known.updated_until.max(mark.updated_until);
            known.created_until = known.created_until.max(mark.created_until);
            Ok(())
        })
        .await
    }

    async fn compare(
        &mut self,
        orders: &OrdersOf,
        listed: &[ListedOrder],
        fetched_since: Option<Timestamp>,
    ) -> Result<Comparison, StoreError> {
        self.read(|state| {
            let mut comparison = Comparison::default();
            let mut seen = BTreeSet::new();
            for one in listed.iter().filter(|one| seen.insert(&one.order_sn)) {
                let key = orders.key(&one.order_sn);
                let held = state.held_by(orders, &one.order_sn);
                match difference(held.as_ref(), one, fetched_since) {
                    None => comparison.agreeing += 1,
                    Some(_) if state.is_waited_for(&key) => comparison.waiting += 1,
                    Some(difference) => {
                        let differing = (one.order_sn.clone(), difference);
                        comparison.differing.push(differing);
                    }
                }
            }
            comparison
        })
    }

    async fn note_day(
        &mut self,
        orders: &OrdersOf,
        day: &Day,
        compared: Window,
        listed: &[OrderSn],
        now: Timestamp,
    ) -> Result<DayDifference, StoreError> {
        self.write(|state| {
            let held = state.placed_within(orders, compared);
            let is_held = |order_sn: &OrderSn| state.held_by(orders, order_sn).is_some();
            let missing: BTreeSet<_> = listed
                .iter()
                .filter(|order_sn| !is_held(order_sn))
                .cloned()
                .collect();
            let row = state
                .days
                .entry((orders.profile.clone(), day.date))
                .or_insert_with(|| DayRow::new(orders, day, now));
            Ok(row.note(compared, listed, &held, missing, now))
        })
        .await
    }

    async fn standing(
        &mut self,
        found_before: Timestamp,
    ) -> Result<Vec<StandingDifference>, StoreError> {
        self.write(|state| {
            state.forget_what_arrived();
            let days = state.days.iter();
            let standing = days.map(|((_, date), row)| state.standing(*date, row, found_before));
            Ok(standing
                .filter(|one| !one.is_gone() || state.was_told(one))
                .collect())
        })
        .await
    }

    async fn told(&mut self, differences: &[StandingDifference]) -> Result<(), StoreError> {
        self.write(|state| {
            for one in differences {
                let day = (one.orders.profile.clone(), one.day);
                if let Some(row) = state.days.get_mut(&day) {
                    row.told = (!one.is_gone()).then(|| one.state.clone());
                }
            }
            Ok(())
        })
        .await
    }

    async fn unasked(
        &mut self,
        found_before: Timestamp,
        asked_since: Timestamp,
        at_most: u32,
    ) -> Result<Vec<(OrdersOf, OrderSn)>, StoreError> {
        self.read(|state| {
            let days = state
                .days
                .iter()
                .filter(|((profile, _), _)| !state.is_deleted(profile));
            let missing = days.flat_map(|((_, date), row)| {
                let still_missing = state.still_missing(row).map(move |order_sn| {
                    let found_at = row.missing.get(order_sn).copied();
                    (found_at, &row.orders, *date, order_sn)
                });
                still_missing.filter(|(found_at, ..)| found_at.is_some_and(|at| at < found_before))
            });
            let mut unasked: Vec<_> = missing
                .filter(|(_, orders, _, order_sn)| {
                    let key = orders.key(order_sn);
                    !state.is_waited_for(&key) && !state.was_asked_for(&key, asked_since)
                })
                .collect();
            unasked.sort_by_key(|(found_at, orders, date, order_sn)| {
                (
                    *found_at,
                    orders.profile.clone(),
                    *date,
                    (*order_sn).clone(),
                )
            });
            let unasked = unasked.into_iter();
            let unasked =
                unasked.map(|(_, orders, _, order_sn)| (orders.clone(), order_sn.clone()));
            unasked
                .take(usize::try_from(at_most).unwrap_or(usize::MAX))
                .collect()
        })
    }
}

impl State {
    /// What is held of an order; nothing where no snapshot of it was ever seen.
    pub(super) fn held_of(&self, key: &OrderKey) -> Option<HeldOrder<'_>> {
        self.syncs.get(key).and_then(|sync| self.held(sync))
    }

    /// The same, where the profile of these orders holds it.
    fn held_by(&self, orders: &OrdersOf, order_sn: &OrderSn) -> Option<HeldOrder<'_>> {
        let sync = self.syncs.get(&orders.key(order_sn));
        sync.filter(|sync| sync.profile == orders.profile)
            .and_then(|sync| self.held(sync))
    }

    /// Orders that are held, with their records.
    pub(super) fn held_orders(&self) -> impl Iterator<Item = (&SyncRow, HeldOrder<'_>)> {
        let syncs = self.syncs.values();
        syncs.filter_map(|sync| Some((sync, self.held(sync)?)))
    }

    fn placed_within(&self, orders: &OrdersOf, window: Window) -> BTreeSet<OrderSn> {
        self.held_orders()
            .filter(|(sync, _)| orders.are_those_of(&sync.key, &sync.profile))
            .filter(|(_, held)| (window.from..window.to).contains(&held.placed_at))
            .map(|(sync, _)| sync.key.order_sn.clone())
            .collect()
    }

    /// Whether an event that is tried by itself, now or later, waits for the order.
    fn is_waited_for(&self, key: &OrderKey) -> bool {
        let waits = |row: &EventRow| {
            row.is_pending_for(key)
                && row.event.profile.is_some()
                && matches!(row.next, Next::At(_))
        };
        self.events.iter().any(waits)
    }

    /// Whether the order is about to be fetched: nobody has tried yet, or within the last day it only
    /// had to wait.
    fn is_untried(&self, key: &OrderKey, found_before: Timestamp) -> bool {
        let attempts = self.syncs.get(key).map_or(0, |sync| sync.attempts);
        let is_untried = |row: &EventRow| {
            let received_at = row.event.received_at;
            let waits = matches!(row.next, Next::At(_))
                && attempts == 0
                && received_at > found_before - WAITED_FOR;
            let is_fresh = matches!(row.next, Next::At(at) if at <= received_at);
            row.is_pending_for(key) && row.event.profile.is_some() && (is_fresh || waits)
        };
        self.events.iter().any(is_untried)
    }

    /// Whether we asked for the order ourselves since then.
    fn was_asked_for(&self, key: &OrderKey, since: Timestamp) -> bool {
        let asked = |row: &EventRow| {
            row.order_key().as_ref() == Some(key)
                && row.event.source == EventSource::Reconcile
                && row.event.received_at >= since
        };
        self.events.iter().any(asked)
    }

    /// Whether a day still differs although it was compared since then, or although its missing orders
    /// were asked for since then and nothing that is tried by itself asks for them any more. `cause` is
    /// that of its exception.
    pub(super) fn day_stands(&self, profile: &ProfileId, cause: &str, since: Timestamp) -> bool {
        let mut days = self.days.iter();
        let day = days.find(|((of, date), _)| of == profile && format!("day:{date}") == cause);
        let Some((_, row)) = day else {
            return false;
        };
        let missing: Vec<_> = self
            .still_missing(row)
            .map(|order_sn| row.orders.key(order_sn))
            .collect();
        if missing.is_empty() && row.unlisted.is_empty() {
            return false;
        }
        let was_worked_on = |key: &OrderKey| {
            let done_since = |row: &EventRow| {
                row.order_key().as_ref() == Some(key)
                    && row.event.is_trusted()
                    && row.done.as_ref().is_some_and(|(at, _)| *at > since)
            };
            self.events.iter().any(done_since)
        };
        let is_waited_for = missing.iter().any(|key| self.is_waited_for(key));
        let was_asked_for = missing.is_empty() || missing.iter().any(was_worked_on);
        row.checked_at > since || !is_waited_for && was_asked_for
    }

    /// Missing orders of a day that nobody holds.
    pub(super) fn still_missing<'a>(
        &'a self,
        row: &'a DayRow,
    ) -> impl Iterator<Item = &'a OrderSn> {
        row.missing
            .keys()
            .filter(|order_sn| self.held_of(&row.orders.key(order_sn)).is_none())
    }

    /// Missing orders of a day that the profile does not hold.
    pub(super) fn missing_there<'a>(
        &'a self,
        row: &'a DayRow,
    ) -> impl Iterator<Item = &'a OrderSn> {
        row.missing
            .keys()
            .filter(|order_sn| self.held_by(&row.orders, order_sn).is_none())
    }

    fn forget_what_arrived(&mut self) {
        let missing: Vec<BTreeSet<OrderSn>> = self
            .days
            .values()
            .map(|row| self.missing_there(row).cloned().collect())
            .collect();
        for (row, missing) in self.days.values_mut().zip(missing) {
            row.missing.retain(|order_sn, _| missing.contains(order_sn));
        }
    }

    /// How a day differs; in nothing where its profile was deleted, because nobody compares the orders
    /// of such a one again.
    fn standing(
        &self,
        day: NaiveDate,
        row: &DayRow,
        found_before: Timestamp,
    ) -> StandingDifference {
        let profile = &row.orders.profile;
        let is_old = |found_at: &Timestamp| *found_at < found_before && !self.is_deleted(profile);
        let missing: Vec<_> = self
            .still_missing(row)
            .filter(|order_sn| row.missing.get(*order_sn).is_some_and(is_old))
            .filter(|order_sn| {
                row.told.is_some() || !self.is_untried(&row.orders.key(order_sn), found_before)
            })
            .cloned()
            .collect();
        let unlisted: Vec<_> = row
            .unlisted
            .iter()
            .filter(|(_, found_at)| is_old(found_at))
            .map(|(order_sn, _)| order_sn.clone())
            .collect();
        let is_gone = missing.is_empty() && unlisted.is_empty();
        let state = if is_gone {
            String::new()
        } else {
            format!("{missing:?}{unlisted:?}")
        };
        StandingDifference {
            orders: row.orders.clone(),
            shop: self.profiles.get(profile).and_then(|profile| profile.shop),
            day,
            missing: count(&missing),
            unlisted: count(&unlisted),
            examples: missing.into_iter().chain(unlisted).take(EXAMPLES).collect(),
            is_told: !is_gone && row.told.as_ref() == Some(&state),
            state,
        }
    }

    fn was_told(&self, difference: &StandingDifference) -> bool {
        let day = (difference.orders.profile.clone(), difference.day);
        self.days.get(&day).is_some_and(|row| row.told.is_some())
    }

    fn is_deleted(&self, profile: &ProfileId) -> bool {
        let profile = self.profiles.get(profile);
        profile.is_some_and(|profile| profile.deleted_at.is_some())
    }
}

fn difference(
    held: Option<&HeldOrder<'_>>,
    listed: &ListedOrder,
    fetched_since: Option<Timestamp>,
) -> Option<Difference> {
    let Some(held) = held else {
        return Some(Difference::Missing);
    };
    let is_other = |status| held.status != status;
    if listed.status.as_ref().is_some_and(is_other) {
        Some(Difference::OtherStatus)
    } else {
        let is_older = fetched_since.is_some_and(|since| held.seen_at < Some(since));
        is_older.then_some(Difference::Older)
    }
}

fn count(orders: &[OrderSn]) -> u64 {
    orders.iter().map(|_| 1).sum()
}
