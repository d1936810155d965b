//! The server process of a cluster: making its data folder, starting it, stopping it.

use std::fs::{self, File};
use std::io::Read as _;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rustix::process::Signal;

use super::account::Account;
use super::binaries::Binaries;
use super::lock_file::LockFile;
use super::place::Place;
use super::profile::Profile;
use crate::process::{output, signal, wait_until};

/// The name of the cluster's superuser.
pub const SUPERUSER: &str = "postgres";
/// Long enough for a large `dev` cluster to recover after a crash of the machine.
const START_LIMIT: Duration = Duration::from_mins(1);
/// How often a start is repeated when the port was taken meanwhile, or when processes of a killed
/// server have not noticed yet that it is gone.
const START_TRIES: usize = 20;
const PAUSE_BETWEEN_TRIES: Duration = Duration::from_millis(250);
/// How long open transactions may take to be rolled back.
const STOP_LIMIT: Duration = Duration::from_secs(20);
const CRASH_STOP_LIMIT: Duration = Duration::from_secs(5);

/// Locales in the order of preference: bytewise order with Unicode's letters, then what is left. Only what is
/// called `C` is compared as bytes: `C.UTF-8` means the same, and asks the C library for each pair of keys.
const LOCALES: [&[&str]; 3] = [
    &["--locale=C.UTF-8", "--lc-collate=C"],
    &["--locale=C", "--lc-ctype=en_US.UTF-8"],
    &["--locale=C"],
];

/// A server that runs.
#[derive(Debug)]
pub struct Server {
    pid: u32,
    port: u16,
    /// The process, when this command has started it.
    child: Option<Child>,
}

/// What a server is made of.
#[derive(Debug, Clone)]
pub struct Plan<'a> {
    pub account: &'a Account,
    pub binaries: &'a Binaries,
    pub place: &'a Place,
    pub profile: Profile,
}

impl Server {
    /// The server that already runs on this data folder, once it is ready.
    pub fn running(place: &Place) -> Option<Self> {
        let mut found = None;
        let answered = wait_until(START_LIMIT, || {
            found = LockFile::read(&place.data).filter(|lock| lock.is_server_of(&place.data));
            found.as_ref().is_none_or(|lock| lock.ready)
        });
        let lock = found?;
        match lock.port {
            Some(port) if answered => Some(Self {
                pid: lock.pid,
                port,
                child: None,
            }),
            _ => {
                // It is alive but will never answer: make room for one that does.
                signal(lock.pid, Signal::KILL);
                None
            }
        }
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The number of the server's process.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Stops the server in order, and by force when it does not end.
    pub fn stop(&mut self, place: &Place) {
        // "Fast": open transactions are rolled back. "Immediate": recovery at the next start.
        for (how, limit) in [(Signal::INT, STOP_LIMIT), (Signal::QUIT, CRASH_STOP_LIMIT)] {
            signal(self.pid, how);
            if wait_until(limit, || self.is_gone(place)) {
                return;
            }
        }
        signal(self.pid, Signal::KILL);
        let _ = wait_until(CRASH_STOP_LIMIT, || self.is_gone(place));
    }

    /// Ends the server at once ("immediate"): what is open is lost, what was committed is recovered.
    pub fn crash(&mut self, place: &Place) -> anyhow::Result<()> {
        signal(self.pid, Signal::QUIT);
        if wait_until(CRASH_STOP_LIMIT, || self.is_gone(place)) {
            return Ok(());
        }
        signal(self.pid, Signal::KILL);
        if wait_until(CRASH_STOP_LIMIT, || self.is_gone(place)) {
            return Ok(());
        }
        bail!("Postgres (process {}) does not end", self.pid)
    }

    fn is_gone(&mut self, place: &Place) -> bool {
        match &mut self.child {
            Some(child) => child.try_wait().is_ok_and(|status| status.is_some()),
            None => !LockFile::read(&place.data)
                .is_some_and(|lock| lock.pid == self.pid && lock.is_server_of(&place.data)),
        }
    }
}

impl Plan<'_> {
    /// Makes the data folder if there is none, with `password` for connections over the network.
    pub fn initialise(&self, password: &str) -> anyhow::Result<()> {
        let Place { home, data, .. } = self.place;
        if data.join("PG_VERSION").exists() {
            return Ok(());
        }
        // Make it beside its final place: a killed `initdb` leaves nothing that looks complete.
        let draft = home.join("data.new");
        let password_file = home.join("password");
        fs::write(&password_file, password).context("cannot write the cluster's password")?;
        self.account.own_file(&password_file)?;
        let mut last_error = None;
        for locale in LOCALES {
            remove_folder(&draft)?;
            let mut initdb = self.account.command(self.binaries.program("initdb"));
            initdb
                .args(["--encoding=UTF8", "--no-instructions", "-U", SUPERUSER])
                .args(["--auth-local=trust", "--auth-host=password"])
                .args(locale)
                .arg("--pwfile")
                .arg(&password_file)
                .arg("-D")
                .arg(&draft);
            if !self.profile.keeps_data() {
                initdb.arg("--no-sync");
            }
            match output(&mut initdb) {
                Ok(_) => {
                    return fs::rename(&draft, data).context("cannot put the cluster in place");
                }
                Err(error) => last_error = Some(error),
            }
        }
        Err(last_error.unwrap_or_else(|| anyhow::anyhow!("initdb has no locale to try")))
    }

