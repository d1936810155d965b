//! The service as a process of its own: what a kill does to it can only be seen from outside.

use std::net::SocketAddr;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};
use tokio::task::JoinHandle;

use crate::command::hawker;
use crate::settings::Settings;

/// A running `hawker serve`. Dropping it kills it.
pub struct ServiceProcess {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    logged: Arc<Mutex<Vec<String>>>,
    reading: JoinHandle<()>,
}

impl ServiceProcess {
    /// Starts the program and waits until it listens.
    pub async fn start(settings: &Settings) -> anyhow::Result<Self> {
        let mut child = hawker()?
            .arg("serve")
            .envs(settings.pairs())
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("hawker serve cannot be started")?;
        let stderr = child.stderr.take().context("no log")?;
        let mut log = BufReader::new(stderr).lines();
        let mut logged = Vec::new();
        let address = loop {
            let line = log
                .next_line()
                .await?
                .with_context(|| format!("it ended at once: {logged:?}"))?;
            let entry: Value = serde_json::from_str(&line).unwrap_or_default();
            logged.push(line);
            if entry["event"] == "service.started" {
                break entry["address"].as_str().context("no address")?.parse()?;
            }
        };
        let logged = Arc::new(Mutex::new(logged));
        Ok(Self {
            child,
            address,
            reading: keep_reading(log, Arc::clone(&logged)),
            logged,
        })
    }

    /// `http://127.0.0.1:<port>`.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The number of its process; none once it has ended.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Its log so far, a line each.
    pub fn logged(&self) -> Vec<String> {
        lock(&self.logged).clone()
    }

    /// The entries of its log with this `event`.
    pub fn entries(&self, event: &str) -> Vec<Value> {
        entries(&self.logged(), event)
    }

    /// SIGKILL: it gets no chance to do anything.
    pub async fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill().await.context("it cannot be killed")
    }

    /// SIGTERM: asks it to stop and waits until it has; answers how it ended and its whole log.
    pub async fn terminate(mut self) -> anyhow::Result<(ExitStatus, Vec<String>)> {
        let id = self.child.id().context("it has ended already")?;
        // The shell's own `kill`: a bare system has no program of that name.
        let asked = Command::new("sh")
            .args(["-c", &format!("kill -TERM {id}")])
            .status()
            .await?;
        anyhow::ensure!(asked.success(), "kill -TERM failed");
        let status = self.child.wait().await?;
        self.reading.await?;
        let logged = lock(&self.logged).clone();
        Ok((status, logged))
    }
}

/// The entries of a log with this `event`.
pub fn entries(logged: &[String], event: &str) -> Vec<Value> {
    let parsed = logged
        .iter()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    parsed.filter(|entry| entry["event"] == event).collect()
}

/// The pipe must be emptied, or the process would stand still once it is full.
#[expect(
    clippy::disallowed_methods,
    reason = "the handle is kept, and awaited once the process has ended"
)]
fn keep_reading(
    mut log: Lines<BufReader<ChildStderr>>,
    logged: Arc<Mutex<Vec<String>>>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        while let Ok(Some(line)) = log.next_line().await {
            lock(&logged).push(line);
        }
    })
}

fn lock(logged: &Mutex<Vec<String>>) -> MutexGuard<'_, Vec<String>> {
    logged.lock().unwrap_or_else(PoisonError::into_inner)
}
