//! How many orders are missing, as it was read last: gauges that are written out whole at every
//! scrape, so that a profile which is gone does not keep its last value for ever.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hawker_domain::TenantSlug;
use hawker_ports::views::MissingOrders;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

/// What is missing of all tenants.
#[derive(Default)]
pub(super) struct Completeness {
    latest: Mutex<BTreeMap<TenantSlug, Vec<MissingOrders>>>,
}

impl Completeness {
    pub(super) fn keep(&self, tenant: &TenantSlug, missing: &[MissingOrders]) {
        self.lock().insert(tenant.clone(), missing.to_vec());
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<TenantSlug, Vec<MissingOrders>>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Collector for Completeness {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let latest = self.lock().clone();
        write(
            &mut encoder,
            &latest,
            ("hawker_orders_missing", None),
            "Orders that the marketplace lists and we do not hold",
            |profile| Some(profile.missing),
        )?;
        write(
            &mut encoder,
            &latest,
            ("hawker_orders_compared_until", Some(&Unit::Seconds)),
            "Until when orders were compared without a gap, since the epoch",
            |profile| profile.compared_until.map(|until| until.timestamp()),
        )
    }
}

/// Writes a gauge for every profile that has a value.
fn write(
    encoder: &mut DescriptorEncoder<'_>,
    latest: &BTreeMap<TenantSlug, Vec<MissingOrders>>,
    (name, unit): (&str, Option<&Unit>),
    help: &str,
    value: impl Fn(&MissingOrders) -> Option<i64>,
) -> fmt::Result {
    let mut metric = encoder.encode_descriptor(name, help, unit, MetricType::Gauge)?;
    for (tenant, profiles) in latest {
        for profile in profiles {
            let Some(value) = value(profile) else {
                continue;
            };
            let labels = [
                ("tenant", tenant.as_str()),
                ("profile_id", profile.profile.as_str()),
            ];
            metric.encode_family(&labels)?.encode_gauge(&value)?;
        }
    }
    Ok(())
}

impl fmt::Debug for Completeness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Completeness")
            .field("latest", &*self.lock())
            .finish()
    }
}
