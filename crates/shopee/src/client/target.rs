//! Whose call it is, what it asks, and the signed URL that comes of it.

use std::fmt;

use hawker_ports::MarketplaceError;
use hawker_ports::marketplace::ShopAccess;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

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
}

impl<'a> From<&'a ShopAccess> for Caller<'a> {
    fn from(access: &'a ShopAccess) -> Self {
        Self {
            base_url: &access.base_url,
            partner_id: access.partner_id,
            partner_key: &access.partner_key,
            identity: Identity::Shop {
                shop: access.shop,
                access_token: &access.access_token,
            },
        }
    }
}

/// What a call asks.
#[derive(Clone, Default)]
pub struct Arguments {
    /// Parameters of the query. A list is one parameter with commas or one that comes several
    /// times, whichever the endpoint wants.
    pub query: Vec<(&'static str, String)>,
    /// The body of a POST.
    pub body: Option<serde_json::Value>,
    /// How many orders it is about, for the log.
    pub orders: usize,
}

/// Shows nothing of what is asked: a body may hold a refresh token.
impl fmt::Debug for Arguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arguments")
            .field("orders", &self.orders)
            .finish_non_exhaustive()
    }
}

/// An endpoint of one host, on behalf of somebody.
pub(super) struct Target<'a> {
    pub(super) endpoint: &'a Endpoint,
    caller: Caller<'a>,
    /// What the endpoint is called as: an app's endpoint is signed as the app, whoever asks.
    identity: Identity<'a>,
    url: Url,
}

impl<'a> Target<'a> {
    pub(super) fn of(endpoint: &'a Endpoint, caller: Caller<'a>) -> Result<Self, MarketplaceError> {
        let misconfigured = |code: &str, message: &str| MarketplaceError::Misconfigured {
            endpoint: endpoint.name,
            code: code.to_owned(),
            message: message.to_owned(),
            request_id: None,
        };
        let identity = match (endpoint.api_type, caller.identity) {
            (ApiType::Public, _) => Identity::Public,
            (ApiType::Shop, shop @ Identity::Shop { .. }) => shop,
            (ApiType::Merchant, merchant @ Identity::Merchant { .. }) => merchant,
            _ => {
                return Err(misconfigured(
                    "wrong_identity",
                    "the endpoint is called on behalf of a shop or merchant that was not given",
                ));
            }
        };
        let base_url = caller.base_url.trim_end_matches('/');
        let url = Url::parse(&format!("{base_url}{}", endpoint.path))
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| {
                misconfigured("invalid_base_url", "the base URL is not a web address")
            })?;
        Ok(Self {
            endpoint,
            caller,
            identity,
            url,
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

    /// The final URL, signed over its own path.
    pub(super) fn signed_url(&self, arguments: &Arguments, timestamp: i64) -> Url {
        let mut url = self.url.clone();
        let sign = sign(
            self.caller.partner_key,
            self.caller.partner_id,
            url.path(),
            timestamp,
            self.identity,
        );
        let mut query = url.query_pairs_mut();
        query
            .append_pair("partner_id", &self.caller.partner_id.to_string())
            .append_pair("timestamp", &timestamp.to_string())
            .append_pair("sign", &sign);
        match self.identity {
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
        query.extend_pairs(&arguments.query);
        drop(query);
        url
    }
}
