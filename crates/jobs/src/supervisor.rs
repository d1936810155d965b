//! Runs reconcilers: each in a task of its own, tenant after tenant, and remembers how its last run
//! went. A tenant or a reconciler that fails delays nothing but itself.

mod runs;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use hawker_domain::TenantSlug;
use hawker_ports::tenants::TenantDirectory;
use hawker_ports::{Clock, Metrics};
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep_until};

use self::runs::Runs;
pub use self::runs::{LastRun, RunResult};
use crate::failure::{Failure, caught};
use crate::reconciler::{Reconciler, StopWatch};
use crate::streaks::{Ended, Streaks};
use crate::tasks::{StopSignal, Stopped, Tasks};

/// After so many times as long as looking in vain took, a job looks again, if that is longer than its
/// interval: with many tenants, of which most have nothing to do, looking is all that there is to save. One
/// of them is not counted: whoever has one tenant waits for nobody.
const REST: u32 = 20;

/// No rest is longer.
const REST_LONGEST: Duration = Duration::from_secs(30);

/// Portions that one run does for a tenant before the next tenant has its turn.
const PORTIONS_MAX: u32 = 100;

/// Runs reconcilers until it is stopped.
pub struct Supervisor {
    tasks: Tasks,
    runs: Arc<Runs>,
}

/// One reconciler and what its loop needs.
struct Loop {
    reconciler: Arc<dyn Reconciler>,
    tenants: Arc<dyn TenantDirectory>,
    clock: Arc<dyn Clock>,
    metrics: Arc<dyn Metrics>,
    runs: Arc<Runs>,
    /// `None` stands for the list of the tenants itself.
    streaks: Streaks<Option<TenantSlug>>,
    stop: StopSignal,
}

impl Supervisor {
    /// Starts every reconciler on `runtime`; the first run of each begins at once.
    pub fn start(
        reconcilers: impl IntoIterator<Item = Arc<dyn Reconciler>>,
        tenants: &Arc<dyn TenantDirectory>,
        clock: &Arc<dyn Clock>,
        metrics: &Arc<dyn Metrics>,
        runtime: Handle,
    ) -> Self {
        let tasks = Tasks::on(runtime);
        let runs = Arc::new(Runs::default());
        for reconciler in reconcilers {
            let reconcile = Loop {
                reconciler,
                tenants: Arc::clone(tenants),
                clock: Arc::clone(clock),
                metrics: Arc::clone(metrics),
                runs: Arc::clone(&runs),
                streaks: Streaks::new(),
                stop: tasks.stop_signal(),
            };
            tasks.spawn(reconcile.run());
        }
        Self { tasks, runs }
    }

    /// How the last run of every reconciler went for every tenant, in the order of their names.
    pub fn last_runs(&self) -> Vec<LastRun> {
        self.runs.all()
    }

    /// Finishes the portions in hand and ends; what takes longer than `grace` is cut off.
    pub async fn stop(&self, grace: Duration) -> Stopped {
        self.tasks.stop(grace).await
    }
}

impl Loop {
    async fn run(mut self) {
        let mut next = Instant::now();
        loop {
            tokio::select! {
                biased;
                () = self.stop.given() => break,
                () = sleep_until(next) => {}
            }
            let began = Instant::now();
            let in_vain = self.pass().await;
            let at_the_earliest = Instant::now() + rest_after(in_vain);
            next = at_the_earliest.max(began + self.reconciler.interval());
        }
    }

    /// One pass over all tenants; answers how long it looked at those that had nothing to do, but for one.
    async fn pass(&self) -> Duration {
        let mut in_vain = Duration::ZERO;
        let mut looks = 0;
        let tenants = match caught(self.tenants.tenants()).await {
            Ok(tenants) => tenants,
            Err(failure) => {
                self.note_failure(None, &failure);
                return Duration::ZERO;
            }
        };
        self.note_success(None);
        for tenant in tenants {
            if self.stop.is_given() {
                break;
            }
            let began = Instant::now();
            if self.run_for(tenant).await == Some(0) {
                in_vain += began.elapsed();
                looks += 1;
            }
        }
        in_vain.saturating_sub(in_vain / looks.max(1))
    }

    /// Answers how much was done, unless it failed.
    async fn run_for(&self, tenant: TenantSlug) -> Option<u64> {
        let at = self.clock.now();
        let began = Instant::now();
        let result = self.portions(&tenant).await;
        let took = began.elapsed();
        let job = self.reconciler.name();
        let items = result.as_ref().ok().copied();
        let (outcome, result) = match result {
            Ok(items) => {
                self.note_success(Some(&tenant));
                ("ok", RunResult::Done { items })
            }
            Err(failure) => {
                self.note_failure(Some(&tenant), &failure);
                (
                    failure.result(),
                    RunResult::Failed {
                        error: failure.to_string(),
                    },
                )
            }
        };
        self.metrics.job_ran(job, outcome, took);
        self.runs.keep(LastRun {
            job,
            tenant,
            at,
            took,
            result,
        });
        items
    }

    async fn portions(&self, tenant: &TenantSlug) -> Result<u64, Failure> {
        let mut done = 0;
        for _ in 0..PORTIONS_MAX {
            let portion = {
                let stop = StopWatch::of(self.stop.clone());
                caught(self.reconciler.run_until(tenant, stop)).await?
            };
            done += portion;
            if portion == 0 || self.stop.is_given() {
                break;
            }
        }
        Ok(done)
    }

    fn note_success(&self, tenant: Option<&TenantSlug>) {
        if let Some(Ended { failures, lasted }) = self.streaks.succeeded(&tenant.cloned()) {
            tracing::info!(
                event = "job.recovered",
                job = self.reconciler.name(),
                tenant = tenant.map(tracing::field::display),
                failures,
                lasted_ms = lasted.as_millis(),
                "a background job works again"
            );
        }
    }

    fn note_failure(&self, tenant: Option<&TenantSlug>, failure: &Failure) {
        if self.streaks.failed(&tenant.cloned()) == 1 {
            tracing::error!(
                event = "job.failed",
                job = self.reconciler.name(),
                tenant = tenant.map(tracing::field::display),
                error = failure.with_causes(),
                "a background job failed; it is tried again until it works"
            );
        }
    }
}

fn rest_after(looked_in_vain: Duration) -> Duration {
    (looked_in_vain * REST).min(REST_LONGEST)
}
