//! Who asked for what, how often: for tests that count calls.

use std::collections::BTreeMap;

use serde::Serialize;

use super::endpoint::Endpoint;
use crate::world::OrderSn;

#[derive(Debug, Default)]
pub(crate) struct Tally {
    stats: ApiStats,
}

/// Calls so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ApiStats {
    /// All calls, whatever came of them.
    pub calls: BTreeMap<Endpoint, u64>,
    /// Calls that were spoiled by a scripted fault.
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

    pub fn stats(&self) -> ApiStats {
        self.stats.clone()
    }
}
