//! The adapters of a process, each of them once.

use std::sync::Arc;
use std::time::Duration;

use hawker_api::PrometheusMetrics;
use hawker_crypto::RingMint;
use hawker_domain::alert::AlertPolicy;
use hawker_domain::profile::PublicBaseUrl;
use hawker_domain::{IdSource, TenantSlug};
use hawker_jobs::{CallLogging, RecentCalls, Reconciler as _, Tasks};
use hawker_ports::alerts::AlertSink;
use hawker_ports::sealing::TokenMint;
use hawker_ports::{Clock, Sealer, Sleeper};
use hawker_postgres::PgStore;
use hawker_shopee::client::{CallPolicy, Rate, RateLimits, ShopeeApi, ShopeeMarketplace};
use hawker_usecases::JournalLevel;
use hawker_usecases::tokens::TokenSettings;
use tokio::runtime::Handle;

use super::{alert_sinks, http_client, sealer, store, store_for_command};
use crate::config::{Config, ScheduleConfig};
use crate::system::{sleeper, system};

/// Connections for pushes, beside `DATABASE_POOL`. A tenant has one at a time, where many
/// pushes wait up to four; so there are some left for the others.
const PUSH_POOL: u32 = 6;

/// The one connection by which the journal is filed, portion after portion: its server process has its plans and its
/// pages at hand, which that of another connection each time has not.
const JOURNAL_POOL: u32 = 1;

/// How long what a command has begun at the marketplace may take before the process ends.
const COMMAND_GRACE: Duration = Duration::from_secs(20);

/// The adapters of a process, each of them once.
pub struct Adapters {
    /// Postgres: units of work, views, tenants, API tokens, health.
    pub store: Arc<PgStore>,
    /// The same database over connections of their own, for pushes alone: whatever pages and jobs are
    /// doing, a push does not wait for a connection.
    pub(crate) push_store: Arc<PgStore>,
    /// The store that files the journal, by a connection of its own.
    pub(crate) journal_store: Arc<PgStore>,
    /// Seals and opens secrets.
    pub sealer: Arc<dyn Sealer>,
    /// Makes tokens of our own.
    pub mint: Arc<dyn TokenMint>,
    /// Calls the marketplace, and knows how much of its limits is left.
    pub api: Arc<ShopeeApi>,
    /// The marketplace.
    pub marketplace: Arc<ShopeeMarketplace>,
    /// Calls that were made, on their way to the store.
    pub calls: Arc<RecentCalls>,
    /// Where alerts go; at least one.
    pub sinks: Vec<Arc<dyn AlertSink>>,
    /// How patiently alerts are told.
    pub alert_policy: AlertPolicy,
    /// When jobs run.
    pub schedules: ScheduleConfig,
    /// What is counted.
    pub metrics: Arc<PrometheusMetrics>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Lets time pass.
    pub sleeper: Arc<dyn Sleeper>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
    /// What goes on although its caller is gone, such as a renewal that was begun.
    pub background: Arc<Tasks>,
    /// How full the journal is that pushes of this process are put down in.
    pub journal: JournalLevel,
    pub(super) public_api_base_url: Option<PublicBaseUrl>,
    pub(super) token_settings: TokenSettings,
    #[cfg(feature = "planted-faults")]
    pub(crate) planted_fault: Option<crate::planted_faults::PlantedFault>,
}

impl Adapters {
    /// Everything that `config` describes, within the current Tokio runtime. Nothing is connected
    /// yet.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let store = |connections| store(&config.database_url, connections);
        Self::over(
            config,
            store(config.database_pool)?,
            store(PUSH_POOL)?,
            store(JOURNAL_POOL)?,
        )
    }

    /// The same for a command that does one thing and ends.
    pub fn for_command(config: &Config) -> anyhow::Result<Self> {
        let store = store_for_command(&config.database_url)?;
        Self::over(config, store.clone(), store.clone(), store)
    }

    fn over(
        config: &Config,
        store: PgStore,
        push_store: PgStore,
        journal_store: PgStore,
    ) -> anyhow::Result<Self> {
        let (clock, ids) = system();
        let client = http_client()?;
        let metrics = Arc::new(PrometheusMetrics::new(clock.clone()));
        let calls = Arc::new(RecentCalls::default());
        let (shop, app) = config.calls_per_second;
        // A second's worth at once: a backlog is worked off in batches, not in drops.
        let limits = RateLimits {
            shop: Rate::new(shop, shop),
            app: Rate::new(app, app),
        };
        let policy = CallPolicy::default();
        let api = ShopeeApi::new(
            client.clone(),
            clock.clone(),
            metrics.clone(),
            policy,
            limits,
        );
        let api = Arc::new(api.with_recorder(calls.clone()));
        Ok(Self {
            store: Arc::new(store),
            push_store: Arc::new(push_store),
            journal_store: Arc::new(journal_store),
            sealer: Arc::new(sealer(config)?),
            mint: Arc::new(RingMint::new()),
            marketplace: Arc::new(ShopeeMarketplace::new(api.clone())),
            api,
            calls,
            sinks: alert_sinks(&config.alerts, &client)?,
            journal: JournalLevel::default(),
            alert_policy: config.alerts.policy,
            schedules: config.schedules.clone(),
            metrics,
            clock,
            sleeper: sleeper(),
            ids,
            background: Arc::new(Tasks::on(Handle::current())),
            public_api_base_url: config.public_base_url(),
            token_settings: TokenSettings {
                margin: config.token_refresh_margin,
            },
            #[cfg(feature = "planted-faults")]
            planted_fault: config.planted_fault,
        })
    }

    /// Before a command ends: waits for what it has begun at the marketplace, and keeps the log of
    /// its calls. That the latter fails is no failure of the command.
    pub async fn finish(&self, tenant: &TenantSlug) {
        let cut_off = self.background.stop(COMMAND_GRACE).await.cut_off;
        if cut_off > 0 {
            tracing::warn!(
                cut_off,
                "something that was begun at the marketplace did not end"
            );
        }
        if let Err(error) = self.call_logging().run_once(tenant).await {
            tracing::debug!(%error, "the calls of this command are not in the log of calls");
        }
    }

    pub(super) fn call_logging(&self) -> CallLogging {
        CallLogging::new(self.calls.clone(), self.store.clone(), self.store.clone())
    }
}
