//! The reconciler that hands waiting alerts to the sink.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::TenantSlug;
use hawker_ports::StoreError;
use hawker_usecases::DeliverAlerts;

use crate::reconciler::{Reconciler, StopWatch};

/// Delivers alerts.
pub struct AlertDelivery {
    name: &'static str,
    deliver: DeliverAlerts,
    /// Whether the portion of this pass is done: the next one is another tenant's. A sink may take its
    /// time, and nobody waits for all that somebody else has to tell.
    had_portion: AtomicBool,
}

impl AlertDelivery {
    /// Delivers to one sink by way of `deliver`, under a name that tells it from those of other sinks.
    pub const fn new(name: &'static str, deliver: DeliverAlerts) -> Self {
        Self {
            name,
            deliver,
            had_portion: AtomicBool::new(false),
        }
    }
}

#[async_trait]
impl Reconciler for AlertDelivery {
    fn name(&self) -> &'static str {
        self.name
    }

    /// A person waits for an alert; a second is nothing to them and an empty query to the store.
    fn interval(&self) -> Duration {
        Duration::from_secs(1)
    }

    async fn run_once(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        self.deliver.run(tenant).await.map(u64::from)
    }

    async fn run_until(&self, tenant: &TenantSlug, stop: StopWatch) -> Result<u64, StoreError> {
        if self.had_portion.swap(false, Ordering::SeqCst) {
            return Ok(0);
        }
        let is_stopping = || stop.is_stopping();
        let tried = self
            .deliver
            .run_until(tenant, is_stopping, stop.clone().patience())
            .await?;
        self.had_portion.store(tried > 0, Ordering::SeqCst);
        Ok(u64::from(tried))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::TimeDelta;
    use hawker_domain::alert::{Alert, AlertPayload};
    use hawker_domain::exception::{Cause, ErrorClass, Subject};
    use hawker_domain::ids::{AlertId, ExceptionId};
    use hawker_domain::{ConnectorName, Environment};
    use hawker_ports::alerts::AlertSink as _;
    use hawker_ports::testing::{
        FrozenClock, InMemoryStore, RecordingMetrics, RecordingSink, SequentialIds,
    };
    use hawker_ports::views::Views as _;
    use hawker_ports::{Clock, Metrics, Store as _};
    use tokio::runtime::Handle;
    use tokio::time::{Instant, sleep};

    use super::*;
    use crate::Supervisor;
    use crate::testing::{GRACE, Tenants, tenant};

    fn alert(ids: &SequentialIds, now: hawker_domain::Timestamp) -> Alert {
        let subject = Subject {
            connector: ConnectorName::Shopee,
            environment: Environment::Sandbox,
            profile: None,
            shop: None,
            order_sn: None,
            event: None,
        };
        let cause = Cause {
            class: ErrorClass::SignatureMismatch,
            key: "push-signature".into(),
            message: "Pushes cannot be verified.".into(),
            due_at: None,
        };
        let exception = ExceptionId::fresh(ids);
        Alert {
            id: AlertId::fresh(ids),
            sink: RecordingSink::default().name().to_owned(),
            payload: AlertPayload::of_exception(exception, &subject, &cause, 1, now),
            threads: Vec::new(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_sink_that_hangs_does_not_hold_up_the_stop_and_nothing_stays_leased() {
        let store = Arc::new(InMemoryStore::with_tenants([tenant("a")]));
        let sink = Arc::new(RecordingSink::default());
        sink.hang();
        let clock = Arc::new(FrozenClock::default());
        let ids = Arc::new(SequentialIds::default());
        let metrics: Arc<dyn Metrics> = Arc::new(RecordingMetrics::default());
        let alerts = [(); 3].map(|()| alert(&ids, clock.now()));
        let mut uow = store.begin(&tenant("a")).await.unwrap();
        uow.alerts().enqueue(&alerts, clock.now()).await.unwrap();
        uow.commit().await.unwrap();
        let deliver = DeliverAlerts {
            store: store.clone(),
            turns: store.clone(),
            sink: sink.clone(),
            clock: clock.clone(),
            sleeper: clock.clone(),
            ids: ids.clone(),
            metrics: metrics.clone(),
        };
        let supervisor = Supervisor::start(
            [Arc::new(AlertDelivery::new("alert-delivery", deliver)) as Arc<dyn Reconciler>],
            &Tenants::named(&["a"]),
            &(clock.clone() as Arc<dyn Clock>),
            &metrics,
            Handle::current(),
        );
        sleep(Duration::from_secs(5)).await;
        assert_eq!(sink.asked(), 1, "the first delivery hangs");

        let asked_at = Instant::now();
        assert_eq!(supervisor.stop(GRACE).await.cut_off, 0);
        assert!(asked_at.elapsed() <= Duration::from_secs(4));
        assert_eq!(sink.asked(), 1, "no further alert was begun");
        let now = clock.now() + TimeDelta::seconds(1);
        assert_eq!(store.backlog(&tenant("a"), now).await.unwrap().alerts, 3);
        let mut uow = store.begin(&tenant("a")).await.unwrap();
        let lease = hawker_domain::ids::LeaseId::fresh(&*ids);
        let due = uow
            .alerts()
            .claim(sink.name(), lease, now, now, 10)
            .await
            .unwrap();
        assert_eq!(due.len(), 3);
        assert!(due.iter().all(|due| due.attempts == 0));
    }

    #[tokio::test(start_paused = true)]
    async fn what_one_tenant_has_to_tell_holds_up_no_other() {
        let store = Arc::new(InMemoryStore::with_tenants([tenant("a"), tenant("b")]));
        let sink = Arc::new(RecordingSink::default());
        let clock = Arc::new(FrozenClock::default());
        let ids = Arc::new(SequentialIds::default());
        let metrics: Arc<dyn Metrics> = Arc::new(RecordingMetrics::default());
        let theirs = alert(&ids, clock.now());
        let many: Vec<_> = (0..70).map(|_| alert(&ids, clock.now())).collect();
        for (of, alerts) in [("a", many.as_slice()), ("b", std::slice::from_ref(&theirs))] {
            let mut uow = store.begin(&tenant(of)).await.unwrap();
            uow.alerts().enqueue(alerts, clock.now()).await.unwrap();
            uow.commit().await.unwrap();
        }
        let deliver = DeliverAlerts {
            store: store.clone(),
            turns: store.clone(),
            sink: sink.clone(),
            clock: clock.clone(),
            sleeper: clock.clone(),
            ids: ids.clone(),
            metrics: metrics.clone(),
        };
        let supervisor = Supervisor::start(
            [Arc::new(AlertDelivery::new("alert-delivery", deliver)) as Arc<dyn Reconciler>],
            &Tenants::named(&["a", "b"]),
            &(clock.clone() as Arc<dyn Clock>),
            &metrics,
            Handle::current(),
        );
        sleep(Duration::from_secs(20)).await;
        supervisor.stop(GRACE).await;
        let delivered = sink.delivered();
        assert_eq!(delivered.len(), 71, "all of them, pass by pass");
        let place = delivered.iter().position(|alert| alert.id == theirs.id);
        assert_eq!(place, Some(20), "after one portion");
    }
}
