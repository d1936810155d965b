//! A profile as it comes in: all of a new one, or what is to change of one that exists.

use chrono::{DateTime, Utc};
use hawker_domain::profile::Region;
use hawker_domain::{ConnectorName, Environment, ShopId};
use hawker_usecases::manage_profiles::{Edited, ProfileDraft, ProfileEdit};
use serde::Deserialize;
use utoipa::ToSchema;

use super::names::{EnvironmentWire, RegionWire};
use super::secret::SecretField;

/// A new profile.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProfileDraft)]
pub(crate) struct ProfileDraftForm {
    /// Sandbox or live. It is part of the profile's URLs and never changes.
    #[schema(value_type = EnvironmentWire)]
    env_type: Environment,
    /// Its name for a person.
    #[schema(min_length = 1, max_length = 80, example = "Card shop Singapore")]
    display_name: String,
    /// Its region; decides the host. Without it, `TEST_GLOBAL` in the sandbox and `GLOBAL` live.
    #[schema(value_type = Option<RegionWire>)]
    region: Option<Region>,
    /// A base URL that wins over the region's.
    base_url_override: Option<String>,
    /// The callback URL as registered at the marketplace, verbatim.
    registered_url: Option<String>,
    /// The partner (app) id.
    #[schema(minimum = 1)]
    partner_id: Option<i64>,
    /// The shop; an authorisation fills it in.
    #[schema(minimum = 1)]
    shop_id: Option<i64>,
    /// The partner key.
    partner_key: Option<SecretField>,
    /// When the partner key ends, by the marketplace's console.
    partner_key_expires_at: Option<DateTime<Utc>>,
    /// The push key.
    push_partner_key: Option<SecretField>,
    /// Whether pushes that are signed without their URL are accepted too; by default in the sandbox
    /// alone.
    accepts_body_only: Option<bool>,
}

/// What is to change of a profile. A field that is left out stays as it is; `null` clears one that
/// can be empty; a blank secret stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProfileEdit)]
pub(crate) struct ProfileEditForm {
    /// Its name for a person.
    #[schema(min_length = 1, max_length = 80)]
    display_name: Option<String>,
    /// Its region; decides the host.
    #[schema(value_type = Option<RegionWire>)]
    region: Option<Region>,
    /// A base URL that wins over the region's.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    base_url_override: Edited<String>,
    /// The callback URL as registered at the marketplace, verbatim.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    registered_url: Edited<String>,
    /// The partner (app) id.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 1)]
    partner_id: Edited<i64>,
    /// The shop.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 1)]
    shop_id: Edited<i64>,
    /// The partner key; blank leaves it as it is, nothing clears it.
    partner_key: Option<SecretField>,
    /// When the partner key ends, by the marketplace's console.
    #[serde(default)]
    #[schema(value_type = Option<DateTime<Utc>>)]
    partner_key_expires_at: Edited<DateTime<Utc>>,
    /// The push key; blank leaves it as it is, nothing clears it. The key that it replaces goes on
    /// verifying pushes as the previous one.
    push_partner_key: Option<SecretField>,
    /// Whether pushes that are signed without their URL are accepted too.
    accepts_body_only: Option<bool>,
    /// The warehouse that is meant where none is named: one of the profile's locations.
    default_location_id: Option<String>,
}

impl ProfileDraftForm {
    pub(crate) fn into_draft(self, connector: ConnectorName) -> ProfileDraft {
        let Self {
            env_type,
            display_name,
            region,
            base_url_override,
            registered_url,
            partner_id,
            shop_id,
            partner_key,
            partner_key_expires_at,
            push_partner_key,
            accepts_body_only,
        } = self;
        let region = region.unwrap_or(match env_type {
            Environment::Sandbox => Region::TestGlobal,
            Environment::Live => Region::Global,
        });
        ProfileDraft {
            base_url_override,
            registered_url,
            partner_id,
            shop: shop_id.map(ShopId),
            partner_key: partner_key.map(|it| it.0),
            partner_key_ends_at: partner_key_expires_at,
            push_key: push_partner_key.map(|it| it.0),
            accepts_body_only,
            ..ProfileDraft::new(connector, env_type, display_name, region)
        }
    }
}

impl From<ProfileEditForm> for ProfileEdit {
    fn from(form: ProfileEditForm) -> Self {
        let ProfileEditForm {
            display_name,
            region,
            base_url_override,
            registered_url,
            partner_id,
            shop_id,
            partner_key,
            partner_key_expires_at,
            push_partner_key,
            accepts_body_only,
            default_location_id,
        } = form;
        Self {
            display_name,
            region,
            base_url_override,
            registered_url,
            partner_id,
            shop: shop_id.map(ShopId),
            partner_key: partner_key.map(|it| it.0),
            partner_key_ends_at: partner_key_expires_at,
            push_key: push_partner_key.map(|it| it.0),
            accepts_body_only,
            default_location_id,
        }
    }
}
