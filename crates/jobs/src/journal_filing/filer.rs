//! Files what this process puts down, tenant after tenant, portion by portion.
//!
//! Whoever pushes waits for an acknowledgement; nobody waits for filing as long as the workers have enough to do. So a
//! portion may be followed by a rest of its tenant, in which pushes have the processor to themselves. A rest is
//! short, ends when workers run low, and there is none once a journal has not been empty for some seconds: what is
//! acknowledged is to be seen in the inbox soon, whatever comes.

use std::collections::HashMap;
use std::future::pending;
use std::time::Duration;

use hawker_domain::TenantSlug;
use hawker_domain::retry::RetryPolicy;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep_until};

use super::JournalFiling;
use crate::failure::{Failure, caught};
use crate::streaks::{Ended, Streaks};
use crate::tasks::{StopSignal, Stopped, Tasks};

/// So many times as long as a portion took its tenant rests. The fuller the journal, the shorter: not at all when it
/// is full.
const GIVES_WAY: f64 = 32.0;

/// No rest is longer: a portion that was slow itself, because it waited for something, is no reason for a long one.
const REST_LONGEST: Duration = Duration::from_millis(250);

/// A journal that was not empty for so long is filed without a rest until it is.
const GIVES_WAY_WITHIN: Duration = Duration::from_secs(5);

/// Pushes come as long as the last ones are no older than this. A portion may be what keeps the next ones from being
/// put down: that it saw none does not say that there are none.
const PUSHES_COME: Duration = Duration::from_millis(100);

/// A journal that cannot be filed rests for so long. What is in it is safe, and the store may be gone for long.
const BACK_OFF: RetryPolicy = RetryPolicy {
    first: Duration::from_millis(100),
    longest: Duration::from_secs(5),
    attempts_max: u32::MAX,
};

/// The filer of a process.
pub struct JournalFiler {
    tasks: Tasks,
}

struct Filer {
    filing: JournalFiling,
    /// How it goes with each journal that was not empty, or that pushes come to.
    journals: HashMap<TenantSlug, Journal>,
    streaks: Streaks<TenantSlug>,
    stop: StopSignal,
}

#[derive(Default)]
struct Journal {
    /// When something was put down last, as far as was seen.
    put_down_at: Option<Instant>,
    /// Since when it was not seen empty.
    filled_since: Option<Instant>,
    rest: Option<Rest>,
}

#[derive(Clone, Copy)]
enum Rest {
    /// Pushes go first.
    GivesWay(Instant),
    /// It could not be filed.
    BacksOff(Instant),
}

/// What a portion came to.
enum Portion {
    Filed,
    NothingThere,
    Failed { failures: u32 },
}

impl JournalFiler {
    /// Starts it on `runtime`.
    pub fn start(filing: JournalFiling, runtime: Handle) -> Self {
        let tasks = Tasks::on(runtime);
        let filer = Filer {
            filing,
            journals: HashMap::new(),
            streaks: Streaks::new(),
            stop: tasks.stop_signal(),
        };
        tasks.spawn(filer.run());
        Self { tasks }
    }

    /// Files what is there, and ends. What is not filed after `grace` is filed by the next process.
    pub async fn stop(&self, grace: Duration) -> Stopped {
        self.tasks.stop(grace).await
    }
}

impl Filer {
    async fn run(mut self) {
        loop {
            let rest_ends = self.journals.values().filter_map(Journal::rest_ends).min();
            let tenant = tokio::select! {
                biased;
                () = self.stop.given() => break,
                () = self.filing.due.ran_low() => None,
                () = reached(rest_ends) => None,
                tenant = self.filing.journals.next() => Some(tenant),
            };
            self.end_rests();
            // Whoever rests is in line again when that is over.
            if let Some(tenant) = tenant.filter(|tenant| !self.is_at_rest(tenant)) {
                self.look_after(tenant).await;
            }
        }
        self.file_the_rest().await;
    }

    fn is_at_rest(&self, tenant: &TenantSlug) -> bool {
        let journal = self.journals.get(tenant);
        journal.is_some_and(|journal| journal.rest.is_some())
    }

