//! Where ports meet adapters. Everything concrete is named here and nowhere else.

mod adapters;
mod jobs;
#[cfg(not(feature = "planted-faults"))]
mod ports;
mod reconcilers;
mod use_cases;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use hawker_alerting::{LogSink, N8nWebhookSink, TelegramSink};
use hawker_crypto::{KeyRingError, RingSealer, is_short_master_secret};
use hawker_ports::alerts::AlertSink;
use hawker_postgres::{PgOptions, PgStore};
use secrecy::{ExposeSecret as _, SecretString};

pub use adapters::Adapters;

use crate::config::{AlertConfig, Config, ConfigError, TelegramConfig};

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
    ring(config).map_err(|error| {
        ConfigError {
            problems: vec![error.to_string()],
        }
        .into()
    })
}

/// Each secret is also tried by way of the previous derivation, where there is one.
fn ring(config: &Config) -> Result<RingSealer, KeyRingError> {
    let (master, previous) = (&config.jwt_secret, &config.jwt_secret_previous);
    let ring = RingSealer::new(master, previous, &config.derivation)?;
    match &config.derivation_previous {
        None => Ok(ring),
        Some(derivation) => {
            let secrets = [std::slice::from_ref(master), previous].concat();
            ring.also_opening(&secrets, derivation)
        }
    }
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

/// A setting that only its adapter can judge.
fn wrong<E: std::error::Error>(name: &str) -> impl Fn(E) -> ConfigError {
    move |error| ConfigError {
        problems: vec![format!("{name}: {error}")],
    }
}

/// Where alerts go: the webhook and the bot where they are set, else the log.
pub fn alert_sinks(
    alerts: &AlertConfig,
    client: &reqwest::Client,
) -> anyhow::Result<Vec<Arc<dyn AlertSink>>> {
    let mut sinks: Vec<Arc<dyn AlertSink>> = Vec::new();
    if let Some(url) = &alerts.webhook_url {
        let n8n = N8nWebhookSink::try_new(client.clone(), url.clone());
        sinks.push(Arc::new(n8n.map_err(wrong("SHOPEE_ALERT_WEBHOOK_URL"))?));
    }
    if let Some(TelegramConfig { token, chat, base }) = &alerts.telegram {
        let (base, token, chat) = (base.clone(), token.clone(), chat.clone());
        let telegram = TelegramSink::try_new(client.clone(), base, token, chat);
        sinks.push(Arc::new(telegram.map_err(wrong("TELEGRAM_BOT_TOKEN"))?));
    }
    if sinks.is_empty() {
        sinks.push(Arc::new(LogSink));
    }
    Ok(sinks)
}
