//! How the program ends, in a number that a script can act on. Documented in `hawker --help`.

use std::process::ExitCode;

use hawker_ports::StoreError;
use hawker_usecases::add_variants::AddVariantsError;

use crate::config::ConfigError;

/// The exit codes, as they are documented.
pub const HELP: &str = "Exit codes:
  0  done
  1  failed; the message says why
  2  the command line could not be understood
  3  a setting is missing or wrong; every problem is listed
  4  what was asked for does not exist
  5  the database cannot be reached";

/// Something that was asked for does not exist.
#[derive(Debug, thiserror::Error)]
#[error("{what} {name} does not exist")]
pub struct Missing {
    /// What kind of thing, for example `event`.
    pub what: &'static str,
    /// Which.
    pub name: String,
}

/// The database cannot be reached.
#[derive(Debug, thiserror::Error)]
#[error("the database cannot be reached; DATABASE_URL says where it is looked for")]
pub struct Unreachable(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// The exit code for an error.
pub fn code_of(error: &anyhow::Error) -> ExitCode {
    if error.is::<ConfigError>() {
        return ExitCode::from(3);
    }
    if error.is::<Missing>() {
        return ExitCode::from(4);
    }
    if error.is::<Unreachable>() {
        return ExitCode::from(5);
    }
    let store_error = match error.downcast_ref::<AddVariantsError>() {
        Some(AddVariantsError::UnknownPlace(_)) => return ExitCode::from(4),
        Some(AddVariantsError::Store(error)) => Some(error),
        None => error.downcast_ref::<StoreError>(),
    };
    match store_error {
        Some(StoreError::Unavailable(_)) => ExitCode::from(5),
        Some(StoreError::NoSuchTenant(_)) => ExitCode::from(4),
        _ => ExitCode::FAILURE,
    }
}
