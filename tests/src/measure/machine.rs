//! What it was measured on: figures mean nothing without it.

use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use sqlx::Row as _;

use super::ground::Ground;

/// Settings of Postgres on which the figures depend.
const SETTINGS: [&str; 19] = [
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "wal_sync_method",
    "wal_level",
    "commit_delay",
    "shared_buffers",
    "effective_cache_size",
    "work_mem",
    "maintenance_work_mem",
    "wal_compression",
    "min_wal_size",
    "max_wal_size",
    "checkpoint_timeout",
    "max_connections",
    "autovacuum",
    "random_page_cost",
    "jit",
    "shared_preload_libraries",
];

/// The machine, its Postgres and the checkout.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Names with what they are, in the order in which they are shown.
    facts: Vec<(&'static str, String)>,
    /// Settings as the server says that they are.
    settings: Vec<(&'static str, String)>,
}

impl Machine {
    /// Looks at everything.
    pub async fn look(ground: &Ground) -> anyhow::Result<Self> {
        let mut home = ground.connect_home().await?;
        let version = sqlx::query("SELECT current_setting('server_version')");
        let version: String = version.fetch_one(&mut home).await?.try_get(0)?;
        let mut settings = Vec::new();
        for name in SETTINGS {
            let shown = sqlx::query("SELECT coalesce(current_setting($1, true), '-')");
            let row = shown.bind(name).fetch_one(&mut home).await?;
            settings.push((name, row.try_get(0)?));
        }
        let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
        let facts = vec![
            ("commit", commit(ground.root())),
            ("processor", processor(&read("/proc/cpuinfo"))),
            ("cores", cores.to_string()),
            ("memory", memory(&read("/proc/meminfo"))),
            (
                "kernel",
                read("/proc/sys/kernel/osrelease").trim().to_owned(),
            ),
            (
                "file system",
                file_system(&read("/proc/mounts"), &ground.cluster_folder()),
            ),
            ("Postgres", version),
        ];
        Ok(Self { facts, settings })
    }

    /// As a machine reads it.
    pub fn json(&self) -> Value {
        let object = |pairs: &[(&'static str, String)]| {
            let pairs = pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), json!(value)));
            Value::Object(pairs.collect())
        };
        json!({"machine": object(&self.facts), "settings": object(&self.settings)})
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.facts {
            writeln!(f, "{name}: {value}")?;
        }
        let settings = self.settings.iter();
        let settings: Vec<_> = settings
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        writeln!(f, "settings: {}", settings.join(" "))
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// The commit, and whether the checkout differs from it.
fn commit(root: &Path) -> String {
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        let output = command.arg("-C").arg(root).args(arguments).output().ok()?;
        let said = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| said.trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short=12", "HEAD"]) else {
        return "unknown".to_owned();
    };
    match git(&["status", "--porcelain"]) {
        Some(changes) if changes.is_empty() => commit,
        _ => format!("{commit} with changes"),
    }
}

fn processor(cpuinfo: &str) -> String {
    let model = cpuinfo.lines().find(|line| line.starts_with("model name"));
    let model = model.and_then(|line| line.split_once(':'));
    model.map_or_else(|| "unknown".to_owned(), |(_, name)| name.trim().to_owned())
}

fn memory(meminfo: &str) -> String {
    let total = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"));
    let kilobytes =
        total.and_then(|text| text.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kilobytes.map_or_else(
        || "unknown".to_owned(),
        |kilobytes| format!("{} MiB", kilobytes / 1024),
    )
}

/// The kind of the file system that a folder is on: the mount with the longest path to it.
fn file_system(mounts: &str, folder: &Path) -> String {
    let mounts = mounts.lines().filter_map(|line| {
        let mut fields = line.split_whitespace();
        let (device, point, kind) = (fields.next()?, fields.next()?, fields.next()?);
        folder
            .starts_with(point)
            .then(|| (point.len(), format!("{kind} on {device}")))
    });
    mounts
        .max_by_key(|(length, _)| *length)
        .map_or_else(|| "unknown".to_owned(), |(_, shown)| shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_and_the_memory_are_read_from_what_the_kernel_says() {
        let cpuinfo = "processor\t: 0\nmodel name\t: A Processor @ 2 GHz\nflags\t: a b\n";
        assert_eq!(processor(cpuinfo), "A Processor @ 2 GHz");
        assert_eq!(processor(""), "unknown");
        assert_eq!(memory("MemTotal:        2097152 kB\n"), "2048 MiB");
    }

    #[test]
    fn a_folder_is_on_the_innermost_mount() {
        let mounts = "/dev/a / ext4 rw 0 0\n/dev/b /var/tmp xfs rw 0 0\ntmpfs /run tmpfs rw 0 0\n";
        let on = |folder: &str| file_system(mounts, Path::new(folder));
        assert_eq!(on("/var/tmp/x"), "xfs on /dev/b");
        assert_eq!(on("/var/tmpfile"), "ext4 on /dev/a");
    }
}
