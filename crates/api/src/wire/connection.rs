//! What testing a connection found, as it goes out.

use hawker_usecases::test_connection::{Check, ConnectionReport, Outcome};
use serde::Serialize;
use utoipa::ToSchema;

/// What a test of a profile's connection found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConnectionReport)]
pub(crate) struct ConnectionReportWire {
    /// The profile.
    profile_id: String,
    /// Whether every check passed.
    is_ok: bool,
    /// The checks, in the order in which they were made: each needs those before it.
    checks: Vec<CheckWire>,
}

/// One check.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConnectionCheck)]
struct CheckWire {
    /// `settings`, `secrets`, `host`, `clock`, `app`, `token` or `shop`.
    name: &'static str,
    /// What came of it.
    outcome: OutcomeWire,
    /// In words; of one that failed also the next step.
    message: String,
    /// The marketplace's own id of the call, to be quoted to its support.
    #[schema(required)]
    request_id: Option<String>,
}

/// What came of a check.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CheckOutcome)]
enum OutcomeWire {
    /// All is well.
    Passed,
    /// Something is wrong.
    Failed,
    /// It was not made, because of what failed before it.
    Skipped,
}

impl From<ConnectionReport> for ConnectionReportWire {
    fn from(report: ConnectionReport) -> Self {
        let ConnectionReport {
            profile,
            is_ok,
            checks,
        } = report;
        Self {
            profile_id: profile.as_str().to_owned(),
            is_ok,
            checks: checks.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Check> for CheckWire {
    fn from(check: Check) -> Self {
        let Check {
            name,
            outcome,
            message,
            request_id,
        } = check;
        Self {
            name,
            outcome: match outcome {
                Outcome::Passed => OutcomeWire::Passed,
                Outcome::Failed => OutcomeWire::Failed,
                Outcome::Skipped => OutcomeWire::Skipped,
            },
            message,
            request_id,
        }
    }
}
