//! What people may say about exceptions, and why something is not accepted.

use chrono::TimeDelta;
use hawker_domain::Timestamp;
use hawker_ports::StoreError;

/// The longest note, in characters.
pub const NOTE_CHARS_MAX: usize = 2000;

/// The longest name of whom an exception is given to, in characters.
pub const ASSIGNEE_CHARS_MAX: usize = 100;

/// The longest that an exception is out of sight: whoever wants to see it never again does not fix it.
pub const SNOOZE_LONGEST: TimeDelta = TimeDelta::days(90);

/// Why no note was written.
#[derive(Debug, thiserror::Error)]
pub enum NoteError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nothing is written in it.
    #[error("the note is empty: write what somebody else should know")]
    Empty,
    /// It is a book.
    #[error("the note has {0} characters, at most {NOTE_CHARS_MAX} are kept: shorten it")]
    TooLong(usize),
}

/// Why nothing was given to anybody.
#[derive(Debug, thiserror::Error)]
pub enum AssignError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It is no name.
    #[error(
        "the name has {0} characters, at most {ASSIGNEE_CHARS_MAX} are kept: shorten it; a note holds more"
    )]
    TooLong(usize),
}

/// Why nothing was snoozed.
#[derive(Debug, thiserror::Error)]
pub enum SnoozeError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The moment is over.
    #[error("{0} is not in the future: name a later moment, or none to end the snooze")]
    NotInTheFuture(Timestamp),
    /// It would be forgotten.
    #[error(
        "{until} is more than {} days ahead: name an earlier moment, or close the exception as won't fix",
        SNOOZE_LONGEST.num_days()
    )]
    TooFar {
        /// What was asked for.
        until: Timestamp,
    },
}

/// Why nothing was closed.
#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The note cannot be kept.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Open is not closed.
    #[error("an exception is closed as `resolved` or as `wont_fix`")]
    StaysOpen,
}

/// The text of a note as it is kept.
pub(super) fn note(text: &str) -> Result<&str, NoteError> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(NoteError::Empty),
        1..=NOTE_CHARS_MAX => Ok(text),
        more => Err(NoteError::TooLong(more)),
    }
}

/// A person's name as it is kept; none where nothing is said.
pub(super) fn assignee(name: Option<&str>) -> Result<Option<&str>, AssignError> {
    let name = name.map(str::trim).filter(|name| !name.is_empty());
    match name.map_or(0, |name| name.chars().count()) {
        0..=ASSIGNEE_CHARS_MAX => Ok(name),
        more => Err(AssignError::TooLong(more)),
    }
}

/// Whether something may be out of sight until then.
pub(super) fn snoozed_until(until: Option<Timestamp>, now: Timestamp) -> Result<(), SnoozeError> {
    match until {
        Some(until) if until <= now => Err(SnoozeError::NotInTheFuture(until)),
        Some(until) if until - now > SNOOZE_LONGEST => Err(SnoozeError::TooFar { until }),
        _ => Ok(()),
    }
}
