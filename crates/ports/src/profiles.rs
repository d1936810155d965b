//! Connector profiles: as receiving pushes and calling the marketplace need them, and as a person
//! manages them.

use async_trait::async_trait;
use hawker_domain::ids::ProfileId;
use hawker_domain::profile::{Missing, Region, missing};
use hawker_domain::{ConnectorName, Environment, ShopId, Timestamp};

use crate::tokens::{StoredToken, TokenKey};
use crate::{Sealed, StoreError};

/// A profile as verifying a push needs it.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four facts that do not exclude each other"
)]
pub struct ReceivingProfile {
    /// Its id.
    pub id: ProfileId,
    /// Sandbox or live.
    pub environment: Environment,
    /// The partner (app) id.
    pub partner_id: Option<i64>,
    /// The shop that it stands for.
    pub shop: Option<ShopId>,
    /// Whether it is the active one of its environment and its environment is active.
    pub is_in_force: bool,
    /// Whether it is the active one of its environment.
    pub is_active: bool,
    /// The callback URL as registered at the marketplace, verbatim.
    pub registered_url: Option<String>,
    /// Whether the older body-only scheme is accepted too.
    pub accepts_body_only: bool,
    /// The push key in force.
    pub push_key: Option<Sealed>,
    /// The push key before the last rotation.
    pub previous_push_key: Option<Sealed>,
    /// The partner key.
    pub partner_key: Option<Sealed>,
    /// Whether a signature mismatch is open for it.
    pub has_open_mismatch: bool,
}

/// A state of the profiles of a connector: whoever changes one of them, deletes one or makes another one
/// active makes another state. The store's own words, to be compared and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfilesVersion(pub String);

/// A profile as calling the marketplace needs it.
#[derive(Clone, Debug)]
pub struct CallingProfile {
    /// Its id.
    pub id: ProfileId,
    /// Sandbox or live.
    pub environment: Environment,
    /// The marketplace.
    pub connector: ConnectorName,
    /// Its region; decides the host.
    pub region: Region,
    /// A host that wins over the region's.
    pub base_url_override: Option<String>,
    /// The partner (app) id.
    pub partner_id: Option<i64>,
    /// The partner key.
    pub partner_key: Option<Sealed>,
    /// The shop.
    pub shop: Option<ShopId>,
    /// The pair of its shop, if the shop is authorised.
    pub token: Option<StoredToken>,
}

/// A profile to be added.
#[derive(Clone, Debug)]
pub struct NewProfile {
    /// Its id.
    pub id: ProfileId,
    /// The marketplace.
    pub connector: ConnectorName,
    /// Sandbox or live.
    pub environment: Environment,
    /// Its name for a person.
    pub display_name: String,
    /// Its region.
    pub region: Region,
    /// A host that wins over the region's.
    pub base_url_override: Option<String>,
    /// The callback URL as registered at the marketplace.
    pub registered_url: Option<String>,
    /// The partner (app) id.
    pub partner_id: Option<i64>,
    /// The shop.
    pub shop: Option<ShopId>,
    /// The partner key.
    pub partner_key: Option<Sealed>,
    /// The push key.
    pub push_key: Option<Sealed>,
    /// Whether the older body-only scheme is accepted too.
    pub accepts_body_only: bool,
}

/// A profile as a person manages it.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Its id.
    pub id: ProfileId,
    /// The marketplace.
    pub connector: ConnectorName,
    /// Sandbox or live.
    pub environment: Environment,
    /// Its name for a person.
    pub display_name: String,
    /// Its region.
    pub region: Region,
    /// A host that wins over the region's.
    pub base_url_override: Option<String>,
    /// The callback URL as registered at the marketplace, verbatim.
    pub registered_url: Option<String>,
    /// The partner (app) id.
    pub partner_id: Option<i64>,
    /// The shop.
    pub shop: Option<ShopId>,
    /// The partner key.
    pub partner_key: Option<Sealed>,
    /// When the partner key ends, where the operator noted it: the marketplace tells it nowhere but
    /// in its console.
    pub partner_key_ends_at: Option<Timestamp>,
    /// The push key in force.
    pub push_key: Option<Sealed>,
    /// The push key before the last rotation.
    pub previous_push_key: Option<Sealed>,
    /// Whether the older body-only scheme is accepted too.
    pub accepts_body_only: bool,
    /// Whether it is the active one of its environment.
    pub is_active: bool,
    /// Increases with every change, by whatever path.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
}

impl Profile {
    /// What it lacks before its shop can be called for.
    pub fn missing(&self) -> Vec<Missing> {
        missing(
            self.partner_id.is_some(),
            self.partner_key.is_some(),
            self.shop.is_some(),
        )
    }

    /// Whose token pair its calls go by.
    pub fn token_key(&self) -> Option<TokenKey> {
        self.shop.map(|shop| TokenKey {
            connector: self.connector,
            environment: self.environment,
            shop,
        })
    }
}

/// Connector profiles. Nothing of them is kept outside the store: a change, by whatever path, counts
/// for the next push and the next call in every process.
#[async_trait]
pub trait ProfileRepository: Send {
    /// The profiles of a connector that pushes may be for, active ones first.
    async fn receiving(
        &mut self,
        connector: ConnectorName,
    ) -> Result<Vec<ReceivingProfile>, StoreError>;

    /// Which state the profiles of a connector are in, and which of its environments is active.
    async fn version(&mut self, connector: ConnectorName) -> Result<ProfilesVersion, StoreError>;

    /// The profile with this id.
    async fn calling(&mut self, profile: &ProfileId) -> Result<Option<CallingProfile>, StoreError>;

    /// Adds the profile, or replaces what it says when its id exists. A secret that is not given
    /// stays as it is; a push key that is replaced stays valid as the previous one, for pushes that
    /// are on their way. The first profile of an
    /// environment becomes its active one, the first environment the active environment.
    async fn save(&mut self, profile: &NewProfile, now: Timestamp) -> Result<(), StoreError>;

    /// Until the end of the unit of work nobody else changes profiles of this connector or which of
    /// them is active. Waits for whoever does at this moment.
    async fn lock(&mut self, connector: ConnectorName) -> Result<(), StoreError>;

    /// The profile with this id, deleted ones included.
    async fn find(&mut self, profile: &ProfileId) -> Result<Option<Profile>, StoreError>;

    /// Every profile of a connector, oldest first; deleted ones only if asked for.
    async fn of_connector(
        &mut self,
        connector: ConnectorName,
        with_deleted: bool,
    ) -> Result<Vec<Profile>, StoreError>;

    /// Stores the profile as it is given, every field, whether it exists or not; `version` is the
    /// store's own affair.
    async fn put(&mut self, profile: &Profile, now: Timestamp) -> Result<(), StoreError>;

    /// The environment that the connector works in.
    async fn active_environment(
        &mut self,
        connector: ConnectorName,
    ) -> Result<Option<Environment>, StoreError>;

    /// Chooses the environment that the connector works in.
    async fn set_active_environment(
        &mut self,
        connector: ConnectorName,
        environment: Environment,
    ) -> Result<(), StoreError>;
}
