//! What a person may see of a profile. The names are those of the view `shopee_connector_profile`
//! and of the documented diagnostics; of a secret there is a fingerprint and nothing else.

use hawker_domain::ids::ProfileId;
use hawker_domain::profile::{CallbackUrls, Missing, PublicBaseUrl, Region, base_url};
use hawker_domain::token::{RefreshStatus, TokenState};
use hawker_domain::{ConnectorName, Environment, ShopId, Timestamp};
use hawker_ports::Sealer;
use hawker_ports::locations::ShopLocation;
use hawker_ports::profiles::Profile;
use hawker_ports::tokens::StoredToken;
use serde::Serialize;

use super::validation::{foreign_host, lacks_api_path};

/// A profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProfileCard {
    /// Its id.
    pub id: ProfileId,
    /// The marketplace.
    pub connector: ConnectorName,
    /// Sandbox or live.
    #[serde(rename = "env_type")]
    pub environment: Environment,
    /// Its name for a person.
    pub display_name: String,
    /// Its region.
    pub region: Region,
    /// Where its calls go.
    pub base_url: String,
    /// A base URL that wins over the region's.
    pub base_url_override: Option<String>,
    /// The callback URL as registered at the marketplace, verbatim.
    pub registered_url: Option<String>,
    /// The partner (app) id.
    pub partner_id: Option<i64>,
    /// The shop.
    #[serde(rename = "shop_id")]
    pub shop: Option<ShopId>,
    /// The partner key.
    pub partner_key: SecretCard,
    /// When the partner key ends, where the operator noted it.
    #[serde(rename = "partner_key_expires_at")]
    pub partner_key_ends_at: Option<Timestamp>,
    /// The push key in force.
    #[serde(rename = "push_partner_key")]
    pub push_key: SecretCard,
    /// The push key before the last rotation.
    #[serde(rename = "previous_push_partner_key")]
    pub previous_push_key: SecretCard,
    /// Whether pushes that are signed without their URL are accepted too.
    pub accepts_body_only: bool,
    /// Whether it is the active one of its environment.
    pub is_active: bool,
    /// Whether it is active and its environment is the active one.
    pub is_in_force: bool,
    /// What it lacks before its shop can be called for.
    pub missing: Vec<Missing>,
    /// Where the marketplace reaches it; absent without `PUBLIC_API_BASE_URL`.
    pub urls: Option<UrlsCard>,
    /// What deserves attention, in words.
    pub notices: Vec<String>,
    /// The warehouse that is meant where none is named; absent for a shop with a single one.
    pub default_location_id: Option<String>,
    /// Its name for a person.
    pub default_location_name: Option<String>,
    /// The token pair of its shop; absent while the shop is not authorised.
    pub token: Option<TokenCard>,
    /// Increases with every change of the profile.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// What may be seen of a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SecretCard {
    /// Whether there is one.
    pub is_set: bool,
    /// `first4…last4·lenN`; `••••` for a short one.
    pub fingerprint: Option<String>,
    /// Whether it can be opened. One that cannot was sealed under a `JWT_SECRET` that is not here.
    pub is_readable: bool,
}

/// Where the marketplace reaches a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UrlsCard {
    /// Where pushes go: to be registered in the console.
    pub push_url: String,
    /// The same by environment alone.
    pub push_url_by_environment: String,
    /// Every form of the push URL that is accepted.
    pub push_url_forms: Vec<String>,
    /// Where a seller's browser comes back to.
    pub oauth_callback_url: String,
    /// The same by environment alone.
    pub oauth_callback_url_by_environment: String,
}

/// What may be seen of a token pair: never a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenCard {
    /// What it is good for.
    pub state: TokenState,
    /// Why it is not good for calls, where it is not.
    pub state_reason: Option<String>,
    /// When the access token ends.
    #[serde(rename = "access_token_expires_at")]
    pub expires_at: Timestamp,
    /// When this pair was obtained.
    #[serde(rename = "access_token_last_refreshed_at")]
    pub obtained_at: Timestamp,
    /// When the seller authorised.
    pub authorised_at: Timestamp,
    /// When the refresh token ends.
    #[serde(rename = "refresh_token_expires_at")]
    pub refresh_token_ends_at: Timestamp,
    /// When a refresh token of the shop was last used.
    pub refresh_token_last_used_at: Option<Timestamp>,
    /// When the authorisation ends, where it is known.
    #[serde(rename = "authorisation_expires_at")]
    pub authorisation_ends_at: Option<Timestamp>,
    /// Since when it is not known whether the refresh token was used up.
    pub in_doubt_since: Option<Timestamp>,
    /// When it was last tried to renew the pair.
    pub last_refresh_attempt_at: Option<Timestamp>,
    /// How that went.
    pub last_refresh_status: Option<RefreshStatus>,
    /// Why it failed.
    pub last_refresh_error: Option<String>,
    /// The main account through which the seller authorised, if any.
    #[serde(rename = "main_account_id")]
    pub main_account: Option<i64>,
}

