//! Telling whoever waits how far it is: on standard error, which is not for results.

use std::fmt;
use std::io::{Write as _, stderr};

/// One line of progress. That nobody reads it is no reason to stop.
pub fn say(line: impl fmt::Display) {
    writeln!(stderr().lock(), "bench: {line}").ok();
}
