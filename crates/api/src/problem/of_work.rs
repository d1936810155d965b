//! What failures of working on exceptions, and of asking for orders and runs of jobs, become for a
//! client.

use hawker_usecases::manage_jobs::AskJobError;
use hawker_usecases::refresh_one_order::AskError;
use hawker_usecases::work_exceptions::{AssignError, CloseError, NoteError, SnoozeError};

use super::of_profiles::sentence;
use super::{FieldError, Kind, Problem};

impl From<AskError> for Problem {
    fn from(error: AskError) -> Self {
        let told = sentence(&error.to_string());
        match error {
            AskError::NoSuchProfile(id) => Self::no_such("profile", id.as_str()),
            AskError::NoActiveProfile => Self::new(Kind::NotConfigured, told),
            AskError::Ambiguous { .. } => Self::of_field("profile_id", told),
            AskError::Store(error) => error.into(),
        }
    }
}

impl From<AskJobError> for Problem {
    fn from(error: AskJobError) -> Self {
        let told = sentence(&error.to_string());
        match error {
            AskJobError::NoSuchProfile(id) => Self::no_such("profile", id.as_str()),
            AskJobError::NoActiveProfile(_) => Self::new(Kind::NotConfigured, told),
            AskJobError::AskedAlready(_) => Self::new(Kind::Conflict, told),
            AskJobError::NotOfAProfile(_) => Self::of_field("profile_id", told),
            AskJobError::NoWindow(_) | AskJobError::BadWindow => Self::of_field("from", told),
            AskJobError::Store(error) => error.into(),
        }
    }
}

impl From<AssignError> for Problem {
    fn from(error: AssignError) -> Self {
        match error {
            AssignError::Store(error) => error.into(),
            AssignError::TooLong(_) => Self::of_field("assignee", sentence(&error.to_string())),
        }
    }
}

impl From<NoteError> for Problem {
    fn from(error: NoteError) -> Self {
        match error {
            NoteError::Store(error) => error.into(),
            NoteError::Empty | NoteError::TooLong(_) => {
                Self::of_field("note", sentence(&error.to_string()))
            }
        }
    }
}

impl From<SnoozeError> for Problem {
    fn from(error: SnoozeError) -> Self {
        match error {
            SnoozeError::Store(error) => error.into(),
            SnoozeError::NotInTheFuture(_) | SnoozeError::TooFar { .. } => {
                Self::of_field("until", sentence(&error.to_string()))
            }
        }
    }
}

impl From<CloseError> for Problem {
    fn from(error: CloseError) -> Self {
        match error {
            CloseError::Store(error) => error.into(),
            CloseError::Note(error) => error.into(),
            CloseError::StaysOpen => Self::of_field("status", sentence(&error.to_string())),
        }
    }
}

impl Problem {
    /// A value does not fit, for a reason that is told in words.
    fn of_field(field: &str, told: String) -> Self {
        let error = FieldError {
            field: field.to_owned(),
            message: told.clone(),
        };
        Self::new(Kind::Invalid, told).with_errors(vec![error])
    }
}
