//! The settings of a service under test, as a real one gets them: environment variables.

use std::collections::BTreeMap;

use hawker_app::config::Variables;
use hawker_shopee_emulator::{PartnerApp, Shop};

/// The master secret of every test.
pub const JWT_SECRET: &str = "master-secret-of-the-tests-0123456789abcdef";

/// The access token that the emulator accepts and the database holds.
pub const ACCESS_TOKEN: &str = "access-token-of-the-tests-5ca1ab1e";

/// The refresh token beside it.
pub const REFRESH_TOKEN: &str = "refresh-token-of-the-tests-c0ffee";

/// Environment variables of a service.
#[derive(Clone)]
pub struct Settings(BTreeMap<String, String>);

impl Settings {
    /// A service on any free port for the emulator's first shop.
    pub fn new(database_url: &str, base_url: &str, push_url: &str) -> Self {
        let (app, shop) = (PartnerApp::default(), Shop::default());
        let partner_id = app.partner_id.to_string();
        let shop_id = shop.shop_id.to_string();
        let pairs = [
            ("DATABASE_URL", database_url),
            ("JWT_SECRET", JWT_SECRET),
            ("PORT", "0"),
            ("LOG_FORMAT", "json"),
            ("RUST_LOG", "info,hawker_usecases=debug"),
            ("HAWKER_SHOP_RPS", "10000"),
            ("HAWKER_APP_RPS", "10000"),
            // A test that wants a job asks for it; and nobody wants to wait for an alert.
            ("HAWKER_LOST_PUSH_SCHEDULE", "off"),
            ("HAWKER_RECONCILE_SCHEDULE", "off"),
            ("HAWKER_ESCROW_SCHEDULE", "off"),
            ("HAWKER_INBOX_RETENTION_SCHEDULE", "off"),
            ("HAWKER_ALERT_GATHER_SECONDS", "0"),
            ("HAWKER_ALERT_CALM_MINUTES", "0"),
            ("SHOPEE_PARTNER_ID", partner_id.as_str()),
            ("SHOPEE_PARTNER_KEY", app.partner_key.as_str()),
            ("SHOPEE_PUSH_PARTNER_KEY", app.push_key.as_str()),
            ("SHOPEE_SHOP_ID", shop_id.as_str()),
            ("SHOPEE_REGION", "TEST_SG"),
            ("SHOPEE_API_BASE_URL", base_url),
            ("SHOPEE_PUSH_URL", push_url),
            ("SHOPEE_ACCESS_TOKEN", ACCESS_TOKEN),
            ("SHOPEE_REFRESH_TOKEN", REFRESH_TOKEN),
        ];
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }

    /// The same with one more variable, or another value for it.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// The same without a variable.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.remove(name);
        self
    }

    /// The value of a variable that is set.
    pub fn get(&self, name: &str) -> &str {
        let value = self.0.get(name);
        value.unwrap_or_else(|| panic!("{name} is not set"))
    }

    /// As the app reads them.
    pub fn variables(&self) -> Variables {
        self.0.clone().into_iter().collect()
    }

    /// As a child process gets them.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
