//! Who asked for what, how often: for tests that count calls.

use std::collections::BTreeMap;

use serde::Serialize;

use super::endpoint::Endpoint;
use crate::world::{Grantee, OrderSn};

#[derive(Debug, Default)]
pub(crate) struct Tally {
    stats: ApiStats,
    refreshes: BTreeMap<Grantee, RefreshTally>,
    exchanges: BTreeMap<Grantee, RefreshTally>,
}

/// How often new tokens were asked for, and what came of it.
///
/// A call whose reply was lost has succeeded. One that a fault swallowed before it was carried
/// out was asked for, and neither succeeded nor was refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RefreshTally {
    pub asked: u64,
    pub succeeded: u64,
    pub refused: u64,
    /// Of the refused ones: with a token that had been used or replaced.
    pub replayed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Asked,
    Succeeded,
    Refused,
    Replayed,
}

impl RefreshTally {
    fn note(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Asked => self.asked += 1,
            Outcome::Succeeded => self.succeeded += 1,
            Outcome::Refused => self.refused += 1,
            Outcome::Replayed => self.replayed += 1,
        }
    }
}

/// Calls so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ApiStats {
    /// All calls, whatever came of them.
    pub calls: BTreeMap<Endpoint, u64>,
    /// Calls that were spoiled by a fault, scripted or by chance.
    pub faults: BTreeMap<Endpoint, u64>,
    /// Refusals by error code.
    pub refusals: BTreeMap<String, u64>,
    /// How often the detail of an order was asked for, found or not.
    pub details_by_order: BTreeMap<OrderSn, u64>,
}

impl ApiStats {
    pub fn calls_to(&self, endpoint: Endpoint) -> u64 {
        self.calls.get(&endpoint).copied().unwrap_or(0)
    }

    pub fn details_of(&self, sn: &OrderSn) -> u64 {
        self.details_by_order.get(sn).copied().unwrap_or(0)
    }
}

impl Tally {
    pub fn called(&mut self, endpoint: Endpoint) {
        *self.stats.calls.entry(endpoint).or_default() += 1;
    }

    pub fn spoiled(&mut self, endpoint: Endpoint) {
        *self.stats.faults.entry(endpoint).or_default() += 1;
    }

    pub fn refused(&mut self, code: &str) {
        *self.stats.refusals.entry(code.to_owned()).or_default() += 1;
    }

    pub fn detail_asked(&mut self, sn: &str) {
        *self.stats.details_by_order.entry(sn.into()).or_default() += 1;
    }

    pub(super) fn refresh(&mut self, of: Grantee, outcome: Outcome) {
        self.refreshes.entry(of).or_default().note(outcome);
    }

    pub(super) fn exchange(&mut self, of: &[Grantee], outcome: Outcome) {
        for grantee in of {
            self.exchanges.entry(*grantee).or_default().note(outcome);
        }
    }

    pub fn refreshes_of(&self, grantee: Grantee) -> RefreshTally {
        self.refreshes.get(&grantee).copied().unwrap_or_default()
    }

    pub fn exchanges_of(&self, grantee: Grantee) -> RefreshTally {
        self.exchanges.get(&grantee).copied().unwrap_or_default()
    }

    pub fn stats(&self) -> ApiStats {
        self.stats.clone()
    }
}
