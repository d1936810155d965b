//! A profile as it goes out.

use chrono::{DateTime, Utc};
use hawker_domain::profile::{Missing, Region};
use hawker_domain::token::{RefreshStatus, TokenState};
use hawker_domain::{Environment, ShopId};
use hawker_usecases::manage_profiles::{ProfileCard, SecretCard, TokenCard, UrlsCard};
use serde::Serialize;
use utoipa::ToSchema;

use super::names::{EnvironmentWire, MissingWire, RefreshStatusWire, RegionWire, TokenStateWire};

/// A connector profile: which shop, through which app.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Profile)]
pub(crate) struct ProfileWire {
    /// Its id.
    #[schema(example = "prof_live")]
    id: String,
    /// The marketplace.
    #[schema(example = "shopee")]
    connector: &'static str,
    /// Sandbox or live.
    #[schema(value_type = EnvironmentWire)]
    env_type: Environment,
    /// Its name for a person.
    display_name: String,
    /// Its region; decides the host.
    #[schema(value_type = RegionWire)]
    region: Region,
    /// Where its calls go.
    base_url: String,
    /// A base URL that wins over the region's.
    #[schema(required)]
    base_url_override: Option<String>,
    /// The callback URL as registered at the marketplace, verbatim; pushes are verified with it.
    #[schema(required)]
    registered_url: Option<String>,
    /// The partner (app) id.
    #[schema(required)]
    partner_id: Option<i64>,
    /// The shop.
    #[schema(required)]
    shop_id: Option<i64>,
    /// The partner key, which signs calls.
    partner_key: SecretWire,
    /// When the partner key ends, where the operator noted it.
    #[schema(required)]
    partner_key_expires_at: Option<DateTime<Utc>>,
    /// The push key in force, which signs pushes.
    push_partner_key: SecretWire,
    /// The push key before the last rotation; pushes that it signed are still taken.
    previous_push_partner_key: SecretWire,
    /// Whether pushes that are signed without their URL are accepted too.
    accepts_body_only: bool,
    /// Whether it is the active one of its environment.
    is_active: bool,
    /// Whether it is active and its environment is the active one.
    is_in_force: bool,
    /// What it lacks before its shop can be called for.
    #[schema(value_type = Vec<MissingWire>)]
    missing: Vec<Missing>,
    /// Where the marketplace reaches it; `null` without `PUBLIC_API_BASE_URL`.
    #[schema(required)]
    urls: Option<UrlsWire>,
    /// What deserves attention, in words.
    notices: Vec<String>,
    /// The warehouse that is meant where none is named; `null` for a shop with a single one.
    #[schema(required)]
    default_location_id: Option<String>,
    /// Its name.
    #[schema(required)]
    default_location_name: Option<String>,
    /// The token pair of its shop; `null` while the shop is not authorised.
    #[schema(required)]
    token: Option<TokenWire>,
    /// Increases with every change; also the `ETag`, as `"v<version>"`.
    pub(crate) version: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it was changed last.
    updated_at: DateTime<Utc>,
}

/// What may be seen of a secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SecretFingerprint)]
struct SecretWire {
    /// Whether there is one.
    is_set: bool,
    /// The first and the last four characters and the length; of a short secret nothing.
    #[schema(required, example = "shpk…cdef·len64")]
    fingerprint: Option<String>,
    /// Whether it can be opened; one that cannot was sealed under another `JWT_SECRET`.
    is_readable: bool,
}

/// Where the marketplace reaches a profile.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallbackUrls)]
struct UrlsWire {
    /// Where pushes go: to be registered at the marketplace.
    push_url: String,
    /// The same by environment alone.
    push_url_by_environment: String,
    /// Every form of the push URL that is accepted.
    push_url_forms: Vec<String>,
    /// Where a seller's browser comes back to.
    oauth_callback_url: String,
    /// The same by environment alone.
    oauth_callback_url_by_environment: String,
}

