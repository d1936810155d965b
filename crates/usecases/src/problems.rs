//! What is wrong with an input, in words, all of it at once.

use serde::Serialize;

/// One thing that is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldProblem {
    /// The field, by its name in the API.
    pub field: &'static str,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl FieldProblem {
    /// A problem of `field`.
    pub fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self {
            field,
            message: message.into(),
        }
    }
}

/// The problems as one sentence.
pub(crate) fn told(problems: &[FieldProblem]) -> String {
    let told: Vec<_> = problems
        .iter()
        .map(|FieldProblem { field, message }| format!("{field} {message}"))
        .collect();
    told.join("; ")
}
