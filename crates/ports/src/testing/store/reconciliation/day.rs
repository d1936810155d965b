//! A day of a profile as the marketplace lists it, part by part.

use std::collections::{BTreeMap, BTreeSet};

use hawker_domain::completeness::{Day, Window};
use hawker_domain::{OrderSn, Timestamp};

use crate::reconciliation::{DayDifference, OrdersOf};

/// A day of which the marketplace was asked.
#[derive(Clone, Debug)]
pub(in crate::testing::store) struct DayRow {
    pub(super) orders: OrdersOf,
    pub(in crate::testing::store) window: Window,
    /// Which parts of it were asked for, by their beginning; none touches another.
    compared: Vec<Window>,
    /// What was listed, with the part that listed it last.
    pub(in crate::testing::store) listed: BTreeMap<OrderSn, Window>,
    /// Listed orders that the profile did not hold, and since when that is known.
    pub(super) missing: BTreeMap<OrderSn, Timestamp>,
    /// Held orders that were not listed, and since when that is known.
    pub(in crate::testing::store) unlisted: BTreeMap<OrderSn, Timestamp>,
    pub(in crate::testing::store) checked_at: Timestamp,
    /// The orders that somebody was told of last.
    pub(super) told: Option<String>,
}

impl DayRow {
    pub(super) fn new(orders: &OrdersOf, day: &Day, now: Timestamp) -> Self {
        Self {
            orders: orders.clone(),
            window: day.window,
            compared: Vec::new(),
            listed: BTreeMap::new(),
            missing: BTreeMap::new(),
            unlisted: BTreeMap::new(),
            checked_at: now,
            told: None,
        }
    }

    /// Until when of the day the marketplace was asked, without a gap from its beginning.
    pub(in crate::testing::store) fn listed_until(&self) -> Option<Timestamp> {
        let first = self.compared.first()?;
        (first.from <= self.window.from).then_some(first.to)
    }

    /// Whether the whole day was asked for.
    pub(in crate::testing::store) fn is_whole(&self) -> bool {
        self.listed_until()
            .is_some_and(|until| until >= self.window.to)
    }

    /// A part was asked for: `held` are those that we hold as placed within it.
    pub(super) fn note(
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
