//! An error with its causes.

use std::error::Error;

/// An error with its causes, for the log. Some errors say what their cause says: it is said once.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let said = cause.to_string();
        if !text.ends_with(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    enum Failure {
        #[error("the row is refused")]
        Refused(#[source] Box<Failure>),
        #[error("by the database: {0}")]
        Said(#[source] Box<Failure>),
        #[error("no such day")]
        Reason,
    }

    #[test]
    fn a_cause_that_was_said_already_is_not_said_again() {
        let said = Failure::Said(Box::new(Failure::Reason));
        let refused = Failure::Refused(Box::new(said));
        assert_eq!(
            chain(&refused),
            "the row is refused: by the database: no such day"
        );
    }
}