/// What may be seen of a token pair; never a token.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TokenPair)]
struct TokenWire {
    /// What it is good for.
    #[schema(value_type = TokenStateWire)]
    state: TokenState,
    /// Why it is not good for calls, where it is not.
    #[schema(required)]
    state_reason: Option<String>,
    /// When the access token ends.
    access_token_expires_at: DateTime<Utc>,
    /// When this pair was obtained.
    access_token_last_refreshed_at: DateTime<Utc>,
    /// When the seller authorised.
    authorised_at: DateTime<Utc>,
    /// When the refresh token ends.
    refresh_token_expires_at: DateTime<Utc>,
    /// When a refresh token of the shop was last used.
    #[schema(required)]
    refresh_token_last_used_at: Option<DateTime<Utc>>,
    /// When the authorisation ends, where it is known.
    #[schema(required)]
    authorisation_expires_at: Option<DateTime<Utc>>,
    /// Since when it is not known whether the refresh token was used up.
    #[schema(required)]
    in_doubt_since: Option<DateTime<Utc>>,
    /// When it was last tried to renew the pair.
    #[schema(required)]
    last_refresh_attempt_at: Option<DateTime<Utc>>,
    /// How that went.
    #[schema(required, value_type = Option<RefreshStatusWire>)]
    last_refresh_status: Option<RefreshStatus>,
    /// Why it failed.
    #[schema(required)]
    last_refresh_error: Option<String>,
    /// The main account through which the seller authorised, if any.
    #[schema(required)]
    main_account_id: Option<i64>,
}

impl From<ProfileCard> for ProfileWire {
    fn from(card: ProfileCard) -> Self {
        let ProfileCard {
            id,
            connector,
            environment,
            display_name,
            region,
            base_url,
            base_url_override,
            registered_url,
            partner_id,
            shop,
            partner_key,
            partner_key_ends_at,
            push_key,
            previous_push_key,
            accepts_body_only,
            is_active,
            is_in_force,
            missing,
            urls,
            notices,
            default_location_id,
            default_location_name,
            token,
            version,
            created_at,
            updated_at,
        } = card;
        Self {
            id: id.as_str().to_owned(),
            connector: connector.as_str(),
            env_type: environment,
            display_name,
            region,
            base_url,
            base_url_override,
            registered_url,
            partner_id,
            shop_id: shop.map(|ShopId(id)| id),
            partner_key: partner_key.into(),
            partner_key_expires_at: partner_key_ends_at,
            push_partner_key: push_key.into(),
            previous_push_partner_key: previous_push_key.into(),
            accepts_body_only,
            is_active,
            is_in_force,
            missing,
            urls: urls.map(Into::into),
            notices,
            default_location_id,
            default_location_name,
            token: token.map(Into::into),
            version,
            created_at,
            updated_at,
        }
    }
}

impl From<SecretCard> for SecretWire {
    fn from(card: SecretCard) -> Self {
        let SecretCard {
            is_set,
            fingerprint,
            is_readable,
        } = card;
        Self {
            is_set,
            fingerprint,
            is_readable,
        }
    }
}

impl From<UrlsCard> for UrlsWire {
    fn from(card: UrlsCard) -> Self {
        let UrlsCard {
            push_url,
            push_url_by_environment,
            push_url_forms,
            oauth_callback_url,
            oauth_callback_url_by_environment,
        } = card;
        Self {
            push_url,
            push_url_by_environment,
            push_url_forms,
            oauth_callback_url,
            oauth_callback_url_by_environment,
        }
    }
}

impl From<TokenCard> for TokenWire {
    fn from(card: TokenCard) -> Self {
        let TokenCard {
            state,
            state_reason,
            expires_at,
            obtained_at,
            authorised_at,
            refresh_token_ends_at,
            refresh_token_last_used_at,
            authorisation_ends_at,
            in_doubt_since,
            last_refresh_attempt_at,
            last_refresh_status,
            last_refresh_error,
            main_account,
        } = card;
        Self {
            state,
            state_reason,
            access_token_expires_at: expires_at,
            access_token_last_refreshed_at: obtained_at,
            authorised_at,
            refresh_token_expires_at: refresh_token_ends_at,
            refresh_token_last_used_at,
            authorisation_expires_at: authorisation_ends_at,
            in_doubt_since,
            last_refresh_attempt_at,
            last_refresh_status,
            last_refresh_error,
            main_account_id: main_account,
        }
    }
}
