//! Try whether alerts arrive: a message that says that it is a test, to every sink, at once and past
//! the outbox. Who tried it stands in the audit log.

use std::sync::Arc;

use hawker_domain::alert::Alert;
use hawker_domain::audit::{Actor, AuditEntry};
use hawker_domain::{IdSource, TenantSlug};
use hawker_ports::alerts::{AlertSink, SinkError};
use hawker_ports::{Clock, Store, StoreError};

/// Tries sinks.
pub struct TryAlerts {
    /// Where the audit log is.
    pub store: Arc<dyn Store>,
    /// Where alerts go.
    pub sinks: Vec<Arc<dyn AlertSink>>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
}

/// What came of it.
#[derive(Debug)]
pub struct Tried {
    /// For each sink whether it took the message.
    pub sinks: Vec<(String, Result<(), SinkError>)>,
    /// Whether it stands in the audit log. What the sinks answered is worth knowing all the same.
    pub recorded: Result<(), StoreError>,
}

impl TryAlerts {
    /// Answers for each sink whether it took the message.
    pub async fn run(&self, tenant: &TenantSlug, actor: &Actor) -> Tried {
        let mut results = Vec::new();
        for sink in &self.sinks {
            let alert = Alert::of_trial(sink.name(), self.clock.now(), &*self.ids);
            let result = sink.deliver(&alert).await;
            if let Err(error) = &result {
                tracing::warn!(event = "alert.trial_failed", sink = sink.name(), %error);
            }
            results.push((sink.name().to_owned(), result));
        }
        let recorded = self.record(tenant, actor, &results).await;
        Tried {
            sinks: results,
            recorded,
        }
    }

    async fn record(
        &self,
        tenant: &TenantSlug,
        actor: &Actor,
        results: &[(String, Result<(), SinkError>)],
    ) -> Result<(), StoreError> {
        let names = |is_ok: bool| {
            let names = results.iter().filter(|(_, result)| result.is_ok() == is_ok);
            names.map(|(sink, _)| sink.as_str()).collect::<Vec<_>>()
        };
        let (subject, now) = ("alerts".to_owned(), self.clock.now());
        let entry = AuditEntry::new(actor, "alerts.tested", subject, now, &*self.ids)
            .with("taken", names(true))
            .with("failed", names(false));
        let mut uow = self.store.begin(tenant).await?;
        uow.audit().record(&[entry]).await?;
        uow.commit().await
    }
}
