//! Files the journal: at once where this process put something down, and every half a minute whatever another
//! one left behind.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::TenantSlug;
use hawker_ports::inbox::Filed;
use hawker_ports::pushes::IntakeCounts;
use hawker_ports::{Metrics, StoreError};
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout};

use crate::boundary::FileEvents;
use crate::due_tenants::DueTenants;
use crate::failure::{Failure, caught};
use crate::reconciler::Reconciler;
use crate::streaks::{Ended, Streaks};
use crate::tasks::{StopSignal, Stopped, Tasks};

/// While pushes come in and the workers have enough to do without what is in the journal, so many times as long as a
/// portion took pushes have the database to themselves: they are waited for, and filing is not. Workers that run low end
/// it. The fuller the journal, the less is given way: nothing when it is full.
const GIVES_WAY: f64 = 32.0;

/// Pushes come as long as the last ones are no older than this. A portion may be what keeps the next ones from being
/// put down: that it saw none does not say that there are none.
const PUSHES_COME: Duration = Duration::from_millis(100);

/// Files portions and tells of them. Cheap to clone.
#[derive(Clone)]
pub struct JournalFiling {
    file: Arc<dyn FileEvents>,
    due: Arc<DueTenants>,
    metrics: Arc<dyn Metrics>,
}

impl JournalFiling {
    /// Files by way of `file`; `due` learns of the work that was filed.
    pub fn new(file: Arc<dyn FileEvents>, due: Arc<DueTenants>, metrics: Arc<dyn Metrics>) -> Self {
        Self { file, due, metrics }
    }

    async fn portion(&self, tenant: &TenantSlug) -> Result<Filed, StoreError> {
        let filed = self.file.file(tenant).await?;
        let Filed {
            batches,
            stored,
            duplicates,
        } = filed;
        if batches > 0 {
            self.metrics.pushes_stored(IntakeCounts {
                stored,
                duplicates,
                ..IntakeCounts::default()
            });
            tracing::debug!(event = "journal.filed", %tenant, batches, stored, duplicates);
        }
        if stored > 0 {
            self.due.filed(tenant, stored);
        }
        Ok(filed)
    }
}

/// Looks at every journal now and then.
#[async_trait]
impl Reconciler for JournalFiling {
    fn name(&self) -> &'static str {
        "journal-filing"
    }

    /// Only what a process that died left behind waits for this.
    fn interval(&self) -> Duration {
        Duration::from_secs(30)
    }

    async fn run_once(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        Ok(self.portion(tenant).await?.batches.into())
    }
}

/// Files what this process puts down, tenant after tenant, portion by portion.
pub struct JournalFiler {
    tasks: Tasks,
}

struct Filer {
    filing: JournalFiling,
    /// Whose journals may hold something.
    journals: Arc<DueTenants>,
    streaks: Streaks<TenantSlug>,
    /// When something was put down last, as far as was seen.
    put_down_at: Option<Instant>,
    stop: StopSignal,
}

impl JournalFiler {
    /// Starts it on `runtime`; `journals` is told of by whoever puts something down.
    pub fn start(filing: JournalFiling, journals: Arc<DueTenants>, runtime: Handle) -> Self {
        let tasks = Tasks::on(runtime);
        let filer = Filer {
            filing,
            journals,
            streaks: Streaks::new(),
            put_down_at: None,
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
            let tenant = tokio::select! {
                biased;
                () = self.stop.given() => break,
                tenant = self.journals.next() => tenant,
            };
            let began = Instant::now();
            let may_be_more = self.portion(&tenant).await;
            if self.journals.has(&tenant) {
                self.put_down_at = Some(Instant::now());
            }
            if may_be_more {
                self.journals.add(&tenant);
            }
            let pushes_come = self
                .put_down_at
                .is_some_and(|at| at.elapsed() < PUSHES_COME);
            if pushes_come && self.filing.due.workers_have_enough(&tenant) {
                let way = GIVES_WAY * self.filing.file.room();
                // Whichever is first: the time is over, or the workers need more.
                timeout(began.elapsed().mul_f64(way), self.filing.due.ran_low())
                    .await
                    .ok();
            }
        }
        while let Some(tenant) = self.journals.take() {
            if self.portion(&tenant).await {
                self.journals.add(&tenant);
            }
        }
    }

    /// Answers whether there may be more.
    async fn portion(&self, tenant: &TenantSlug) -> bool {
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
                filed.batches > 0
            }
            Err(failure) => {
                self.note(tenant, &failure);
                false
            }
        }
    }

    /// The next push, or the look at every journal, tries it again.
    fn note(&self, tenant: &TenantSlug, failure: &Failure) {
        if self.streaks.failed(tenant) == 1 {
            tracing::error!(
                event = "journal.failed",
                %tenant,
                error = failure.with_causes(),
                "the journal cannot be filed; what was acknowledged is safe in it, and it is tried again"
            );
        }
    }
}
