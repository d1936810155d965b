//! The reconciler that tells of exceptions, together where they have one cause, and now and then tends what
//! is kept of that.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::StoreError;
use hawker_usecases::{TellAlerts, TendAlerts};

use crate::reconciler::Reconciler;

/// What is forgotten is weeks old, and a sink is gone after an hour.
const TEND_EVERY: TimeDelta = TimeDelta::minutes(10);

/// Tells of exceptions.
pub struct AlertTelling {
    tell: TellAlerts,
    tend: TendAlerts,
    /// When each tenant's alerts were tended last. A process that starts tends them at once.
    tended: Mutex<BTreeMap<TenantSlug, Timestamp>>,
}

impl AlertTelling {
    /// Tells by way of `tell`.
    pub fn new(tell: TellAlerts) -> Self {
        let tend = TendAlerts {
            store: tell.store.clone(),
            sinks: tell.sinks.clone(),
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
