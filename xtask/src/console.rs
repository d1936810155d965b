//! What the tools say to the person at the terminal.
//!
//! Standard output belongs to results (findings, the runner's own output); progress goes to
//! standard error, so that a pipe sees only results. A closed pipe is no error: whoever stopped
//! reading knows.

use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};

/// A result, on standard output.
pub fn result(line: impl fmt::Display) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// One line of progress, on standard error.
pub fn progress(line: impl fmt::Display) {
    let mark = Paint::for_stderr().dim("xtask:");
    let _ = writeln!(io::stderr().lock(), "{mark} {line}");
}

/// Text on standard error as it is, such as a table that must stay aligned.
pub fn note(text: impl fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// The error that ends a command, with all its causes.
pub fn failure(error: &anyhow::Error) {
    let mark = Paint::for_stderr().red("error:");
    let _ = writeln!(io::stderr().lock(), "{mark} {error:#}");
}

/// Colours, when somebody is there to see them and did not ask for none (`NO_COLOR`).
#[derive(Debug, Clone, Copy)]
pub struct Paint {
    enabled: bool,
}

impl Paint {
    pub fn new(enabled: bool) -> Self {
        Self { enabled }
    }

    pub fn for_stdout() -> Self {
        Self::new(io::stdout().is_terminal() && wanted())
    }

    pub fn for_stderr() -> Self {
        Self::new(io::stderr().is_terminal() && wanted())
    }

    pub fn bold(self, text: impl fmt::Display) -> String {
        self.wrap("1", text)
    }

    pub fn dim(self, text: impl fmt::Display) -> String {
        self.wrap("2", text)
    }

    pub fn red(self, text: impl fmt::Display) -> String {
        self.wrap("31", text)
    }

    pub fn green(self, text: impl fmt::Display) -> String {
        self.wrap("32", text)
    }

    pub fn yellow(self, text: impl fmt::Display) -> String {
        self.wrap("33", text)
    }

    pub fn blue(self, text: impl fmt::Display) -> String {
        self.wrap("34", text)
    }

    pub fn magenta(self, text: impl fmt::Display) -> String {
        self.wrap("35", text)
    }

    pub fn cyan(self, text: impl fmt::Display) -> String {
        self.wrap("36", text)
    }

    fn wrap(self, code: &str, text: impl fmt::Display) -> String {
        if self.enabled {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_string()
        }
    }
}

/// <https://no-color.org>: any non-empty value means no colours.
fn wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}
