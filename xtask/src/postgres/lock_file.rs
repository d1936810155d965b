//! `postmaster.pid`: what a running server says about itself, and what a killed one leaves behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::output;

/// The content of a server's lock file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockFile {
    pub pid: u32,
    pub port: Option<u16>,
    pub ready: bool,
}

impl LockFile {
    pub fn path(data: &Path) -> PathBuf {
        data.join("postmaster.pid")
    }

    /// Reads the lock file of a data folder; none when there is none or it makes no sense.
    pub fn read(data: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(Self::path(data)).ok()?)
    }

    /// The lines, in order: process id, data folder, start time, port, socket folder, address,
    /// shared memory, status. A server that is starting has not written all of them.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse().ok()?;
        let port = lines.nth(2).and_then(|line| line.trim().parse().ok());
        let ready = lines.nth(3).is_some_and(|line| line.trim() == "ready");
        Some(Self { pid, port, ready })
    }

    /// Whether the process is alive and is the server of this data folder: after a restart of the
    /// machine its number may belong to any other program.
    pub fn is_server_of(&self, data: &Path) -> bool {
        let arguments = fs::read(format!("/proc/{}/cmdline", self.pid)).or_else(|_| {
            let pid = self.pid.to_string();
            output(Command::new("ps").args(["-ww", "-o", "command=", "-p", &pid]))
                .map(String::into_bytes)
        });
        let Ok(arguments) = arguments else {
            return false;
        };
        let arguments = String::from_utf8_lossy(&arguments);
        arguments.contains("postgres") && arguments.contains(&*data.to_string_lossy())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_server_says_that_it_is_ready() {
        let text = "4711\n/data\n1700000000\n54321\n/run\n127.0.0.1\n 1 2\nready   \n";
        let expected = LockFile {
            pid: 4711,
            port: Some(54321),
            ready: true,
        };
        assert_eq!(LockFile::parse(text), Some(expected));
    }

    #[test]
    fn a_starting_server_is_not_ready() {
        let text = "4711\n/data\n1700000000\n54321\n/run\n127.0.0.1\n 1 2\nstarting\n";
        assert!(!LockFile::parse(text).unwrap().ready);
        assert!(!LockFile::parse("4711\n/data\n").unwrap().ready);
    }

    #[test]
    fn an_empty_or_broken_file_is_no_server() {
        assert_eq!(LockFile::parse(""), None);
        assert_eq!(LockFile::parse("no number\n"), None);
    }

    #[test]
    fn another_program_with_the_same_number_is_not_the_server() {
        let ours = LockFile {
            pid: std::process::id(),
            port: None,
            ready: true,
        };
        assert!(!ours.is_server_of(Path::new("/no/such/data")));
    }
}
