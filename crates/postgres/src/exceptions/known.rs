//! What a row of exceptions may say that this version has no word for: a newer one, or a person with
//! `psql`, wrote it.

use hawker_domain::ConnectorName;
use hawker_domain::exception::ErrorClass;

/// The class; one that is not known is none of the others.
pub(crate) fn class(text: &str) -> ErrorClass {
    text.parse().unwrap_or(ErrorClass::Unknown)
}

/// The connectors that rows can be read of. Those of others wait for a version that knows them.
pub(crate) fn connectors() -> Vec<String> {
    ConnectorName::ALL.iter().map(ToString::to_string).collect()
}
