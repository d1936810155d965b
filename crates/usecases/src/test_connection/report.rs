//! What a test found.

use hawker_domain::ids::ProfileId;
use serde::Serialize;

/// The checks, in the order in which they are made: each needs those before it.
const CHECKS: [&str; 7] = [
    "settings", "secrets", "host", "clock", "app", "token", "shop",
];

/// What a test of a profile's connection found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConnectionReport {
    /// The profile.
    #[serde(rename = "profile_id")]
    pub profile: ProfileId,
    /// Whether every check passed.
    pub is_ok: bool,
    /// The checks, in the order in which they were made.
    pub checks: Vec<Check>,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// `settings`, `secrets`, `host`, `clock`, `app`, `token` or `shop`.
    pub name: &'static str,
    /// What came of it.
    pub outcome: Outcome,
    /// In words; of one that failed also the next step.
    pub message: String,
    /// The marketplace's own id of the call, to be quoted to its support.
    pub request_id: Option<String>,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// All is well.
    Passed,
    /// Something is wrong.
    Failed,
    /// It was not made, because of what failed before it.
    Skipped,
}

impl ConnectionReport {
    /// The checks that failed.
    pub fn failed(&self) -> impl Iterator<Item = &Check> {
        let checks = self.checks.iter();
        checks.filter(|check| check.outcome == Outcome::Failed)
    }
}

/// The checks that were made so far.
#[derive(Default)]
pub(super) struct Checks(Vec<Check>);

impl Checks {
    pub(super) fn passed(&mut self, name: &'static str, message: impl Into<String>) {
        self.0.push(Check {
            name,
            outcome: Outcome::Passed,
            message: message.into(),
            request_id: None,
        });
    }

    pub(super) fn failed(
        &mut self,
        name: &'static str,
        message: impl Into<String>,
        request_id: Option<&str>,
    ) {
        self.0.push(Check {
            name,
            outcome: Outcome::Failed,
            message: message.into(),
            request_id: request_id.map(str::to_owned),
        });
    }

    /// All of them: those that were not made are skipped.
    pub(super) fn report(mut self, profile: &ProfileId) -> ConnectionReport {
        let checks = CHECKS.map(|name| {
            let place = self.0.iter().position(|check| check.name == name);
            place.map_or_else(|| skipped(name), |place| self.0.swap_remove(place))
        });
        ConnectionReport {
            profile: profile.clone(),
            is_ok: checks.iter().all(|check| check.outcome == Outcome::Passed),
            checks: checks.into(),
        }
    }
}

fn skipped(name: &'static str) -> Check {
    Check {
        name,
        outcome: Outcome::Skipped,
        message: "Not tried: something else has to be put right first.".to_owned(),
        request_id: None,
    }
}
