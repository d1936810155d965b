//! Settings from the environment. Every problem is reported at once, secrets are read from files
//! where `NAME_FILE` is set, and nothing secret can be printed.

mod environment;
mod settings;

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use hawker_domain::profile::Region;
use hawker_domain::{Environment, ShopId};
use secrecy::SecretString;
use url::Url;

pub use environment::Environment as Variables;
pub use settings::{SETTINGS, Setting};

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
    /// `JWT_SECRET_PREVIOUS`: earlier master secrets, still able to open.
    pub jwt_secret_previous: Vec<SecretString>,
    /// `SECRETS_HKDF_SALT`.
    pub hkdf_salt: Option<String>,
    /// `SECRETS_HKDF_INFO`.
    pub hkdf_info: Option<String>,
    /// `PUBLIC_API_BASE_URL`.
    pub public_api_base_url: Option<Url>,
    /// `SHOPEE_ALERT_WEBHOOK_URL`.
    pub alert_webhook_url: Option<Url>,
    /// `HAWKER_WORKERS`: workers that bring orders up to date.
    pub workers: usize,
    /// `HAWKER_SHOP_RPS` and `HAWKER_APP_RPS`: calls to the marketplace each second.
    pub calls_per_second: (u32, u32),
}

/// What `hawker seed` makes a profile of. Read only then: later edits of the environment change
/// nothing, the stored profile is what counts.
pub struct ShopConfig {
    /// `SHOPEE_PROFILE_ID`.
    pub profile_id: String,
    /// `SHOPEE_ENVIRONMENT`.
    pub environment: Environment,
    /// `SHOPEE_REGION`.
    pub region: Region,
    /// `SHOPEE_API_BASE_URL`.
    pub base_url: Option<String>,
    /// `SHOPEE_PUSH_URL`: the callback URL as registered at the marketplace.
    pub push_url: Option<String>,
    /// `SHOPEE_PARTNER_ID`.
    pub partner_id: Option<i64>,
    /// `SHOPEE_PARTNER_KEY`.
    pub partner_key: Option<SecretString>,
    /// `SHOPEE_PUSH_PARTNER_KEY`.
    pub push_key: Option<SecretString>,
    /// `SHOPEE_SHOP_ID`.
    pub shop_id: Option<ShopId>,
    /// `SHOPEE_ACCESS_TOKEN`.
    pub access_token: Option<SecretString>,
    /// `SHOPEE_REFRESH_TOKEN`.
    pub refresh_token: Option<SecretString>,
}

/// Settings that are missing or wrong, all of them.
#[derive(Debug, thiserror::Error)]
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
const WORKERS: usize = 2;
/// Well below what the platform was seen to throttle at (shopee.md §7.3).
const SHOP_RPS: u32 = 10;
const APP_RPS: u32 = 50;

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
        let config = Self {
            database_pool: read
                .parsed_or("DATABASE_POOL", "a number of connections", DATABASE_POOL)
                .max(1),
            listen: SocketAddr::new(host, port),
            jwt_secret_previous: read.secret_list("JWT_SECRET_PREVIOUS"),
            hkdf_salt: read.text("SECRETS_HKDF_SALT"),
            hkdf_info: read.text("SECRETS_HKDF_INFO"),
            public_api_base_url: read.url("PUBLIC_API_BASE_URL"),
            alert_webhook_url: read.url("SHOPEE_ALERT_WEBHOOK_URL"),
            workers: read
                .parsed_or("HAWKER_WORKERS", "a number of workers", WORKERS)
                .max(1),
            calls_per_second: (
                read.parsed_or("HAWKER_SHOP_RPS", "calls each second", SHOP_RPS)
                    .max(1),
                read.parsed_or("HAWKER_APP_RPS", "calls each second", APP_RPS)
                    .max(1),
            ),
            database_url,
            jwt_secret: read.required("JWT_SECRET", jwt_secret),
        };
        read.finish(config)
    }
}

impl Config {
    /// Tells the log what is set; secrets only as present or absent.
    pub fn tell(&self) {
        let shown = |url: &Option<Url>| url.as_ref().map(|url| url.origin().ascii_serialization());
        tracing::info!(
            event = "service.settings",
            listen = %self.listen,
            database_pool = self.database_pool,
            workers = self.workers,
            previous_secrets = self.jwt_secret_previous.len(),
            public_api_base_url = shown(&self.public_api_base_url),
            alert_webhook = shown(&self.alert_webhook_url),
            calls_per_second_shop = self.calls_per_second.0,
            calls_per_second_app = self.calls_per_second.1,
        );
        if self.public_api_base_url.is_none() {
            tracing::warn!(
                "PUBLIC_API_BASE_URL is not set: pushes verify only against the callback URL that is registered with each profile"
            );
        }
    }
}

/// Reads `DATABASE_URL` alone, for commands that need no more.
pub fn database_url(variables: &Variables) -> Result<SecretString, ConfigError> {
    let mut read = settings::Reader::new(variables);
    let url = read.database_url();
    read.finish(url)
}

impl ShopConfig {
    /// Reads the shop that is to be set up; `None` where no `SHOPEE_PARTNER_ID` is set.
    pub fn read(variables: &Variables) -> Result<Option<Self>, ConfigError> {
        let mut read = settings::Reader::new(variables);
        let partner_id = read.parsed("SHOPEE_PARTNER_ID", "a number");
        let environment = read.parsed_or(
            "SHOPEE_ENVIRONMENT",
            "`sandbox` or `live`",
            Environment::Sandbox,
        );
        let region = match environment {
            Environment::Sandbox => Region::TestGlobal,
            Environment::Live => Region::Global,
        };
        let config = Self {
            profile_id: read
                .text("SHOPEE_PROFILE_ID")
                .unwrap_or_else(|| format!("prof_{environment}")),
            environment,
            region: read.parsed_or("SHOPEE_REGION", "a region such as SG or TEST_SG", region),
            base_url: read
                .url("SHOPEE_API_BASE_URL")
                .map(|url| url.as_str().trim_end_matches('/').to_owned()),
            // Verbatim: the signature is over the URL exactly as it is registered.
            push_url: read.text("SHOPEE_PUSH_URL"),
            partner_id,
            partner_key: read.secret("SHOPEE_PARTNER_KEY"),
            push_key: read.secret("SHOPEE_PUSH_PARTNER_KEY"),
            shop_id: read.parsed("SHOPEE_SHOP_ID", "a number").map(ShopId),
            access_token: read.secret("SHOPEE_ACCESS_TOKEN"),
            refresh_token: read.secret("SHOPEE_REFRESH_TOKEN"),
        };
        read.finish(partner_id.is_some().then_some(config))
    }
}

#[cfg(test)]
mod tests;
