//! The shop that the environment describes. Read when the database knows no profile yet, and never
//! again: from then on the stored profiles count, and later edits of the environment change nothing.

use hawker_domain::ids::ProfileId;
use hawker_domain::profile::{CallbackUrls, PublicBaseUrl, Region};
use hawker_domain::{Environment, ShopId};
use secrecy::SecretString;

use super::{ConfigError, Variables, settings};

/// What the first profile is made of. Whatever is not set stays empty in the profile.
#[derive(Clone)]
pub struct ShopConfig {
    /// `SHOPEE_PROFILE_ID`.
    pub profile_id: Option<ProfileId>,
    /// `SHOPEE_ENVIRONMENT`.
    pub environment: Environment,
    /// `SHOPEE_REGION`.
    pub region: Option<Region>,
    /// `SHOPEE_API_BASE_URL`.
    pub base_url: Option<String>,
    /// `SHOPEE_PUSH_URL`: the callback URL as registered at the marketplace.
    pub push_url: Option<String>,
    /// `SHOPEE_OAUTH_CALLBACK_URL`; only compared with what is derived from `PUBLIC_API_BASE_URL`.
    pub oauth_callback_url: Option<String>,
    /// `SHOPEE_PARTNER_ID`.
    pub partner_id: Option<i64>,
    /// `SHOPEE_PARTNER_KEY`.
    pub partner_key: Option<SecretString>,
    /// `SHOPEE_PUSH_PARTNER_KEY`.
    pub push_key: Option<SecretString>,
    /// `SHOPEE_SHOP_ID`.
    pub shop_id: Option<ShopId>,
    /// `SHOPEE_DEFAULT_LOCATION_ID`.
    pub default_location_id: Option<String>,
    /// `SHOPEE_ACCESS_TOKEN`.
    pub access_token: Option<SecretString>,
    /// `SHOPEE_REFRESH_TOKEN`.
    pub refresh_token: Option<SecretString>,
}

impl ShopConfig {
    /// Reads the shop; an environment that says nothing of one describes an empty sandbox.
    pub fn read(variables: &Variables) -> Result<Self, ConfigError> {
        let mut read = settings::Reader::new(variables);
        let environment = read.parsed_or(
            "SHOPEE_ENVIRONMENT",
            "`sandbox` or `live`",
            Environment::Sandbox,
        );
        let config = Self {
            profile_id: read.parsed_by(
                "SHOPEE_PROFILE_ID",
                "an id of letters, digits, _ and -",
                ProfileId::parse,
            ),
            environment,
            region: read.parsed("SHOPEE_REGION", "a region such as SG or TEST_SG"),
            base_url: read
                .url("SHOPEE_API_BASE_URL")
                .map(|url| url.as_str().trim_end_matches('/').to_owned()),
            // Verbatim: the signature is over the URL exactly as it is registered.
            push_url: read.text("SHOPEE_PUSH_URL"),
            oauth_callback_url: read.text("SHOPEE_OAUTH_CALLBACK_URL"),
            partner_id: read.parsed("SHOPEE_PARTNER_ID", "a number"),
            partner_key: read.secret("SHOPEE_PARTNER_KEY"),
            push_key: read.secret("SHOPEE_PUSH_PARTNER_KEY"),
            shop_id: read.parsed("SHOPEE_SHOP_ID", "a number").map(ShopId),
            default_location_id: read.text("SHOPEE_DEFAULT_LOCATION_ID"),
            access_token: read.secret("SHOPEE_ACCESS_TOKEN"),
            refresh_token: read.secret("SHOPEE_REFRESH_TOKEN"),
        };
        read.finish(config)
    }

    /// `SHOPEE_OAUTH_CALLBACK_URL`, where it is not what is derived from `base`.
    pub(super) fn foreign_callback_url(&self, base: &PublicBaseUrl) -> Option<&str> {
        let set = self.oauth_callback_url.as_deref()?;
        let usual = || ProfileId::parse(&format!("prof_{}", self.environment));
        let profile = self.profile_id.clone().or_else(usual)?;
        let urls = CallbackUrls::of(base, self.environment, &profile);
        let derived = [urls.oauth, urls.oauth_by_environment];
        derived.iter().all(|url| url != set).then_some(set)
    }
}
