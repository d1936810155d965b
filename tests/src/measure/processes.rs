//! What the kernel knows of processes: the processor time and the memory that they take.
//!
//! Only Linux tells by way of `/proc`; elsewhere there are no such figures, and the benchmark says so.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

use anyhow::Context as _;

/// The processor time of a process with all that it has started, those that ended included.
///
/// # Errors
/// There is no such process, or no `/proc`.
pub fn processor_time(root: u32) -> anyhow::Result<Duration> {
    let mut all = HashMap::new();
    for entry in fs::read_dir("/proc").context("this system has no /proc")? {
        let name = entry?.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        // One that ended meanwhile is counted with its parent.
        let Ok(text) = fs::read_to_string(format!("/proc/{id}/stat")) else {
            continue;
        };
        if let Some(stat) = Stat::parse(&text) {
            all.insert(id, stat);
        }
    }
    anyhow::ensure!(all.contains_key(&root), "process {root} is gone");
    let ticks: u64 = all
        .keys()
        .filter(|id| descends(**id, root, &all))
        .map(|id| all[id].ticks)
        .sum();
    Ok(of_ticks(ticks))
}

/// The processor time of this process alone, without what it has started.
pub fn own_processor_time() -> anyhow::Result<Duration> {
    let text = fs::read_to_string("/proc/self/stat").context("this system has no /proc")?;
    let stat = Stat::parse(&text).context("/proc/self/stat cannot be read")?;
    Ok(of_ticks(stat.own_ticks))
}

fn of_ticks(ticks: u64) -> Duration {
    let per_second = rustix::param::clock_ticks_per_second();
    Duration::from_millis(ticks * 1_000 / per_second.max(1))
}

/// Kilobytes of a process that are in memory: all pages that it sees (`VmRSS`), and its fair share of
/// those that several see (`Pss`), where the kernel tells it.
pub fn memory(process: u32) -> anyhow::Result<Memory> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))
        .with_context(|| format!("process {process} is gone"))?;
    let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    Ok(Memory {
        resident: kilobytes(&status, "VmRSS:").context("no VmRSS")?,
        highest: kilobytes(&status, "VmHWM:").context("no VmHWM")?,
        proportional: kilobytes(&rollup, "Pss:"),
    })
}

/// Memory of a process, in KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// In memory now.
    pub resident: u64,
    /// The most that was ever in memory.
    pub highest: u64,
    /// Its share, now.
    pub proportional: Option<u64>,
}

/// What counts of `/proc/*/stat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    /// In user and kernel mode, its own and that of children which have ended.
    ticks: u64,
    /// Its own alone.
    own_ticks: u64,
}

impl Stat {
    /// The name stands in parentheses and may hold anything, parentheses included.
    fn parse(text: &str) -> Option<Self> {
        let (_, after) = text.rsplit_once(')')?;
        let fields: Vec<&str> = after.split_whitespace().collect();
        let ticks = fields.get(11..15)?.iter();
        let ticks: Option<Vec<u64>> = ticks.map(|field| field.parse().ok()).collect();
        let ticks = ticks?;
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            ticks: ticks.iter().sum(),
            own_ticks: ticks[..2].iter().sum(),
        })
    }
}

fn descends(mut id: u32, root: u32, all: &HashMap<u32, Stat>) -> bool {
    // A number may be taken again while we look, so that a circle is not impossible.
    for _ in 0..all.len() {
        if id == root {
            return true;
        }
        match all.get(&id) {
            Some(stat) => id = stat.parent,
            None => return false,
        }
    }
    false
}

fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "4242 (a) b (c)) S 17 4242 4242 0 -1 4194560 1 2 3 4 100 20 3 4 20 0 1 0 5";

    #[test]
    fn a_name_with_parentheses_and_blanks_is_no_trouble() {
        let stat = Stat::parse(LINE).unwrap();
        assert_eq!(stat.parent, 17);
        assert_eq!((stat.ticks, stat.own_ticks), (127, 120));
        assert_eq!(Stat::parse("4242 (short) S 1 2"), None);
    }

    #[test]
    fn whoever_was_started_by_somebody_in_the_tree_is_in_it() {
        let of = |parent| Stat {
            parent,
            ticks: 1,
            own_ticks: 1,
        };
        let all = HashMap::from([(1, of(0)), (2, of(1)), (3, of(2)), (9, of(1)), (7, of(7))]);
        let tree: Vec<_> = [1, 2, 3, 7, 9]
            .into_iter()
            .filter(|id| descends(*id, 2, &all))
            .collect();
        assert_eq!(tree, [2, 3]);
    }

    #[test]
    fn sizes_are_found_by_their_name() {
        let status = "Name:\thawker\nVmHWM:\t   20480 kB\nVmRSS:\t   10240 kB\n";
        assert_eq!(kilobytes(status, "VmRSS:"), Some(10_240));
        assert_eq!(kilobytes(status, "Pss:"), None);
    }
}
