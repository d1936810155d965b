//! The reconciler that tells of exceptions, together where they have one cause, and now and then tends what
//! is kept of that.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::StoreError;
use hawker_ports::alerts::SinkTurns;
use hawker_usecases::{TellAlerts, TendExceptions};

use crate::reconciler::Reconciler;

/// What is forgotten is weeks old, and a sink is gone after an hour.
const TEND_EVERY: TimeDelta = TimeDelta::minutes(10);

/// Tells of exceptions.
pub struct AlertTelling {
    tell: TellAlerts,
    tend: TendExceptions,
    /// When each tenant was tended last. A process that starts tends them at once.
    tended: Mutex<BTreeMap<TenantSlug, Timestamp>>,
}

impl AlertTelling {
    /// Tells by way of `tell`.
    pub fn new(tell: TellAlerts, turns: Arc<dyn SinkTurns>) -> Self {
        let tend = TendExceptions {
            store: tell.store.clone(),
            turns,
            sinks: tell.sinks.clone(),
            since: tell.clock.now(),
            clock: tell.clock.clone(),
        };
        Self {
            tell,
            tend,
            tended: Mutex::default(),
        }
    }

    /// Whether it is time to tend; if so, the next time is later.
    fn is_time(&self, tenant: &TenantSlug) -> bool {
        let now = self.tell.clock.now();
        let mut tended = self.tended.lock().unwrap_or_else(PoisonError::into_inner);
        let is_time = tended.get(tenant).is_none_or(|at| *at + TEND_EVERY <= now);
        if is_time {
            tended.insert(tenant.clone(), now);
        }
        is_time
    }
}

#[async_trait]
impl Reconciler for AlertTelling {
    fn name(&self) -> &'static str {
        "alert-telling"
    }

    /// How soon an exception is seen; how long its thread gathers is a matter of the policy.
    fn interval(&self) -> Duration {
        Duration::from_secs(1)
    }

    async fn run_once(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        let told = self.tell.run(tenant).await?;
        if self.is_time(tenant) {
            return Ok(told + self.tend.run(tenant).await?);
        }
        Ok(told)
    }
}

#[cfg(test)]
mod tests {
    use hawker_domain::alert::{Alert, AlertPolicy};
    use hawker_ports::testing::{
        FrozenClock, InMemoryStore, RecordingMetrics, RecordingSink, SequentialIds,
    };
    use hawker_ports::{Clock as _, Store as _};

    use super::*;
    use crate::testing::tenant;

    #[tokio::test]
    async fn what_was_delivered_long_ago_is_forgotten_now_and_then() {
        let tenant = tenant("a");
        let store = Arc::new(InMemoryStore::with_tenants([tenant.clone()]));
        let clock = Arc::new(FrozenClock::default());
        let ids = Arc::new(SequentialIds::default());
        let tell = TellAlerts {
            store: store.clone(),
            policy: AlertPolicy {
                gather: Duration::from_secs(5),
                at_most_every: Duration::from_mins(15),
                remind_every: None,
                calm: Duration::from_mins(2),
                quiet: None,
            },
            sinks: vec![RecordingSink::NAME.into()],
            clock: clock.clone(),
            ids: ids.clone(),
            metrics: Arc::new(RecordingMetrics::default()),
        };
        let telling = AlertTelling::new(tell, store.clone());
        let keep_delivered = async || {
            let alert = Alert::of_trial(RecordingSink::NAME, clock.now(), &*ids);
            let long_ago = clock.now() - TimeDelta::days(31);
            let mut uow = store.begin(&tenant).await.unwrap();
            let alerts = uow.alerts();
            alerts
                .enqueue(std::slice::from_ref(&alert), long_ago)
                .await
                .unwrap();
            alerts.delivered(alert.id, long_ago).await.unwrap();
            uow.commit().await.unwrap();
        };
        keep_delivered().await;
        assert_eq!(telling.run_once(&tenant).await.unwrap(), 1, "at its start");
        keep_delivered().await;
        clock.advance(TimeDelta::minutes(9));
        assert_eq!(telling.run_once(&tenant).await.unwrap(), 0);
        clock.advance(TimeDelta::minutes(1));
        assert_eq!(telling.run_once(&tenant).await.unwrap(), 1);
    }
}
