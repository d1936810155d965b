//! What is to be done about one exception, as it comes in.

use chrono::{DateTime, Utc};
use hawker_usecases::manage_profiles::Edited;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::problem::{FieldError, Kind, Problem};

/// To whom exceptions are given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ExceptionAssignment, example = json!({ "assignee": "mei" }))]
pub(crate) struct AssignForm {
    /// A person's name; `null` takes them back.
    #[serde(default)]
    #[schema(required, value_type = Option<String>, max_length = 100)]
    assignee: Edited<String>,
}

/// A note.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ExceptionNoteDraft, example = json!({ "note": "Asked the courier; answer by Friday." }))]
pub(crate) struct NoteForm {
    /// What is to be remembered.
    #[schema(min_length = 1, max_length = 2000)]
    note: String,
}

/// Until when exceptions are out of sight.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ExceptionSnooze, example = json!({ "until": "2026-11-23T01:00:00Z" }))]
pub(crate) struct SnoozeForm {
    /// A moment within the next 90 days; `null` brings them back at once.
    #[serde(default)]
    #[schema(required, value_type = Option<DateTime<Utc>>)]
    until: Edited<DateTime<Utc>>,
}

/// Why exceptions are closed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ExceptionClosing, example = json!({ "note": "Shipped by hand." }))]
pub(crate) struct CloseForm {
    /// Kept as a note.
    #[schema(min_length = 1, max_length = 2000)]
    note: Option<String>,
}

impl AssignForm {
    pub(crate) fn assignee(self) -> Result<Option<String>, Problem> {
        said("assignee", self.assignee).map_err(|error| refused(vec![error]))
    }
}

impl NoteForm {
    pub(crate) fn note(self) -> String {
        self.note
    }
}

impl SnoozeForm {
    pub(crate) fn until(self) -> Result<Option<DateTime<Utc>>, Problem> {
        said("until", self.until).map_err(|error| refused(vec![error]))
    }
}

impl CloseForm {
    pub(crate) fn note(self) -> Option<String> {
        self.note
    }
}

/// What was said; `null` says that there is to be nothing.
pub(super) fn said<T>(field: &str, given: Edited<T>) -> Result<Option<T>, FieldError> {
    match given {
        Edited::Kept => Err(missing(field)),
        Edited::Cleared => Ok(None),
        Edited::To(value) => Ok(Some(value)),
    }
}

pub(super) fn missing(field: &str) -> FieldError {
    wrong(field, "it is missing")
}

pub(super) fn wrong(field: &str, message: &str) -> FieldError {
    FieldError {
        field: field.to_owned(),
        message: message.to_owned(),
    }
}

pub(super) fn refused(errors: Vec<FieldError>) -> Problem {
    let told: Vec<_> = errors
        .iter()
        .map(|FieldError { field, message }| format!("`{field}`: {message}"))
        .collect();
    let detail = format!("Nothing was done: {}.", told.join("; "));
    Problem::new(Kind::Invalid, detail).with_errors(errors)
}
