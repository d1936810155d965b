//! How far a proof has come, in numbers.

use std::fmt;

use super::stage::Proof;

/// Numbers, as they were a moment ago.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// What is going on.
    pub phase: &'static str,
    /// Steps of the shop's life.
    pub steps: usize,
    /// Orders that were placed, those of the history included.
    pub placed: usize,
    /// Orders under way at the shop.
    pub under_way: usize,
    /// Attempts to push.
    pub pushes: u64,
    /// Of these, acknowledged.
    pub acknowledged: u64,
    /// Processes that were killed.
    pub kills: u64,
    /// Crashes of the database.
    pub crashes: u64,
    /// Ways that were cut, stalled or closed.
    pub cuts: u64,
    /// What went wrong with pushes, by chance.
    pub push_troubles: u64,
    /// What went wrong with calls, by chance.
    pub call_troubles: u64,
    /// Changes of payouts that nobody told of.
    pub late_changes: u64,
    /// Orders that wait for work; nothing while the database is away.
    pub backlog: Option<u64>,
    /// Alerts that arrived.
    pub alerts: usize,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let backlog = self
            .backlog
            .map_or_else(|| "?".to_owned(), |orders| orders.to_string());
        write!(
            f,
            "{}: step {}, orders {} ({} under way), pushes {}/{}, kills {}, crashes {}, cuts {}, faults {}+{}, late changes {}, alerts {}, backlog {backlog}",
            self.phase,
            self.steps,
            self.placed,
            self.under_way,
            self.acknowledged,
            self.pushes,
            self.kills,
            self.crashes,
            self.cuts,
            self.push_troubles,
            self.call_troubles,
            self.late_changes,
            self.alerts,
        )
    }
}

impl Proof {
    /// Brings the numbers up to date, as far as they can be had.
    pub(super) async fn look(&mut self) {
        let stats = self.bench.emulator.stats();
        let backlog = hawker_ports::views::Views::backlog(
            &*self.bench.store,
            &self.bench.tenant,
            self.adapters.clock.now(),
        );
        let backlog = backlog.await.ok();
        let progress = &mut self.progress;
        progress.placed = stats.orders;
        progress.under_way = self.life.under_way();
        progress.pushes = stats.pushes.attempts;
        progress.acknowledged = stats.pushes.acknowledged;
        progress.kills = self.fleet.kills;
        progress.push_troubles = stats.chaos.pushes.values().sum();
        progress.call_troubles = stats.chaos.calls.values().sum();
        progress.alerts = self.sink.heard().len();
        progress.backlog = backlog.map(|backlog| {
            let waiting = [backlog.due, backlog.leased, backlog.waiting];
            waiting
                .iter()
                .filter_map(|orders| u64::try_from(*orders).ok())
                .sum()
        });
    }
}
