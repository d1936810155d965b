//! The service as an operator runs it: the release binary as a process of its own, with the settings
//! of production, its log in a file.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::ground::Ground;
use crate::bench::REGISTERED_URL;
use crate::command::hawker;
use crate::settings::Settings;

/// Longer than any start; beyond it something is wrong.
const START_LIMIT: Duration = Duration::from_secs(30);

/// How often a start is looked at: what is measured is a hundred times as long.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// Settings of a service on a database of the benchmark, with the marketplace at `base_url`: those of
/// production. Only the limits of the marketplace are lifted, since what is measured is ourselves,
/// and no schedule is on, so that none disturbs one round and not the other.
pub fn settings(ground: &Ground, database: &str, base_url: &str) -> Settings {
    let settings = Settings::new(&ground.url(database), base_url, REGISTERED_URL);
    // Back to what a service does by itself.
    [
        "RUST_LOG",
        "LOG_FORMAT",
        "HAWKER_ALERT_GATHER_SECONDS",
        "HAWKER_ALERT_CALM_MINUTES",
    ]
    .iter()
    .fold(settings, |settings, name| settings.without(name))
}

/// Runs a command of `hawker` as an operator does, such as `migrate`.
///
/// # Errors
/// It ended with a failure; what it said is part of the error.
pub async fn operate(settings: &Settings, arguments: &[&str]) -> anyhow::Result<String> {
    let mut command = hawker()?;
    command.args(arguments).envs(settings.pairs());
    let output = command
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(
        output.status.success(),
        "`hawker {}` failed: {said}",
        arguments.join(" ")
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A running `hawker serve`. Dropping it kills it.
pub struct Service {
    child: Child,
    id: u32,
    /// Where it listens.
    pub address: SocketAddr,
    /// From exec until `/readyz` answered 200.
    pub took: Duration,
}

impl Service {
    /// Starts it and waits until it is ready. Its log is `target/bench/logs/<name>.log`.
    pub async fn start(ground: &Ground, name: &str, settings: &Settings) -> anyhow::Result<Self> {
        let path = ground.folder().join("logs").join(format!("{name}.log"));
        let log = File::create(&path).with_context(|| path.display().to_string())?;
        let port = free_port()?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut command = hawker()?;
        command
            .arg("serve")
            .envs(settings.pairs())
            .env("PORT", port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true);
        let since = Instant::now();
        let mut child = command.spawn().context("hawker serve cannot be started")?;
        let id = child.id().context("it has ended already")?;
        let mut tick = tokio::time::interval(LOOK_EVERY);
        while !is_ready(address).await {
            tick.tick().await;
            if let Some(status) = child.try_wait()? {
                anyhow::bail!("hawker serve ended with {status}: see {}", path.display());
            }
            anyhow::ensure!(
                since.elapsed() < START_LIMIT,
                "hawker serve does not become ready: see {}",
                path.display()
            );
        }
        Ok(Self {
            child,
            id,
            address,
            took: since.elapsed(),
        })
    }

    /// Its process.
    pub const fn id(&self) -> u32 {
        self.id
    }

    /// `http://127.0.0.1:<port>`.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// SIGKILL.
    pub async fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill().await.context("it cannot be killed")
    }

    /// SIGTERM, and waits until it has ended.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        // The shell's own `kill`: a bare system has no program of that name.
        let asked = Command::new("sh")
            .args(["-c", &format!("kill -TERM {}", self.id)])
            .status()
            .await?;
        anyhow::ensure!(asked.success(), "kill -TERM failed");
        self.child.wait().await?;
        Ok(())
    }
}

/// A port that nobody listens on at this moment.
pub fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr()?.port())
}

/// Whether it says of itself that it is ready.
async fn is_ready(address: SocketAddr) -> bool {
    let asked = async {
        let mut stream = TcpStream::connect(address).await?;
        let request = b"GET /readyz HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n";
        stream.write_all(request).await?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await?;
        std::io::Result::Ok(answer.ends_with(b" 200"))
    };
    asked.await.unwrap_or(false)
}
