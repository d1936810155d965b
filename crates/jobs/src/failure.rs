//! Why a piece of background work came to nothing: the store said no, or the work panicked.

use std::any::Any;
use std::error::Error;
use std::fmt::Write as _;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use hawker_ports::StoreError;

/// Why a piece of work came to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the work panicked: {0}")]
    Panicked(String),
}

impl Failure {
    /// Whether one member of a batch may be to blame, so that the others succeed without it.
    pub(crate) const fn may_lie_in_one_member(&self) -> bool {
        matches!(
            self,
            Self::Store(StoreError::Refused { .. } | StoreError::Corrupt { .. })
                | Self::Panicked(_)
        )
    }

    /// The result as metrics name it.
    pub(crate) const fn result(&self) -> &'static str {
        match self {
            Self::Store(_) => "failed",
            Self::Panicked(_) => "panicked",
        }
    }

    /// The failure with all its causes on one line, for the place that logs it.
    pub(crate) fn with_causes(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            let said = error.to_string();
            // Some errors say what their cause says.
            if !text.ends_with(&said) {
                let _ = write!(text, ": {said}");
            }
            cause = error.source();
        }
        text
    }
}

/// Runs work so that its panic is a failure like any other. What the work left half-done is gone
/// with its unit of work, which rolls back when dropped.
pub(crate) async fn caught<T>(
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, Failure> {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(result) => Ok(result?),
        Err(panic) => Err(Failure::Panicked(message_of(&*panic))),
    }
}

pub(crate) fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_a_failure_with_its_words() {
        let failure = caught::<()>(async { panic!("the {} broke", "belt") }).await;
        assert_eq!(
            failure.map_err(|f| f.to_string()),
            Err("the work panicked: the belt broke".into())
        );
    }

    #[test]
    fn causes_are_told_once_each() {
        let failure = Failure::from(StoreError::Unavailable("connection refused".into()));
        assert_eq!(
            failure.with_causes(),
            "the database cannot be reached: connection refused"
        );
    }
}
