//! Settings from the environment. Every problem is reported at once, secrets are read from files
//! where `NAME_FILE` is set, and nothing secret can be printed.

mod alerts;
mod environment;
mod schedules;
mod settings;
mod shop;

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use chrono::TimeDelta;
use hawker_crypto::KeyDerivation;
use hawker_domain::profile::PublicBaseUrl;
use secrecy::SecretString;
use url::Url;

pub use alerts::{AlertConfig, TelegramConfig};
pub use environment::Environment as Variables;
pub use schedules::ScheduleConfig;
pub use settings::{SETTINGS, Setting};
pub use shop::ShopConfig;

/// Everything that can be set.
pub struct Config {
    /// `DATABASE_URL`.
    pub database_url: SecretString,
    /// `DATABASE_POOL`: connections kept by this process.
    pub database_pool: u32,
    /// `HOST` and `PORT`.
    pub listen: SocketAddr,
    /// `JWT_SECRET`: the master secret that secrets at rest are sealed under.
    pub jwt_secret: SecretString,
    /// `JWT_SECRET_PREVIOUS`: what may be an earlier master secret, still able to open: each part of
    /// the list, and the list as a whole, because a secret may hold a comma.
    pub jwt_secret_previous: Vec<SecretString>,
    /// `SECRETS_HKDF_SALT` and `SECRETS_HKDF_INFO`: how keys are derived.
    pub derivation: KeyDerivation,
    /// `SECRETS_HKDF_PREVIOUS_SALT` and `SECRETS_HKDF_PREVIOUS_INFO`: how they were derived where rows
    /// were taken over from; opens and never seals.
    pub derivation_previous: Option<KeyDerivation>,
    /// `PUBLIC_API_BASE_URL`.
    pub public_api_base_url: Option<Url>,
    /// `SHOPEE_OAUTH_RETURN_URL`: where a seller's browser is sent on to after the authorisation.
    pub oauth_return_url: Option<Url>,
    /// Where alerts go, and how patiently.
    pub alerts: AlertConfig,
    /// When jobs run.
    pub schedules: ScheduleConfig,
    /// `HAWKER_WORKERS`: workers that bring orders up to date.
    pub workers: usize,
    /// `HAWKER_SHOP_RPS` and `HAWKER_APP_RPS`: calls to the marketplace each second.
    pub calls_per_second: (u32, u32),
    /// `TOKEN_REFRESH_MARGIN_SECONDS`: an access token with no more of its life left than this is
    /// renewed before it is used.
    pub token_refresh_margin: TimeDelta,
    /// The shop that `SHOPEE_*` describes. Whether it can be used matters on the first boot alone, so
    /// that what is wrong with it does not keep a service from starting.
    pub shop: Result<ShopConfig, ConfigError>,
    /// `HAWKER_PLANTED_FAULT`: what is done wrong on purpose.
    #[cfg(feature = "planted-faults")]
    pub planted_fault: Option<crate::planted_faults::PlantedFault>,
}

/// Settings that are missing or wrong, all of them.
#[derive(Clone, Debug, thiserror::Error)]
pub struct ConfigError {
    /// One sentence each, naming the setting.
    pub problems: Vec<String>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the settings cannot be used:")?;
        for problem in &self.problems {
            writeln!(f, "  - {problem}")?;
        }
        write!(f, "`hawker --help` lists every setting")
    }
}

const DATABASE_POOL: u32 = 10;
const WORKERS: usize = 4;
/// Well below what the platform was seen to throttle at (shopee.md §7.3).
const SHOP_RPS: u32 = 10;
const APP_RPS: u32 = 50;
/// Long enough for a batch of calls that begins just before it.
const TOKEN_MARGIN_SECONDS: u32 = 300;
/// An access token lives four hours (shopee.md §3.4): with a margin in that region every call would
/// renew it.
const TOKEN_MARGIN_SECONDS_MAX: u32 = 3_600;

