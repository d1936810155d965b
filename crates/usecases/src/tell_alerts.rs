//! Tell people of exceptions: together where they have one cause, not too often, and not at night
//! unless it cannot wait. What is told when is [`hawker_domain::alert::decide`]'s to say.
//!
//! Exceptions are the intention: whoever raises or clears one thinks of nothing else. Threads are
//! brought up to date with them and the messages are enqueued in one unit of work, so that of any
//! number of processes each message is composed by one, once for each sink.

use std::sync::Arc;

use hawker_domain::alert::{Alert, AlertPolicy, AlertThread, Decision, NoticeKind, decide};
use hawker_domain::{IdSource, TenantSlug, Timestamp};
use hawker_ports::{Clock, Metrics, Store, StoreError};

/// Threads that are looked at in one go; the others are due still.
const THREADS_PER_RUN: u32 = 200;

/// Composes the messages of threads.
pub struct TellAlerts {
    /// Where exceptions, threads and alerts are.
    pub store: Arc<dyn Store>,
    /// How patiently they are told.
    pub policy: AlertPolicy,
    /// The names of the sinks that each message goes to.
    pub sinks: Vec<String>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
    /// Counts.
    pub metrics: Arc<dyn Metrics>,
}

impl TellAlerts {
    /// Looks at the threads that are due; answers how many messages were composed.
    pub async fn run(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        uow.alert_threads().gather(now).await?;
        let due = uow.alert_threads().due(now, THREADS_PER_RUN).await?;
        let mut told = Vec::new();
        for thread in due {
            let Decision { tell, look_at } = decide(&thread, &self.policy, now);
            let kept = match tell {
                Some(kind) => {
                    let alerts = self.alerts(&thread, kind, now);
                    uow.alerts().enqueue(&alerts, now).await?;
                    told.push((thread.id, thread.topic.class, kind, thread.open));
                    thread.after(kind, now)
                }
                None => thread,
            };
            uow.alert_threads().keep(&kept, look_at).await?;
        }
        uow.commit().await?;
        for (thread, class, kind, open) in &told {
            self.metrics.alert_told(kind.as_str());
            tracing::info!(event = "alert.told", thread_id = %thread, error_class = %class, kind = %kind, open);
        }
        Ok(told.iter().map(|_| 1).sum())
    }

    /// The message for each sink.
    fn alerts(&self, thread: &AlertThread, kind: NoticeKind, now: Timestamp) -> Vec<Alert> {
        self.sinks
            .iter()
            .map(|sink| Alert::of_thread(thread, kind, sink, now, &*self.ids))
            .collect()
    }
}
