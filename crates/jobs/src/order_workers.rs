//! Workers that bring due orders up to date, a batch at a time.
//!
//! They are woken when work comes in and by a sweep every second or few, which also finds what no wake-up
//! told of: retries whose time has come, rows that another process or plain SQL made due, leases of
//! a process that died.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use hawker_domain::TenantSlug;
use hawker_domain::retry::RetryPolicy;
use hawker_ports::tenants::TenantDirectory;
use hawker_usecases::refresh_orders::Refreshed;
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::boundary::{Stopping, WorkOnOrders};
use crate::due_tenants::DueTenants;
use crate::failure::{Failure, caught};
use crate::streaks::{Ended, Streaks};
use crate::tasks::{StopSignal, Stopped, Tasks};

/// How often every tenant is looked at.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// With many tenants, after so many times as long as looking at all of them takes.
const SWEEP_REST: u32 = 20;

/// But not less often than this.
const SWEEP_LONGEST: Duration = Duration::from_secs(10);

/// How long a batch in hand may still wait for the marketplace once the process is asked to stop;
/// then it is given back for another process to take up.
const FINISH_WITHIN: Duration = Duration::from_secs(3);

/// How long a tenant whose store fails is left alone.
const BACK_OFF: RetryPolicy = RetryPolicy {
    first: Duration::from_millis(500),
    longest: Duration::from_secs(5),
    attempts_max: u32::MAX,
};

/// The workers of a process.
pub struct OrderWorkers {
    tasks: Tasks,
}

struct Worker {
    work: Arc<dyn WorkOnOrders>,
    due: Arc<DueTenants>,
    streaks: Arc<Streaks<TenantSlug>>,
    stop: StopSignal,
}

impl OrderWorkers {
    /// Starts so many workers and the sweep on `runtime`.
    pub fn start(
        work: &Arc<dyn WorkOnOrders>,
        tenants: Arc<dyn TenantDirectory>,
        due: &Arc<DueTenants>,
        workers: usize,
        runtime: Handle,
    ) -> Self {
        let tasks = Tasks::on(runtime);
        let streaks = Arc::new(Streaks::new());
        for _ in 0..workers.max(1) {
            let worker = Worker {
                work: Arc::clone(work),
                due: Arc::clone(due),
                streaks: Arc::clone(&streaks),
                stop: tasks.stop_signal(),
            };
            tasks.spawn(worker.run());
        }
        tasks.spawn(sweep(tenants, Arc::clone(due), tasks.stop_signal()));
        Self { tasks }
    }

    /// Claims nothing more, finishes the batches in hand, and ends. A batch that takes longer than
    /// `grace` is cut off: nothing of it is kept, and it is due again when its lease ends.
    pub async fn stop(&self, grace: Duration) -> Stopped {
        self.tasks.stop(grace).await
    }
}

impl Worker {
    async fn run(mut self) {
        loop {
            let tenant = tokio::select! {
                biased;
                () = self.stop.given() => break,
                tenant = self.due.next() => tenant,
            };
            let began = Instant::now();
            match caught(self.work.work(&tenant, self.patience())).await {
                Ok(refreshed) => {
                    if matches!(refreshed, Refreshed::NothingDue) {
                        self.due.looked_in_vain(began.elapsed());
                        self.due.worked(&tenant, 0, true);
                    }
                    self.carry_on(&tenant, refreshed);
                }
                Err(failure) => self.hold_off(&tenant, &failure),
            }
        }
    }

    /// Ends a while after the process was asked to stop.
    fn patience(&self) -> Stopping {
        let mut stop = self.stop.clone();
        Box::pin(async move {
            stop.given().await;
            tokio::time::sleep(FINISH_WITHIN).await;
        })
    }

    fn carry_on(&self, tenant: &TenantSlug, refreshed: Refreshed) {
        if let Some(Ended { failures, lasted }) = self.streaks.succeeded(tenant) {
            tracing::info!(
                event = "orders.recovered",
                %tenant,
                failures,
                lasted_ms = lasted.as_millis(),
                "orders are worked on again"
            );
        }
        match refreshed {
            Refreshed::NothingDue | Refreshed::GivenBack => {}
            Refreshed::Worked { events, found_all } => {
                self.due.worked(tenant, events, found_all);
                // Where a batch was, more may be: for this worker after the other tenants' turn,
                // and for one that is idle at once.
                self.due.add(tenant);
                self.due.add(tenant);
            }
        }
    }

    fn hold_off(&self, tenant: &TenantSlug, failure: &Failure) {
        let failures = self.streaks.failed(tenant);
        let wait = BACK_OFF.delay(failures, fastrand::f64(), None);
        self.due.hold_off(tenant, wait.unwrap_or(BACK_OFF.longest));
        if failures == 1 {
            tracing::error!(
                event = "orders.failed",
                %tenant,
                error = failure.with_causes(),
                "orders cannot be worked on; it is tried again until it works"
            );
        }
    }
}

/// Looks at tenants that have nothing to do take a small part of the time, however many tenants there are. One
/// that is alone waits for nobody.
fn rest_after(due: &DueTenants, tenants: usize) -> Duration {
    let others = u32::try_from(tenants).unwrap_or(u32::MAX).saturating_sub(1);
    let looking = due.look_in_vain().saturating_mul(others);
    looking
        .saturating_mul(SWEEP_REST)
        .clamp(SWEEP_EVERY, SWEEP_LONGEST)
}

async fn sweep(tenants: Arc<dyn TenantDirectory>, due: Arc<DueTenants>, mut stop: StopSignal) {
    let streaks = Streaks::new();
    let mut rest = Duration::ZERO;
    loop {
        tokio::select! {
            biased;
            () = stop.given() => break,
            () = tokio::time::sleep(rest) => {}
        }
        rest = SWEEP_EVERY;
        match caught(tenants.tenants()).await {
            Ok(tenants) => {
                streaks.succeeded(&());
                for tenant in &tenants {
                    due.add(tenant);
                }
                rest = rest_after(&due, tenants.len());
            }
            Err(failure) => {
                if streaks.failed(&()) == 1 {
                    let error = failure.with_causes();
                    tracing::error!(
                        event = "sweep.failed",
                        error,
                        "the tenants cannot be listed"
                    );
                }
            }
        }
    }
}