impl Config {
    /// Reads the settings of the service.
    pub fn read(variables: &Variables) -> Result<Self, ConfigError> {
        let mut read = settings::Reader::new(variables);
        let database_url = read.database_url();
        let jwt_secret = read.secret("JWT_SECRET");
        let host: IpAddr = read.parsed_or(
            "HOST",
            "an IP address such as 127.0.0.1",
            [127, 0, 0, 1].into(),
        );
        let port: u16 = read.parsed_or("PORT", "a port from 0 to 65535", 9000);
        let derivation = derivation(&read);
        let config = Self {
            database_pool: read
                .parsed_or("DATABASE_POOL", "a number of connections", DATABASE_POOL)
                .max(1),
            listen: SocketAddr::new(host, port),
            jwt_secret_previous: read.secret_list("JWT_SECRET_PREVIOUS"),
            derivation_previous: previous_derivation(&read, &derivation),
            derivation,
            public_api_base_url: read.url("PUBLIC_API_BASE_URL"),
            oauth_return_url: read.url("SHOPEE_OAUTH_RETURN_URL"),
            alerts: AlertConfig::read(&mut read),
            schedules: ScheduleConfig::read(&mut read),
            workers: read
                .parsed_or("HAWKER_WORKERS", "a number of workers", WORKERS)
                .max(1),
            calls_per_second: (
                read.parsed_or("HAWKER_SHOP_RPS", "calls each second", SHOP_RPS)
                    .max(1),
                read.parsed_or("HAWKER_APP_RPS", "calls each second", APP_RPS)
                    .max(1),
            ),
            token_refresh_margin: TimeDelta::seconds(
                read.number_to(
                    "TOKEN_REFRESH_MARGIN_SECONDS",
                    TOKEN_MARGIN_SECONDS_MAX,
                    TOKEN_MARGIN_SECONDS,
                )
                .into(),
            ),
            shop: ShopConfig::read(variables),
            #[cfg(feature = "planted-faults")]
            planted_fault: read.parsed(crate::planted_faults::VARIABLE, "a planted fault"),
            database_url,
            jwt_secret: read.required("JWT_SECRET", jwt_secret),
        };
        read.finish(config)
    }
}

impl Config {
    /// `PUBLIC_API_BASE_URL` as the URLs of profiles are derived from it.
    pub fn public_base_url(&self) -> Option<PublicBaseUrl> {
        let url = self.public_api_base_url.as_ref()?;
        PublicBaseUrl::new(url.as_str())
    }

    /// Tells the log what is set; secrets only as present or absent.
    pub fn tell(&self) {
        let when = |schedule: &Option<hawker_jobs::Schedule>| {
            let schedule = schedule.as_ref();
            schedule.map_or_else(|| "off".to_owned(), ToString::to_string)
        };
        let shown = |url: &Option<Url>| url.as_ref().map(|url| url.origin().ascii_serialization());
        tracing::info!(
            event = "service.settings",
            listen = %self.listen,
            database_pool = self.database_pool,
            workers = self.workers,
            previous_secrets = self.jwt_secret_previous.len(),
            has_previous_derivation = self.derivation_previous.is_some(),
            public_api_base_url = shown(&self.public_api_base_url),
            oauth_return_url = shown(&self.oauth_return_url),
            alert_webhook = shown(&self.alerts.webhook_url),
            has_telegram = self.alerts.telegram.is_some(),
            lost_pushes = when(&self.schedules.lost_pushes),
            reconcile = when(&self.schedules.reconcile),
            escrow = when(&self.schedules.escrow),
            inbox_retention = when(&self.schedules.retention),
            event_days = self.schedules.keeping.processed.num_days(),
            unverified_days = self.schedules.keeping.unverified.num_days(),
            calls_per_second_shop = self.calls_per_second.0,
            calls_per_second_app = self.calls_per_second.1,
            token_refresh_margin_s = self.token_refresh_margin.num_seconds(),
        );
        let Some(base) = self.public_base_url() else {
            tracing::warn!(
                "PUBLIC_API_BASE_URL is not set: no shop can be authorised, profiles show no callback URLs, and pushes verify only against the URL that is registered with each profile"
            );
            return;
        };
        let shop = self.shop.as_ref().ok();
        if let Some(url) = shop.and_then(|shop| shop.foreign_callback_url(&base)) {
            tracing::warn!(
                url,
                derived_from = base.as_str(),
                "SHOPEE_OAUTH_CALLBACK_URL is not used: where sellers come back to is derived from PUBLIC_API_BASE_URL"
            );
        }
    }
}

/// How keys are derived. What is set but empty is empty: rows of an older system often have no salt.
fn derivation(read: &settings::Reader<'_>) -> KeyDerivation {
    let usual = KeyDerivation::default();
    KeyDerivation {
        salt: read.even_empty("SECRETS_HKDF_SALT").unwrap_or(usual.salt),
        info: read.even_empty("SECRETS_HKDF_INFO").unwrap_or(usual.info),
    }
}

/// How they were derived before, where a part of it is set; the other part is as it is now.
fn previous_derivation(
    read: &settings::Reader<'_>,
    in_force: &KeyDerivation,
) -> Option<KeyDerivation> {
    let salt = read.even_empty("SECRETS_HKDF_PREVIOUS_SALT");
    let info = read.even_empty("SECRETS_HKDF_PREVIOUS_INFO");
    (salt.is_some() || info.is_some()).then(|| KeyDerivation {
        salt: salt.unwrap_or_else(|| in_force.salt.clone()),
        info: info.unwrap_or_else(|| in_force.info.clone()),
    })
}

/// Reads `DATABASE_URL` alone, for commands that need no more.
pub fn database_url(variables: &Variables) -> Result<SecretString, ConfigError> {
    let mut read = settings::Reader::new(variables);
    let url = read.database_url();
    read.finish(url)
}

#[cfg(test)]
mod tests;
