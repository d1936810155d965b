//! What failures of the store become for a client. The cause is logged here, once; the client learns
//! what it can act on.

use std::error::Error;

use hawker_ports::StoreError;

use super::{Kind, Outcome, Problem};

/// When a request that the database could not answer may come again, in seconds.
const STORE_RETRY_SECONDS: u32 = 5;

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::from(&error)
    }
}

impl From<&StoreError> for Problem {
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => {
                log(error);
                Self::later(
                    Kind::StoreUnavailable,
                    "The database cannot be reached, so nothing was done. Try again in a moment; \
                     /readyz tells when it is back.",
                    STORE_RETRY_SECONDS,
                )
            }
            StoreError::CommitUnknown(_) => {
                log(error);
                Self::later(
                    Kind::StoreUnavailable,
                    "The connection to the database was lost while the change was being kept: it \
                     may have happened or not. Read the thing again before you repeat the change.",
                    STORE_RETRY_SECONDS,
                )
                .with_outcome(Outcome::Unknown)
            }
            StoreError::Conflict { entity, .. } => Self::new(
                Kind::Conflict,
                format!(
                    "Somebody else changed {entity} at the same time. Read it again and retry."
                ),
            )
            .with_outcome(Outcome::Failed),
            StoreError::NoSuchTenant(tenant) => Self::new(
                Kind::NotFound,
                format!("The merchant `{tenant}` of this token is not set up here any more."),
            ),
            StoreError::Refused { .. } | StoreError::Poisoned | StoreError::Corrupt { .. } => {
                Self::internal(error)
            }
        }
    }
}

impl Problem {
    /// A failure that only the log can explain.
    pub(crate) fn internal(error: &dyn Error) -> Self {
        tracing::error!(event = "http.failed", error = chain(error));
        Self::new(
            Kind::Internal,
            "Something went wrong here. The log has the cause under this request's id; read the \
             thing again before you repeat a change.",
        )
    }
}

fn log(error: &dyn Error) {
    tracing::warn!(event = "http.unavailable", error = chain(error));
}

/// An error with its causes.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
