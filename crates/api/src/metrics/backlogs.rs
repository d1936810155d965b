//! How much waits, as it was read last: gauges that are written out whole at every scrape, so that
//! nothing which has gone away keeps its last value for ever.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hawker_domain::exception::ErrorClass;
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::Clock;
use hawker_ports::views::Backlog;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeGaugeValue};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

/// The backlogs of all tenants.
pub(super) struct Backlogs {
    clock: Arc<dyn Clock>,
    latest: Mutex<BTreeMap<TenantSlug, Backlog>>,
}

type Label<'a> = (&'static str, &'a str);

impl Backlogs {
    pub(super) fn by(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            latest: Mutex::default(),
        }
    }

    pub(super) fn keep(&self, tenant: &TenantSlug, backlog: &Backlog) {
        self.lock().insert(tenant.clone(), backlog.clone());
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<TenantSlug, Backlog>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Collector for Backlogs {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let latest = self.lock().clone();
        let now = self.clock.now();
        let mut gauges = Gauges {
            encoder: &mut encoder,
            latest: &latest,
        };
        gauges.labelled(
            "hawker_backlog_events",
            "Events that are pending",
            |backlog| {
                vec![
                    (("state", "due"), backlog.due),
                    (("state", "waiting"), backlog.waiting),
                ]
            },
        )?;
        gauges.plain(
            "hawker_backlog_oldest_age",
            "How long the oldest due event has been due",
            Some(&Unit::Seconds),
            |backlog| seconds_since(backlog.oldest_due_at, now),
        )?;
        gauges.plain(
            "hawker_orders_leased",
            "Orders in the hands of a worker",
            None,
            |backlog| backlog.leased,
        )?;
        gauges.plain(
            "hawker_orders_held",
            "Orders that wait for a SKU",
            None,
            |backlog| backlog.held,
        )?;
        gauges.plain(
            "hawker_alerts_waiting",
            "Alerts that no sink has taken",
            None,
            |backlog| backlog.alerts,
        )?;
        gauges.labelled(
            "hawker_orders",
            "Orders by state of synchronisation",
            |backlog| {
                let orders = backlog.orders.iter();
                orders
                    .map(|(state, count)| (("sync_status", state.as_str()), *count))
                    .collect()
            },
        )?;
        gauges.labelled(
            "hawker_exceptions_open",
            "Open exceptions by class",
            |backlog| {
                let classes = open_by_class(backlog).into_iter();
                classes
                    .map(|(class, count)| (("class", class), count))
                    .collect()
            },
        )
    }
}

/// Every class, also those of which none is open: an alarm on a number needs the 0.
fn open_by_class(backlog: &Backlog) -> BTreeMap<&str, i64> {
    let mut open: BTreeMap<_, _> = ErrorClass::ALL
        .iter()
        .map(|class| (class.as_str(), 0))
        .collect();
    for (class, count) in &backlog.exceptions {
        open.insert(class, *count);
    }
    open
}

/// By the clock of this moment and not of the reading: while nothing can be read, it grows.
fn seconds_since(oldest: Option<Timestamp>, now: Timestamp) -> f64 {
    let age = oldest
        .and_then(|at| (now - at).to_std().ok())
        .unwrap_or_default();
    age.as_secs_f64()
}

/// Writes gauges with one value, or one for each label, for every tenant.
struct Gauges<'a, 'e> {
    encoder: &'a mut DescriptorEncoder<'e>,
    latest: &'a BTreeMap<TenantSlug, Backlog>,
}

impl Gauges<'_, '_> {
    fn plain<V: EncodeGaugeValue>(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        value: impl Fn(&Backlog) -> V,
    ) -> fmt::Result {
        let mut metric = self
            .encoder
            .encode_descriptor(name, help, unit, MetricType::Gauge)?;
        for (tenant, backlog) in self.latest {
            let labels: [Label<'_>; 1] = [("tenant", tenant.as_str())];
            metric
                .encode_family(&labels)?
                .encode_gauge(&value(backlog))?;
        }
        Ok(())
    }

    fn labelled(
        &mut self,
        name: &str,
        help: &str,
        values: impl for<'b> Fn(&'b Backlog) -> Vec<(Label<'b>, i64)>,
    ) -> fmt::Result {
        let mut metric = self
            .encoder
            .encode_descriptor(name, help, None, MetricType::Gauge)?;
        for (tenant, backlog) in self.latest {
            for (label, value) in values(backlog) {
                let labels: [Label<'_>; 2] = [("tenant", tenant.as_str()), label];
                metric.encode_family(&labels)?.encode_gauge(&value)?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Backlogs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backlogs")
            .field("latest", &*self.lock())
            .finish_non_exhaustive()
    }
}
