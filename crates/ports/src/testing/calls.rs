//! Who is told of calls, how much of the limits is left and how the clocks differ, as a test wants it.

use std::sync::Mutex;

use hawker_domain::ShopId;

use super::locked;
use crate::calls::{CallBudget, CallBudgets, CallRecorder, ClockSkew, RecordedCall};

/// Keeps what it is told.
#[derive(Debug, Default)]
pub struct RecordingCalls(Mutex<Vec<RecordedCall>>);

impl RecordingCalls {
    /// The calls that were recorded, oldest first.
    pub fn recorded(&self) -> Vec<RecordedCall> {
        locked(&self.0).clone()
    }
}

impl CallRecorder for RecordingCalls {
    fn record(&self, call: RecordedCall) {
        locked(&self.0).push(call);
    }
}

/// The same for every app and shop.
#[derive(Clone, Debug)]
pub struct FixedBudget(pub CallBudget);

/// Nothing was used up yet.
impl Default for FixedBudget {
    fn default() -> Self {
        Self(CallBudget {
            shop_left: 10.0,
            shop_per_second: 10.0,
            app_left: 100.0,
            app_per_second: 100.0,
            paused_until: None,
        })
    }
}

impl CallBudgets for FixedBudget {
    fn budget(&self, _: i64, _: Option<ShopId>) -> CallBudget {
        self.0.clone()
    }
}

/// The same for every host; by default its answers never told the time.
#[derive(Debug, Default)]
pub struct FixedSkew(Mutex<Option<i64>>);

impl FixedSkew {
    /// From now on.
    pub fn set(&self, skew_s: Option<i64>) {
        *locked(&self.0) = skew_s;
    }
}

impl ClockSkew for FixedSkew {
    fn clock_skew_s(&self, _: &str) -> Option<i64> {
        *locked(&self.0)
    }
}
