//! What a person says of a profile: all of a new one, or what is to change of one that exists.

use hawker_domain::profile::Region;
use hawker_domain::{ConnectorName, Environment, ShopId, Timestamp};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

/// What becomes of a field that can be cleared. Read from JSON, `null` clears it and a value sets
/// it; with `#[serde(default)]` a field that is left out stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Edited<T> {
    /// It stays as it is.
    #[default]
    Kept,
    /// It is empty from now on.
    Cleared,
    /// It becomes this.
    To(T),
}

impl<T> Edited<T> {
    /// The same with another value.
    pub fn map<U>(self, value: impl FnOnce(T) -> U) -> Edited<U> {
        match self {
            Self::Kept => Edited::Kept,
            Self::Cleared => Edited::Cleared,
            Self::To(given) => Edited::To(value(given)),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Edited<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Cleared, Self::To))
    }
}

/// What is given where something is, and nothing else: a field of a new profile.
impl<T> From<Option<T>> for Edited<T> {
    fn from(given: Option<T>) -> Self {
        given.map_or(Self::Kept, Self::To)
    }
}

/// A profile that is to be added. Its environment is part of its URLs and never changes.
#[derive(Debug)]
pub struct ProfileDraft {
    /// The marketplace.
    pub connector: ConnectorName,
    /// Sandbox or live.
    pub environment: Environment,
    /// Its name for a person, 1 to 80 characters.
    pub display_name: String,
    /// Its region; decides the host.
    pub region: Region,
    /// A base URL that wins over the region's.
    pub base_url_override: Option<String>,
    /// The callback URL as registered at the marketplace, verbatim.
    pub registered_url: Option<String>,
    /// The partner (app) id.
    pub partner_id: Option<i64>,
    /// The shop; an authorisation fills it in.
    pub shop: Option<ShopId>,
    /// The partner key.
    pub partner_key: Option<SecretString>,
    /// When the partner key ends, by the console.
    pub partner_key_ends_at: Option<Timestamp>,
    /// The push key.
    pub push_key: Option<SecretString>,
    /// Whether pushes that are signed without their URL are accepted too; by default in the sandbox
    /// alone, as real shops sign by the platform's own scheme.
    pub accepts_body_only: Option<bool>,
}

impl ProfileDraft {
    /// A profile of which no more is known.
    pub fn new(
        connector: ConnectorName,
        environment: Environment,
        display_name: impl Into<String>,
        region: Region,
    ) -> Self {
        Self {
            connector,
            environment,
            display_name: display_name.into(),
            region,
            base_url_override: None,
            registered_url: None,
            partner_id: None,
            shop: None,
            partner_key: None,
            partner_key_ends_at: None,
            push_key: None,
            accepts_body_only: None,
        }
    }

    /// What it says beyond its marketplace and environment.
    pub(super) fn into_edit(self) -> ProfileEdit {
        ProfileEdit {
            display_name: Some(self.display_name),
            region: Some(self.region),
            base_url_override: self.base_url_override.into(),
            registered_url: self.registered_url.into(),
            partner_id: self.partner_id.into(),
            shop: self.shop.into(),
            partner_key: self.partner_key,
            partner_key_ends_at: self.partner_key_ends_at.into(),
            push_key: self.push_key,
            accepts_body_only: self.accepts_body_only,
            default_location_id: None,
        }
    }
}

/// What is to change of a profile. What is left out stays.
#[derive(Debug, Default)]
pub struct ProfileEdit {
    /// Its name for a person, 1 to 80 characters.
    pub display_name: Option<String>,
    /// Its region.
    pub region: Option<Region>,
    /// A base URL that wins over the region's; a blank clears it.
    pub base_url_override: Edited<String>,
    /// The callback URL as registered at the marketplace, verbatim; a blank clears it.
    pub registered_url: Edited<String>,
    /// The partner (app) id.
    pub partner_id: Edited<i64>,
    /// The shop.
    pub shop: Edited<ShopId>,
    /// The partner key; a blank leaves it as it is, nothing clears it.
    pub partner_key: Option<SecretString>,
    /// When the partner key ends. Another key without a word about its end has none that is known.
    pub partner_key_ends_at: Edited<Timestamp>,
    /// The push key; a blank leaves it as it is, nothing clears it. The key that it replaces stays
    /// valid as the previous one.
    pub push_key: Option<SecretString>,
    /// Whether pushes that are signed without their URL are accepted too.
    pub accepts_body_only: Option<bool>,
    /// The warehouse that is meant where none is named: one of those that were fetched.
    pub default_location_id: Option<String>,
}
