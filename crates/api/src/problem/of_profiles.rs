//! What failures of changing a profile become for a client.

use hawker_domain::profile::Missing;
use hawker_usecases::diagnose_profile::DiagnoseError;
use hawker_usecases::manage_profiles::ProfileError;
use hawker_usecases::problems::FieldProblem;

use super::{FieldError, Kind, Problem};

impl From<ProfileError> for Problem {
    fn from(error: ProfileError) -> Self {
        let told = sentence(&error.to_string());
        match error {
            ProfileError::NoSuchProfile(id) => Self::no_such("profile", id.as_str()),
            ProfileError::Changed {
                current_version, ..
            } => Self::new(Kind::VersionMismatch, told).with_current_version(current_version),
            ProfileError::Taken(id) => Self::new(
                Kind::KeyReused,
                format!(
                    "This Idempotency-Key made the profile `{id}`, which was changed since or is \
                     not what is asked for here. Look at it, and take a new key to make another."
                ),
            ),
            ProfileError::IsActive(_) => Self::new(Kind::ProfileIsActive, told),
            ProfileError::NotConfigured { missing, .. } => Self::not_configured(told, &missing),
            ProfileError::Invalid { problems } => Self::invalid(told, problems),
            ProfileError::Seal(error) => Self::internal(&error),
            ProfileError::Store(error) => error.into(),
        }
    }
}

impl From<DiagnoseError> for Problem {
    fn from(error: DiagnoseError) -> Self {
        match error {
            DiagnoseError::NoSuchProfile(id) => Self::no_such("profile", id.as_str()),
            DiagnoseError::Store(error) => error.into(),
        }
    }
}

impl Problem {
    /// Something has to be filled in first.
    pub(crate) fn not_configured(detail: String, missing: &[Missing]) -> Self {
        let missing = missing.iter().map(|missing| missing.as_str()).collect();
        Self::new(Kind::NotConfigured, detail).with_missing(missing)
    }

    /// Fields are not as they must be.
    pub(super) fn invalid(detail: String, problems: Vec<FieldProblem>) -> Self {
        let errors = problems.into_iter().map(|problem| FieldError {
            field: problem.field.to_owned(),
            message: problem.message,
        });
        Self::new(Kind::Invalid, detail).with_errors(errors.collect())
    }
}

/// The words of an error as a sentence for a person.
pub(super) fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string());
    let rest = chars.as_str();
    let end = if words.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    format!("{}{rest}{end}", first.unwrap_or_default())
}
