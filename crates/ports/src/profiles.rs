//! Connector profiles and tokens, as receiving pushes and calling the marketplace need them.

use async_trait::async_trait;
use hawker_domain::ids::{ProfileId, TokenId};
use hawker_domain::profile::Region;
use hawker_domain::{ConnectorName, Environment, ShopId, Timestamp};

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

/// A profile as calling the marketplace needs it.
#[derive(Clone, Debug)]
pub struct CallingProfile {
    /// Its id.
    pub id: ProfileId,
    /// Sandbox or live.
    pub environment: Environment,
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
    /// The token pair's access token, if the shop is authorised.
    pub access_token: Option<SealedAccessToken>,
}

/// A sealed access token.
#[derive(Clone, Debug)]
pub struct SealedAccessToken {
    /// The token.
    pub token: Sealed,
    /// When it ends.
    pub expires_at: Timestamp,
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

/// A token pair to be kept.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// The id of the row, used when the shop has none yet.
    pub id: TokenId,
    /// The marketplace.
    pub connector: ConnectorName,
    /// Sandbox or live.
    pub environment: Environment,
    /// The profile.
    pub profile: ProfileId,
    /// The shop.
    pub shop: ShopId,
    /// The access token.
    pub access_token: Sealed,
    /// The refresh token.
    pub refresh_token: Sealed,
    /// When the access token ends.
    pub expires_at: Timestamp,
}

/// Connector profiles and tokens.
#[async_trait]
pub trait ProfileRepository: Send {
    /// The profiles of a connector that pushes may be for, active ones first.
    async fn receiving(
        &mut self,
        connector: ConnectorName,
    ) -> Result<Vec<ReceivingProfile>, StoreError>;

    /// The profile with this id.
    async fn calling(&mut self, profile: &ProfileId) -> Result<Option<CallingProfile>, StoreError>;

    /// Adds the profile, or replaces what it says when its id exists. A secret that is not given
    /// stays as it is; a push key that is replaced stays valid as the previous one, for pushes that
    /// are on their way. The first profile of an
    /// environment becomes its active one, the first environment the active environment.
    async fn save(&mut self, profile: &NewProfile, now: Timestamp) -> Result<(), StoreError>;

    /// Keeps a token pair; a pair that the shop already has is replaced.
    async fn keep_token(&mut self, token: &NewToken, now: Timestamp) -> Result<(), StoreError>;
}