    /// Starts the server and waits until it accepts connections.
    pub fn start(&self) -> anyhow::Result<Server> {
        // No server lives here, or `Server::running` would have found it: whatever claims so was
        // left behind, and its number may by now be another program's.
        let _ = fs::remove_file(LockFile::path(&self.place.data));
        remove_folder(&self.place.sockets)?;
        self.account.own_folder(&self.place.sockets)?;
        let mut port = self.port_of_last_time();
        let mut last_words = String::new();
        for _ in 0..START_TRIES {
            let candidate = match port.take() {
                Some(port) => port,
                None => free_port()?,
            };
            let mut child = self.spawn(candidate)?;
            if self.becomes_ready(&mut child) {
                let _ = fs::write(self.port_file(), candidate.to_string());
                return Ok(Server {
                    pid: child.id(),
                    port: candidate,
                    child: Some(child),
                });
            }
            let _ = child.kill();
            let _ = child.wait();
            last_words = self.last_words();
            if !may_pass(&last_words) {
                break;
            }
            std::thread::sleep(PAUSE_BETWEEN_TRIES);
        }
        bail!(
            "Postgres does not start; its last words in {}:\n{last_words}",
            self.log().display()
        )
    }

    fn spawn(&self, port: u16) -> anyhow::Result<Child> {
        let log = File::create(self.log()).context("cannot create the server's log")?;
        let mut command: Command = self.account.command(self.binaries.program("postgres"));
        command
            .arg("-D")
            .arg(&self.place.data)
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "timezone=UTC"])
            .args([
                "-c",
                "log_timezone=UTC",
                "-c",
                "unix_socket_permissions=0700",
            ])
            .args(["-c", &format!("port={port}")])
            .args([
                "-c",
                &format!("unix_socket_directories={}", self.place.sockets.display()),
            ]);
        for setting in self.profile.settings() {
            command.args(["-c", setting]);
        }
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone().context("cannot share the server's log")?)
            .stderr(log)
            // Ctrl-C is for the commands that use the server; it ends after them.
            .process_group(0)
            .spawn()
            .context("cannot run postgres")
    }

    fn becomes_ready(&self, child: &mut Child) -> bool {
        let since = Instant::now();
        let mut ready = false;
        let settled = wait_until(START_LIMIT, || {
            ready = LockFile::read(&self.place.data)
                .is_some_and(|lock| lock.ready && lock.pid == child.id());
            ready || child.try_wait().is_ok_and(|status| status.is_some())
        });
        if !settled {
            let seconds = since.elapsed().as_secs();
            crate::console::progress(format_args!("Postgres is not ready after {seconds} s"));
        }
        ready
    }

    fn log(&self) -> PathBuf {
        self.place.home.join("server.log")
    }

    fn last_words(&self) -> String {
        let mut text = String::new();
        if let Ok(mut log) = File::open(self.log()) {
            let _ = log.read_to_string(&mut text);
        }
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(12)..].join("\n")
    }

    fn port_file(&self) -> PathBuf {
        self.place.home.join("port")
    }

    /// The same port as before, so that an operator's bookmarks stay right; none if it is taken.
    fn port_of_last_time(&self) -> Option<u16> {
        let port = fs::read_to_string(self.port_file())
            .ok()?
            .trim()
            .parse()
            .ok()?;
        TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .is_ok()
            .then_some(port)
    }
}

/// Removes a folder with everything in it, if it exists.
pub fn remove_folder(path: &std::path::Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr().context("no free port")?.port())
}

/// Whether a start that failed with these words may succeed a moment later.
fn may_pass(last_words: &str) -> bool {
    last_words.contains("could not bind")
        || last_words.contains("Address already in use")
        || last_words.contains("pre-existing shared memory block is still in use")
        || last_words.contains("is another postmaster")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_worth_another_try_and_a_broken_setting_is_not() {
        assert!(may_pass(
            "LOG: could not bind IPv4 address \"127.0.0.1\": Address already in use"
        ));
        assert!(!may_pass(
            "FATAL: unrecognized configuration parameter \"jitt\""
        ));
    }
}