impl From<&StoredToken> for TokenCard {
    fn from(token: &StoredToken) -> Self {
        let attempt = token.last_attempt.as_ref();
        Self {
            state: token.state,
            state_reason: token.state_reason.clone(),
            expires_at: token.expires_at,
            obtained_at: token.obtained_at,
            authorised_at: token.authorised_at,
            refresh_token_ends_at: token.refresh_token_ends_at,
            refresh_token_last_used_at: token.refresh_token_last_used_at,
            authorisation_ends_at: token.authorisation_ends_at,
            in_doubt_since: token.in_doubt_since,
            last_refresh_attempt_at: attempt.map(|attempt| attempt.at),
            last_refresh_status: attempt.map(|attempt| attempt.status),
            last_refresh_error: attempt.and_then(|attempt| attempt.error.clone()),
            main_account: token.main_account,
        }
    }
}

impl From<CallbackUrls> for UrlsCard {
    fn from(urls: CallbackUrls) -> Self {
        Self {
            push_url: urls.push,
            push_url_by_environment: urls.push_by_environment,
            push_url_forms: urls.push_forms,
            oauth_callback_url: urls.oauth,
            oauth_callback_url_by_environment: urls.oauth_by_environment,
        }
    }
}

/// Everything that a card is made of.
pub(super) struct Parts<'a> {
    pub(super) profile: Profile,
    pub(super) active_environment: Option<Environment>,
    pub(super) token: Option<&'a StoredToken>,
    pub(super) locations: &'a [ShopLocation],
    pub(super) sealer: &'a dyn Sealer,
    pub(super) public_api_base_url: Option<&'a PublicBaseUrl>,
}

impl From<Parts<'_>> for ProfileCard {
    fn from(parts: Parts<'_>) -> Self {
        let Parts {
            profile,
            active_environment,
            token,
            locations,
            sealer,
            public_api_base_url,
        } = parts;
        let urls = public_api_base_url
            .map(|base| CallbackUrls::of(base, profile.environment, &profile.id));
        let default = locations.iter().find(|location| location.is_default);
        let default = default.map(|location| &location.warehouse);
        let mut card = Self {
            missing: profile.missing(),
            base_url: base_url(profile.region, profile.base_url_override.as_deref()),
            partner_key: SecretCard::of(profile.partner_key.as_ref(), sealer),
            push_key: SecretCard::of(profile.push_key.as_ref(), sealer),
            previous_push_key: SecretCard::of(profile.previous_push_key.as_ref(), sealer),
            is_in_force: profile.is_active && active_environment == Some(profile.environment),
            urls: urls.map(UrlsCard::from),
            notices: Vec::new(),
            default_location_id: default.map(|warehouse| warehouse.location_id.clone()),
            default_location_name: default.and_then(|warehouse| warehouse.name.clone()),
            token: token.map(TokenCard::from),
            id: profile.id,
            connector: profile.connector,
            environment: profile.environment,
            display_name: profile.display_name,
            region: profile.region,
            base_url_override: profile.base_url_override,
            registered_url: profile.registered_url,
            partner_id: profile.partner_id,
            shop: profile.shop,
            partner_key_ends_at: profile.partner_key_ends_at,
            accepts_body_only: profile.accepts_body_only,
            is_active: profile.is_active,
            version: profile.version,
            created_at: profile.created_at,
            updated_at: profile.updated_at,
        };
        card.notices = notices(&card);
        card
    }
}

/// What deserves attention although it may be meant so.
fn notices(card: &ProfileCard) -> Vec<String> {
    let ProfileCard {
        base_url_override,
        registered_url,
        urls,
        ..
    } = card;
    let mut notices = Vec::new();
    if urls.is_none() {
        notices.push(
            "PUBLIC_API_BASE_URL is not set: the push and callback URLs of this profile are not known, and its shop cannot be authorised. Set it to the address at which the marketplace reaches this installation, and restart.".to_owned(),
        );
    }
    let secrets = [
        ("partner key", &card.partner_key),
        ("push key", &card.push_key),
        ("previous push key", &card.previous_push_key),
    ];
    for (name, _) in secrets.iter().filter(|(_, secret)| !secret.is_readable) {
        notices.push(format!(
            "The {name} cannot be read: it was sealed under another JWT_SECRET. Add that one to JWT_SECRET_PREVIOUS, or save the key again."
        ));
    }
    if !card.push_key.is_set {
        notices.push(
            "There is no push key: pushes that the partner key does not verify are kept, but not acted upon, until it is saved. The console shows it under Set Push.".to_owned(),
        );
    }
    let is_overridden = base_url_override.is_some();
    notices.extend(foreign_host(card.region, card.environment, is_overridden));
    if let Some(url) = base_url_override.as_ref().filter(|url| lacks_api_path(url)) {
        notices.push(format!(
            "The base URL {url} does not end in /api/v2, with which every path of the marketplace's API starts."
        ));
    }
    if let (Some(registered), Some(urls)) = (registered_url, urls)
        && !urls.push_url_forms.contains(registered)
    {
        notices.push(format!(
            "{registered} is registered at the marketplace, but is none of the URLs at which this installation takes pushes for the profile. That is right only where a proxy leads it here."
        ));
    }
    notices
}
