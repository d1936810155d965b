//! The hand on the shop: everything that a test, the control API or the demo can make happen.
//!
//! Cheap to clone. Nothing here waits for the network, except [`Controls::idle`] and
//! [`Controls::drained`].

mod adversary;
mod authorising;
mod clockwork;
mod connection;
mod payouts;
mod platform;
mod pushing;
mod token_life;
mod trade;

use std::sync::Arc;

use serde::Serialize;

use crate::api::ApiStats;
use crate::chaos::ChaosStats;
use crate::push::PushStats;
use crate::shared::Shared;
use crate::sync::lock;

#[derive(Clone)]
pub struct Controls {
    pub(crate) shared: Arc<Shared>,
}

/// What has happened so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stats {
    pub orders: usize,
    pub api: ApiStats,
    pub pushes: PushStats,
    pub chaos: ChaosStats,
}

impl Controls {
    pub fn stats(&self) -> Stats {
        Stats {
            orders: lock(&self.shared.world).orders.len(),
            api: lock(&self.shared.tally).stats(),
            pushes: lock(&self.shared.outbox).stats(),
            chaos: lock(&self.shared.dice).stats(),
        }
    }
}
