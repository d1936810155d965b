//! Scripts: what happens in the shop and to its pushes at which second of the shop's clock.

mod ready_made;

use std::time::Duration;

use rust_decimal::Decimal;
use serde::Serialize;

use crate::chaos::PushChaos;
use crate::world::{LivePushStatus, NewOrder, OrderSn, Verb};

/// Something that a script does. Orders are numbered as the script places them, from 0.
#[derive(Clone, Debug)]
pub enum Deed {
    Place(Box<NewOrder>),
    Act {
        order: usize,
        verb: Verb,
    },
    ReleaseEscrow(usize),
    AdjustEscrow {
        order: usize,
        amount: Decimal,
        reason: String,
    },
    /// Trouble for pushes, instead of that of the chaos in force; None gives them back to it.
    Pushes(Option<PushChaos>),
    /// How the platform rates the first app.
    Rate(LivePushStatus),
}

/// Deeds and their times, counted from the moment that the script begins.
#[derive(Clone, Debug, Default)]
pub struct Script {
    pub name: String,
    /// Of the chances that its deeds bring, when no chaos is in force.
    pub seed: u64,
    steps: Vec<(Duration, Deed)>,
}

#[derive(Debug, thiserror::Error)]
#[error("there is no scenario {0:?}; one of {known} is expected", known = Script::NAMES.join(", "))]
pub struct UnknownScenario(String);

/// How far a script has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ScriptProgress {
    pub name: String,
    /// Steps that are still to come.
    pub left: usize,
    /// The orders that it placed.
    pub orders: Vec<OrderSn>,
    /// Steps that the shop refused, in plain words.
    pub refused: Vec<String>,
}

/// The same within the agenda.
pub(crate) type Play = ScriptProgress;

impl Script {
    /// Scenarios that are there ready-made.
    pub const NAMES: [&str; 5] = [
        "six_hours_of_silence",
        "suspended_push",
        "shuffled_life",
        "late_adjustment",
        "return_after_completion",
    ];

    pub fn new(name: impl Into<String>, seed: u64) -> Self {
        Self {
            name: name.into(),
            seed,
            steps: Vec::new(),
        }
    }

    /// One of [`Script::NAMES`]; what it leaves open is drawn from the seed.
    pub fn named(name: &str, seed: u64) -> Result<Self, UnknownScenario> {
        let script = Self::new(name, seed);
        match name {
            "six_hours_of_silence" => Ok(ready_made::silence(script)),
            "suspended_push" => Ok(ready_made::suspension(script)),
            "shuffled_life" => Ok(ready_made::shuffled_life(script)),
            "late_adjustment" => Ok(ready_made::late_adjustment(script)),
            "return_after_completion" => Ok(ready_made::late_return(script)),
            _ => Err(UnknownScenario(name.to_owned())),
        }
    }

    /// Adds a step. Steps of the same time happen in the order in which they were added.
    #[must_use]
    pub fn at(mut self, time: Duration, deed: Deed) -> Self {
        self.steps.push((time, deed));
        self
    }

    pub fn steps(&self) -> &[(Duration, Deed)] {
        &self.steps
    }

    /// From its beginning to its last step.
    pub fn length(&self) -> Duration {
        let times = self.steps.iter().map(|(time, _)| *time);
        times.max().unwrap_or_default()
    }
}
