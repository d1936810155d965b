//! What the handlers share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hawker_domain::schedule::JobName;
use hawker_domain::{IdSource, TenantSlug, Timestamp, Zone};
use hawker_ports::pushes::PushIntake;
use hawker_ports::schedules::ScheduleLedger;
use hawker_ports::tenants::{StoreHealth, TenantDirectory};
use hawker_ports::views::{CompletenessViews, EscrowViews, ExceptionViews, Views};
use hawker_ports::{Clock, Sealer};
use hawker_usecases::{
    ApiBearers, AuthoriseShop, DiagnoseProfile, ExamineSignature, KeyedRequests, ManageJobs,
    ManageProfiles, ManagePushSettings, RefreshLocations, RefreshOneOrder, ScheduledProfiles,
    ShopTokens, SyncEscrow, TestConnection, TryAlerts, VerifyAgain, WorkExceptions,
};

use crate::callback::ReturnUrl;
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
    /// What the admin API does.
    pub admin: AdminPorts,
    /// `SHOPEE_OAUTH_RETURN_URL`: where sellers who come back from the marketplace are sent on to.
    pub return_url: Option<ReturnUrl>,
}

/// What the admin API does.
#[derive(Clone)]
pub struct AdminPorts {
    /// Knows the bearers of tokens.
    pub bearers: Arc<ApiBearers>,
    /// Sees to it that a request with a key happens once.
    pub keyed: Arc<KeyedRequests>,
    /// Manages profiles.
    pub profiles: Arc<ManageProfiles>,
    /// Authorises shops; also when a seller comes back.
    pub authorise: Arc<AuthoriseShop>,
    /// Renews token pairs.
    pub tokens: Arc<ShopTokens>,
    /// Says how it goes with a profile.
    pub diagnose: Arc<DiagnoseProfile>,
    /// Fetches warehouses.
    pub locations: Arc<RefreshLocations>,
    /// Tests connections.
    pub connection: Arc<TestConnection>,
    /// Reads and changes push settings.
    pub push_settings: Arc<ManagePushSettings>,
    /// Says how an event was verified.
    pub signatures: Arc<ExamineSignature>,
    /// Verifies events again.
    pub verify_again: Arc<VerifyAgain>,
    /// Shows events, orders, exceptions and the audit log.
    pub views: Arc<dyn Views>,
    /// Works on exceptions.
    pub exceptions: Arc<WorkExceptions>,
    /// Shows groups of exceptions, single ones and how retries stand.
    pub exception_views: Arc<dyn ExceptionViews>,
    /// Asks for one order.
    pub refresh_one: Arc<RefreshOneOrder>,
    /// Shows how complete what we hold is.
    pub completeness_views: Arc<dyn CompletenessViews>,
    /// Asks for the payouts of orders.
    pub sync_escrow: Arc<SyncEscrow>,
    /// Shows payouts.
    pub escrow_views: Arc<dyn EscrowViews>,
    /// Asks for runs of jobs.
    pub jobs: Arc<ManageJobs>,
    /// Every job with its schedule, as it is written; none for one that runs only when it is asked for.
    pub job_plan: Vec<(JobName, Option<String>)>,
    /// When a job of that plan runs next.
    pub next_slot: NextSlot,
    /// Which profiles jobs run for.
    pub scheduled: Arc<ScheduledProfiles>,
    /// Keeps the runs of jobs.
    pub ledger: Arc<dyn ScheduleLedger>,
    /// Tries the alert sinks.
    pub try_alerts: Arc<TryAlerts>,
    /// Tells the workers of this process that a merchant's orders may be due.
    pub wake: WakeWorkers,
}

/// The first slot of a job after a moment, told in a zone; nothing for a job without a schedule.
pub type NextSlot = Arc<dyn Fn(JobName, Timestamp, Zone) -> Option<Timestamp> + Send + Sync>;

/// Tells workers that a tenant's orders may be due, so that nobody waits for their next look. Must
/// return at once.
pub type WakeWorkers = Arc<dyn Fn(&TenantSlug) + Send + Sync>;

/// What the handlers share.
pub struct ApiState {
    pub(crate) intake: Arc<dyn PushIntake>,
    pub(crate) tenants: TenantRouter,
    pub(crate) readiness: ReadinessProbe,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) metrics: Arc<PrometheusMetrics>,
    pub(crate) admin: AdminPorts,
    pub(crate) return_url: Option<ReturnUrl>,
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
            admin,
            return_url,
        } = ports;
        Self {
            intake,
            tenants: TenantRouter::over(tenants),
            readiness: ReadinessProbe::over(health, sealer),
            clock,
            ids,
            metrics,
            admin,
            return_url,
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