    fn end_rests(&mut self) {
        let now = Instant::now();
        for (tenant, journal) in &mut self.journals {
            let is_over = match journal.rest {
                None => false,
                Some(Rest::BacksOff(until)) => until <= now,
                Some(Rest::GivesWay(until)) => {
                    until <= now || !self.filing.due.workers_have_enough(tenant)
                }
            };
            if is_over {
                journal.rest = None;
                self.filing.journals.release(tenant);
            }
        }
    }

    /// Files a portion, and says when the next one has its turn.
    async fn look_after(&mut self, tenant: TenantSlug) {
        let began = Instant::now();
        let portion = self.portion(&tenant).await;
        let now = Instant::now();
        let came_meanwhile = self.filing.journals.has(&tenant);
        let workers_have_enough = self.filing.due.workers_have_enough(&tenant);
        let longest = GIVES_WAY * self.filing.file.room();

        let mut journal = self.journals.remove(&tenant).unwrap_or_default();
        if came_meanwhile {
            journal.put_down_at = Some(now);
        }
        let mut may_be_more = came_meanwhile;
        journal.filled_since = match portion {
            Portion::NothingThere => None,
            Portion::Filed | Portion::Failed { .. } => {
                may_be_more = true;
                journal.filled_since.or(Some(began))
            }
        };
        journal.rest = match portion {
            Portion::Failed { failures } => {
                let wait = BACK_OFF.delay(failures, fastrand::f64(), None);
                Some(Rest::BacksOff(now + wait.unwrap_or(BACK_OFF.longest)))
            }
            _ if workers_have_enough && journal.may_wait(now) => {
                let way = (now - began).mul_f64(longest).min(REST_LONGEST);
                (!way.is_zero()).then(|| Rest::GivesWay(now + way))
            }
            _ => None,
        };
        match journal.rest_ends() {
            Some(until) => self.filing.journals.hold_off(&tenant, until - now),
            None if may_be_more => self.filing.journals.add(&tenant),
            None => {}
        }
        if journal.is_worth_knowing(now) {
            self.journals.insert(tenant, journal);
        }
    }

    async fn portion(&self, tenant: &TenantSlug) -> Portion {
        match caught(self.filing.portion(tenant)).await {
            Ok(filed) => {
                if let Some(Ended { failures, lasted }) = self.streaks.succeeded(tenant) {
                    tracing::info!(
                        event = "journal.recovered",
                        %tenant,
                        failures,
                        lasted_ms = lasted.as_millis(),
                        "the journal is filed again"
                    );
                }
                match filed.batches {
                    0 => Portion::NothingThere,
                    _ => Portion::Filed,
                }
            }
            Err(failure) => Portion::Failed {
                failures: self.note(tenant, &failure),
            },
        }
    }

    /// Answers how often in a row it failed.
    fn note(&self, tenant: &TenantSlug, failure: &Failure) -> u32 {
        let failures = self.streaks.failed(tenant);
        if failures == 1 {
            tracing::error!(
                event = "journal.failed",
                %tenant,
                error = failure.with_causes(),
                "the journal cannot be filed; what was acknowledged is safe in it, and it is tried again"
            );
        }
        failures
    }

    /// Without a rest. What cannot be filed is left to the next process.
    async fn file_the_rest(&self) {
        for tenant in self.journals.keys() {
            self.filing.journals.release(tenant);
        }
        while let Some(tenant) = self.filing.journals.take() {
            if matches!(self.portion(&tenant).await, Portion::Filed) {
                self.filing.journals.add(&tenant);
            }
        }
    }
}

impl Journal {
    fn rest_ends(&self) -> Option<Instant> {
        self.rest.map(|rest| match rest {
            Rest::GivesWay(until) | Rest::BacksOff(until) => until,
        })
    }

    /// Pushes come, and what is in it has not waited for long.
    fn may_wait(&self, now: Instant) -> bool {
        let is_recent =
            |since: Option<Instant>, span: Duration| since.is_some_and(|at| now - at < span);
        is_recent(self.put_down_at, PUSHES_COME)
            && (self.filled_since.is_none() || is_recent(self.filled_since, GIVES_WAY_WITHIN))
    }

    /// Otherwise it is as one that nothing is known of.
    fn is_worth_knowing(&self, now: Instant) -> bool {
        let pushes_come = |at: Instant| now - at < PUSHES_COME;
        self.rest.is_some()
            || self.filled_since.is_some()
            || self.put_down_at.is_some_and(pushes_come)
    }
}

async fn reached(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => pending().await,
    }
}
