//! How far something is, on standard error: one line that is written over on a terminal, else a line
//! every few seconds.

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hawker_domain::schedule::Counts;
use hawker_ports::Progress;
use tokio::time::Instant;

/// Between two lines where there is no terminal.
const EVERY: Duration = Duration::from_secs(5);

/// The line.
pub(super) struct ProgressLine {
    what: String,
    is_terminal: bool,
    is_stopping: AtomicBool,
    shown: Mutex<Shown>,
}

/// What was shown last.
#[derive(Default)]
struct Shown {
    at: Option<Instant>,
    text: String,
}

impl ProgressLine {
    /// Tells of `what`.
    pub(super) fn of(what: &str) -> Self {
        Self {
            what: what.to_owned(),
            is_terminal: std::io::stderr().is_terminal(),
            is_stopping: AtomicBool::new(false),
            shown: Mutex::new(Shown::default()),
        }
    }

    /// Nothing more is to be begun.
    pub(super) fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    /// Shows how far it is; a standard error that is gone is no reason to end.
    pub(super) fn show(&self, how_far: &str) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let text = format!("{}: {how_far}", self.what);
        if text == shown.text {
            return;
        }
        let mut stderr = std::io::stderr().lock();
        if self.is_terminal {
            let rest = shown
                .text
                .chars()
                .count()
                .saturating_sub(text.chars().count());
            write!(stderr, "\r{text}{}", " ".repeat(rest)).ok();
            stderr.flush().ok();
        } else if shown.at.is_some_and(|at| at.elapsed() < EVERY) {
            return;
        } else {
            writeln!(stderr, "{text}").ok();
        }
        *shown = Shown {
            at: Some(Instant::now()),
            text,
        };
    }

    /// Ends the line, so that what follows does not stand behind it.
    pub(super) fn end(&self) {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_terminal && !shown.text.is_empty() {
            writeln!(std::io::stderr().lock()).ok();
        }
    }
}

impl Progress for ProgressLine {
    fn tell(&self, counts: &Counts) {
        let Counts(counts) = counts;
        let told: Vec<_> = counts
            .iter()
            .map(|(what, number)| format!("{} {number}", what.replace('_', " ")))
            .collect();
        self.show(&told.join(" · "));
    }

    fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }
}
