//! How far a run of a window came that was asked for, so that its next attempt goes on there.
//!
//! Invariant: what it tells was committed before.

use hawker_domain::Timestamp;
use hawker_domain::schedule::Counts;
use hawker_ports::Progress;
use hawker_ports::recovery::ListedBy;
use serde::{Deserialize, Serialize};

use super::plan::Step;

/// Until when each pass was compared, and what was done so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reached {
    updated_until: Option<Timestamp>,
    created_until: Option<Timestamp>,
    counts: Counts,
}

impl Reached {
    /// What an attempt before told; one that cannot be read told nothing.
    pub(super) fn of(progress: &dyn Progress) -> Self {
        let told = progress.resumes();
        told.and_then(|told| serde_json::from_value(told).ok())
            .unwrap_or_default()
    }

    /// Whether a step was compared before, to its end.
    pub(super) fn is_behind(&self, step: &Step) -> bool {
        let until = match step.by {
            ListedBy::Updated => self.updated_until,
            ListedBy::Created => self.created_until,
        };
        until >= Some(step.window.to)
    }

    /// What was done before.
    pub(super) fn counts(&self) -> Counts {
        self.counts.clone()
    }

    /// A step is committed.
    pub(super) fn tell(&mut self, step: &Step, counts: &Counts, progress: &dyn Progress) {
        let until = match step.by {
            ListedBy::Updated => &mut self.updated_until,
            ListedBy::Created => &mut self.created_until,
        };
        *until = Some(step.window.to);
        self.counts = counts.clone();
        if let Ok(told) = serde_json::to_value(&self) {
            progress.reached(told);
        }
    }
}
