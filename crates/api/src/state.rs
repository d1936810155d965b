//! What the handlers share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hawker_domain::IdSource;
use hawker_ports::pushes::PushIntake;
use hawker_ports::tenants::{StoreHealth, TenantDirectory};
use hawker_ports::{Clock, Sealer};

use crate::metrics::PrometheusMetrics;
use crate::readiness::ReadinessProbe;
use crate::tenant_router::TenantRouter;

/// What the API needs of the rest of the service.
pub struct ApiPorts {
    /// Takes pushes in.
    pub intake: Arc<dyn PushIntake>,
    /// Says whose a profile is.
    pub tenants: Arc<dyn TenantDirectory>,
    /// Says whether the store can be worked with.
    pub health: Arc<dyn StoreHealth>,
    /// Seals secrets; asked only whether it works.
    pub sealer: Arc<dyn Sealer>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids to requests.
    pub ids: Arc<dyn IdSource>,
    /// Counts, and shows what was counted.
    pub metrics: Arc<PrometheusMetrics>,
}

/// What the handlers share.
pub struct ApiState {
    pub(crate) intake: Arc<dyn PushIntake>,
    pub(crate) tenants: TenantRouter,
    pub(crate) readiness: ReadinessProbe,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) metrics: Arc<PrometheusMetrics>,
    is_stopping: AtomicBool,
}

impl ApiState {
    /// The state over these ports.
    pub fn new(ports: ApiPorts) -> Self {
        let ApiPorts {
            intake,
            tenants,
            health,
            sealer,
            clock,
            ids,
            metrics,
        } = ports;
        Self {
            intake,
            tenants: TenantRouter::over(tenants),
            readiness: ReadinessProbe::over(health, sealer),
            clock,
            ids,
            metrics,
            is_stopping: AtomicBool::new(false),
        }
    }

    /// From now on `/readyz` says that the service is stopping, so that a load balancer sends new
    /// requests elsewhere; requests that come all the same are answered as long as it lasts.
    pub fn announce_stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }
}
