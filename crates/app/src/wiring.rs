//! Where ports meet adapters. Everything concrete is named here and nowhere else.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use hawker_alerting::{LogSink, N8nWebhookSink};
use hawker_api::PrometheusMetrics;
use hawker_crypto::{KeyDerivation, RingSealer, is_short_master_secret};
use hawker_domain::retry::RetryPolicy;
use hawker_domain::{ConnectorName, IdSource};
use hawker_jobs::{
    AlertDelivery, BacklogGauge, EscrowCapture, Reconciler, RestockCheck, Reverification,
    StorePushes, WorkOnOrders,
};
use hawker_ports::alerts::AlertSink;
use hawker_ports::{Clock, Marketplace, Metrics, Sealer};
use hawker_postgres::{PgOptions, PgStore};
use hawker_shopee::client::{CallPolicy, Rate, RateLimits, ShopeeApi, ShopeeMarketplace};
use hawker_shopee::push::ShopeePushes;
use hawker_usecases::{
    CaptureEscrow, ClearRestocked, DeliverAlerts, ReceivePushes, RefreshOrders, VerifyAgain,
};
use secrecy::{ExposeSecret as _, SecretString};

use crate::config::{Config, ConfigError};
use crate::system::system;

/// Connections that a command takes: it asks one thing after the other.
const COMMAND_POOL: u32 = 2;

/// How long a command waits for the database before it says that it is away.
const COMMAND_PATIENCE: Duration = Duration::from_secs(2);

/// The store for a command that looks at or changes something and ends.
pub fn store_for_command(database_url: &SecretString) -> anyhow::Result<PgStore> {
    lazily(&options(database_url, COMMAND_POOL).acquire_timeout(COMMAND_PATIENCE))
}

/// The store; connections are made when they are needed, so that a service starts while its
/// database is still away.
pub fn store(database_url: &SecretString, connections: u32) -> anyhow::Result<PgStore> {
    lazily(&options(database_url, connections))
}

fn options(database_url: &SecretString, connections: u32) -> PgOptions {
    PgOptions::new(database_url.expose_secret())
        .connections_max(connections)
        .application_name(concat!("hawker ", env!("CARGO_PKG_VERSION")))
}

fn lazily(options: &PgOptions) -> anyhow::Result<PgStore> {
    PgStore::connect_lazy(options).map_err(|error| {
        let cause = anyhow::Error::new(error);
        let problem = format!("DATABASE_URL cannot be used: {}", cause.root_cause());
        let problems = vec![problem];
        ConfigError { problems }.into()
    })
}

/// Seals and opens secrets under `JWT_SECRET`.
pub fn sealer(config: &Config) -> anyhow::Result<RingSealer> {
    if is_short_master_secret(&config.jwt_secret) {
        tracing::warn!("JWT_SECRET is short; 32 random characters or more are advised");
    }
    let mut derivation = KeyDerivation::default();
    if let Some(salt) = &config.hkdf_salt {
        derivation.salt.clone_from(salt);
    }
    if let Some(info) = &config.hkdf_info {
        derivation.info.clone_from(info);
    }
    RingSealer::new(&config.jwt_secret, &config.jwt_secret_previous, &derivation).map_err(|error| {
        ConfigError {
            problems: vec![error.to_string()],
        }
        .into()
    })
}

/// The one HTTP client, with the settings that calls to the marketplace need; TLS by `ring`.
pub fn http_client() -> anyhow::Result<reqwest::Client> {
    // Whoever installed a provider before us (a test in the same process) chose the same one.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    hawker_shopee::client::http_client_builder()
        .build()
        .context("the HTTP client cannot be built")
}

/// Where alerts go: the webhook where one is set, else the log.
pub fn alert_sink(config: &Config, client: &reqwest::Client) -> anyhow::Result<Arc<dyn AlertSink>> {
    Ok(match &config.alert_webhook_url {
        Some(url) => Arc::new(
            N8nWebhookSink::try_new(client.clone(), url.clone())
                .context("SHOPEE_ALERT_WEBHOOK_URL")?,
        ),
        None => Arc::new(LogSink),
    })
}

/// The adapters of a service, each of them once.
pub struct Adapters {
    /// Postgres: units of work, views, tenants, health.
    pub store: Arc<PgStore>,
    /// Seals and opens secrets.
    pub sealer: Arc<dyn Sealer>,
    /// The marketplace.
    pub marketplace: Arc<dyn Marketplace>,
    /// Where alerts go.
    pub sink: Arc<dyn AlertSink>,
    /// What is counted.
    pub metrics: Arc<PrometheusMetrics>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
    public_api_base_url: Option<String>,
}

impl Adapters {
    /// Everything that `config` describes. Nothing is connected yet.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let (clock, ids) = system();
        let client = http_client()?;
        let metrics = Arc::new(PrometheusMetrics::new(clock.clone()));
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
        Ok(Self {
            store: Arc::new(store(&config.database_url, config.database_pool)?),
            sealer: Arc::new(sealer(config)?),
            marketplace: Arc::new(ShopeeMarketplace::new(Arc::new(api))),
            sink: alert_sink(config, &client)?,
            metrics,
            clock,
            ids,
            public_api_base_url: config.public_api_base_url.as_ref().map(ToString::to_string),
        })
    }

    /// Takes pushes in.
    pub fn receive_pushes(&self) -> Arc<dyn StorePushes> {
        Arc::new(self.pushes())
    }

    fn pushes(&self) -> ReceivePushes {
        ReceivePushes {
            store: self.store.clone(),
            reader: Arc::new(ShopeePushes),
            sealer: self.sealer.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            connector: ConnectorName::Shopee,
            public_api_base_url: self.public_api_base_url.clone(),
        }
    }

    /// Brings orders up to date.
    pub fn refresh_orders(&self) -> Arc<dyn WorkOnOrders> {
        Arc::new(RefreshOrders {
            store: self.store.clone(),
            marketplace: self.marketplace.clone(),
            sealer: self.sealer.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            metrics: self.metrics.clone(),
            retry: RetryPolicy::ORDER,
        })
    }

    /// What goes on in the background besides.
    pub fn reconcilers(&self) -> [Arc<dyn Reconciler>; 5] {
        let metrics: Arc<dyn Metrics> = self.metrics.clone();
        let deliver = DeliverAlerts {
            store: self.store.clone(),
            sink: self.sink.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            metrics: metrics.clone(),
        };
        let capture = CaptureEscrow {
            store: self.store.clone(),
            marketplace: self.marketplace.clone(),
            sealer: self.sealer.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            metrics: metrics.clone(),
        };
        let verify = VerifyAgain {
            pushes: self.pushes(),
        };
        let restocked = ClearRestocked {
            store: self.store.clone(),
            clock: self.clock.clone(),
        };
        [
            Arc::new(AlertDelivery::new(deliver)),
            Arc::new(EscrowCapture::new(capture)),
            Arc::new(RestockCheck::new(restocked)),
            Arc::new(Reverification::new(verify)),
            Arc::new(BacklogGauge::new(
                self.store.clone(),
                self.clock.clone(),
                metrics,
            )),
        ]
    }
}
