//! What the marketplace lists against what is held.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use hawker_domain::channel::OrderKey;
use hawker_domain::completeness::{Day, Window};
use hawker_domain::ids::ProfileId;
use hawker_domain::{OrderSn, Timestamp};

use super::state::{EventRow, HeldOrder, Next, State, SyncRow};
use super::unit_of_work::InMemoryUnitOfWork;
use crate::StoreError;
use crate::reconciliation::{
    Comparison, DayDifference, Difference, OrdersOf, Reconciliation, StandingDifference, Watermark,
};
use crate::recovery::ListedOrder;

/// So many orders of a difference are named.
const EXAMPLES: usize = 5;

/// A day of which the marketplace was asked.
#[derive(Clone, Debug)]
pub(super) struct DayRow {
    orders: OrdersOf,
    pub(super) window: Window,
    /// Which parts of it were asked for, by their beginning; none touches another.
    compared: Vec<Window>,
    /// What was listed, with the part that listed it last.
    pub(super) listed: BTreeMap<OrderSn, Window>,
    /// Listed orders that were not held, and since when that is known.
    missing: BTreeMap<OrderSn, Timestamp>,
    /// Held orders that were not listed, and since when that is known.
    pub(super) unlisted: BTreeMap<OrderSn, Timestamp>,
    pub(super) checked_at: Timestamp,
}

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
        changed_since: Option<Timestamp>,
    ) -> Result<Comparison, StoreError> {
        self.read(|state| {
            let mut comparison = Comparison::default();
            let mut seen = BTreeSet::new();
            for one in listed.iter().filter(|one| seen.insert(&one.order_sn)) {
                let key = orders.key(&one.order_sn);
                let held = state.held_of(&key);
                match difference(held.as_ref(), one, changed_since) {
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
            let is_held = |order_sn: &OrderSn| state.held_of(&orders.key(order_sn)).is_some();
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
            let standing = state.days.iter().filter_map(|((profile, date), row)| {
                let old = |found: &BTreeMap<OrderSn, Timestamp>| -> Vec<_> {
                    let old = found
                        .iter()
                        .filter(|(_, found_at)| **found_at < found_before);
                    old.map(|(order_sn, _)| order_sn.clone()).collect()
                };
                let (missing, unlisted) = (old(&row.missing), old(&row.unlisted));
                let of = state.profiles.get(profile);
                // Nobody compares the orders of a deleted profile again.
                if of.is_some_and(|of| of.deleted_at.is_some()) {
                    return None;
                }
                let shop = of.and_then(|of| of.shop);
                (!missing.is_empty() || !unlisted.is_empty()).then(|| StandingDifference {
                    orders: row.orders.clone(),
                    shop,
                    day: *date,
                    missing: count(&missing),
                    unlisted: count(&unlisted),
                    examples: missing.into_iter().chain(unlisted).take(EXAMPLES).collect(),
                })
            });
            Ok(standing.collect())
        })
        .await
    }
}

impl DayRow {
    fn new(orders: &OrdersOf, day: &Day, now: Timestamp) -> Self {
        Self {
            orders: orders.clone(),
            window: day.window,
            compared: Vec::new(),
            listed: BTreeMap::new(),
            missing: BTreeMap::new(),
            unlisted: BTreeMap::new(),
            checked_at: now,
        }
    }

    /// Until when of the day the marketplace was asked, without a gap from its beginning.
    pub(super) fn listed_until(&self) -> Option<Timestamp> {
        let first = self.compared.first()?;
        (first.from <= self.window.from).then_some(first.to)
    }

    /// Whether the whole day was asked for.
    pub(super) fn is_whole(&self) -> bool {
        self.listed_until()
            .is_some_and(|until| until >= self.window.to)
    }

    /// A part was asked for: `held` are those that we hold as placed within it.
    fn note(
        &mut self,
        compared: Window,
        listed: &[OrderSn],
        held: &BTreeSet<OrderSn>,
        missing: BTreeSet<OrderSn>,
        now: Timestamp,
    ) -> DayDifference {
        // What an earlier look at the same part listed is replaced.
        self.listed.retain(|order_sn, part| {
            let is_replaced = compared.from <= part.from && part.to <= compared.to;
            !is_replaced && !held.contains(order_sn)
        });
        let now_listed = listed.iter().map(|order_sn| (order_sn.clone(), compared));
        self.listed.extend(now_listed);
        let unlisted: BTreeSet<_> = held
            .iter()
            .filter(|order_sn| !self.listed.contains_key(*order_sn))
            .cloned()
            .collect();
        self.missing
            .retain(|order_sn, _| self.listed.contains_key(order_sn));
        self.unlisted
            .retain(|order_sn, _| !self.listed.contains_key(order_sn));
        for order_sn in &missing {
            self.missing.entry(order_sn.clone()).or_insert(now);
        }
        for order_sn in &unlisted {
            self.unlisted.entry(order_sn.clone()).or_insert(now);
        }
        self.add_part(compared);
        self.checked_at = self.checked_at.max(now);
        DayDifference {
            missing: missing.into_iter().collect(),
            unlisted: unlisted.into_iter().collect(),
        }
    }

    /// Parts that touch become one.
    fn add_part(&mut self, part: Window) {
        self.compared.push(part);
        self.compared.sort_by_key(|part| part.from);
        let mut joined: Vec<Window> = Vec::new();
        for part in self.compared.drain(..) {
            match joined.last_mut() {
                Some(last) if part.from <= last.to => last.to = last.to.max(part.to),
                _ => joined.push(part),
            }
        }
        self.compared = joined;
    }
}

impl State {
    /// What is held of an order; nothing where no snapshot of it was ever seen.
    pub(super) fn held_of(&self, key: &OrderKey) -> Option<HeldOrder<'_>> {
        self.syncs.get(key).and_then(|sync| self.held(sync))
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

    /// Missing orders of a day that did not arrive meanwhile.
    pub(super) fn still_missing<'a>(
        &'a self,
        row: &'a DayRow,
    ) -> impl Iterator<Item = &'a OrderSn> {
        row.missing
            .keys()
            .filter(|order_sn| self.held_of(&row.orders.key(order_sn)).is_none())
    }

    fn forget_what_arrived(&mut self) {
        let standing: Vec<BTreeSet<OrderSn>> = self
            .days
            .values()
            .map(|row| self.still_missing(row).cloned().collect())
            .collect();
        for (row, standing) in self.days.values_mut().zip(standing) {
            row.missing
                .retain(|order_sn, _| standing.contains(order_sn));
        }
    }
}

fn difference(
    held: Option<&HeldOrder<'_>>,
    listed: &ListedOrder,
    changed_since: Option<Timestamp>,
) -> Option<Difference> {
    let Some(held) = held else {
        return Some(Difference::Missing);
    };
    let is_other = |status| held.status != status;
    if listed.status.as_ref().is_some_and(is_other) {
        Some(Difference::OtherStatus)
    } else {
        let is_older = changed_since.is_some_and(|since| held.updated_at < since);
        is_older.then_some(Difference::Older)
    }
}

fn count(orders: &[OrderSn]) -> u64 {
    orders.iter().map(|_| 1).sum()
}
