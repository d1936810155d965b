//! Whose call it is, where it goes, and the signed URL that comes of it.

use hawker_domain::ShopId;
use hawker_domain::ids::ProfileId;
use hawker_ports::MarketplaceError;
use hawker_ports::marketplace::{AppAccess, Fault, ShopAccess};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::arguments::Arguments;
use super::endpoint::{ApiType, Endpoint};
use crate::sign::{Identity, sign};

/// Whose call it is and where it goes.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// Where the API lives, `/api/v2` included.
    pub base_url: &'a str,
    /// The app.
    pub partner_id: i64,
    /// The app's key.
    pub partner_key: &'a SecretString,
    /// On whose behalf.
    pub identity: Identity<'a>,
    /// For which profile the call is recorded, if it is to be.
    pub profile: Option<&'a ProfileId>,
}

impl<'a> Caller<'a> {
    /// The app itself.
    pub const fn app(base_url: &'a str, partner_id: i64, partner_key: &'a SecretString) -> Self {
        Self {
            base_url,
            partner_id,
            partner_key,
            identity: Identity::Public,
            profile: None,
        }
    }

    /// The app on behalf of a shop.
    #[must_use]
    pub const fn for_shop(self, shop: ShopId, access_token: &'a SecretString) -> Self {
        Self {
            identity: Identity::Shop { shop, access_token },
            ..self
        }
    }
}

impl<'a> From<&'a ShopAccess> for Caller<'a> {
    fn from(access: &'a ShopAccess) -> Self {
        Self {
            profile: Some(&access.profile),
            ..Self::app(&access.base_url, access.partner_id, &access.partner_key)
                .for_shop(access.shop, &access.access_token)
        }
    }
}

impl<'a> From<&'a AppAccess> for Caller<'a> {
    fn from(access: &'a AppAccess) -> Self {
        Self {
            profile: Some(&access.profile),
            ..Self::app(&access.base_url, access.partner_id, &access.partner_key)
        }
    }
}

/// An endpoint of one host, on behalf of somebody.
pub(super) struct Target<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) caller: Caller<'a>,
    /// What the endpoint is called as: an app's endpoint is signed as the app, whoever asks.
    identity: Identity<'a>,
    url: Url,
}

impl<'a> Target<'a> {
    pub(super) fn of(endpoint: &'a Endpoint, caller: Caller<'a>) -> Result<Self, MarketplaceError> {
        let identity = match (endpoint.api_type, caller.identity) {
            (ApiType::Public, _) => Identity::Public,
            (ApiType::Shop, shop @ Identity::Shop { .. }) => shop,
            (ApiType::Merchant, merchant @ Identity::Merchant { .. }) => merchant,
            _ => {
                return Err(MarketplaceError::Misconfigured {
                    endpoint: endpoint.name,
                    fault: Fault::Other,
                    code: "wrong_identity".to_owned(),
                    message: "the endpoint is called on behalf of a shop or merchant that was not \
                              given"
                        .to_owned(),
                    request_id: None,
                });
            }
        };
        Ok(Self {
            endpoint,
            caller,
            identity,
            url: url_of(caller.base_url, endpoint.path, endpoint.name)?,
        })
    }

    /// Whose rate limit it counts against, besides the app's.
    pub(super) fn account(&self) -> Option<i64> {
        match self.identity {
            Identity::Public => None,
            Identity::Shop { shop, .. } => Some(shop.0),
            Identity::Merchant { merchant_id, .. } => Some(merchant_id),
        }
    }

    /// The host that is called.
    pub(super) fn host(&self) -> Option<&str> {
        self.url.host_str()
    }

    /// The final URL, signed over its own path.
    pub(super) fn signed_url(&self, arguments: &Arguments, timestamp: i64) -> Url {
        let mut url = signed(&self.url, &self.caller, self.identity, timestamp);
        if !arguments.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&arguments.query);
        }
        url
    }
}

/// The URL of a path below a base URL, `/api/v2` included; `name` is for the complaint.
pub(crate) fn url_of(
    base_url: &str,
    path: &str,
    name: &'static str,
) -> Result<Url, MarketplaceError> {
    let base_url = base_url.trim().trim_end_matches('/');
    Url::parse(&format!("{base_url}{path}"))
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| MarketplaceError::Misconfigured {
            endpoint: name,
            fault: Fault::Host,
            code: "invalid_base_url".to_owned(),
            message: "the base URL is not a web address".to_owned(),
            request_id: None,
        })
}

/// `url` with what every request carries. The path that is signed is its own, whatever stands
/// before `/api/v2`.
pub(crate) fn signed(
    url: &Url,
    caller: &Caller<'_>,
    identity: Identity<'_>,
    timestamp: i64,
) -> Url {
    let sign = sign(
        caller.partner_key,
        caller.partner_id,
        url.path(),
        timestamp,
        identity,
    );
    let mut url = url.clone();
    let mut query = url.query_pairs_mut();
    query
        .append_pair("partner_id", &caller.partner_id.to_string())
        .append_pair("timestamp", &timestamp.to_string())
        .append_pair("sign", &sign);
    match identity {
        Identity::Public => {}
        Identity::Shop { shop, access_token } => {
            query
                .append_pair("access_token", access_token.expose_secret())
                .append_pair("shop_id", &shop.to_string());
        }
        Identity::Merchant {
            merchant_id,
            access_token,
        } => {
            query
                .append_pair("access_token", access_token.expose_secret())
                .append_pair("merchant_id", &merchant_id.to_string());
        }
    }
    drop(query);
    url
}
