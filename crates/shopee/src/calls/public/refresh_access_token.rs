//! `POST auth/access_token/get` (shopee.md §3.3): a new token pair for a refresh token, which is good
//! for thirty days and once for each shop or merchant. Whether it can be tried again when the reply
//! was lost is not documented.

use hawker_domain::ShopId;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::TokenWire;
use crate::client::{Arguments, Call, Endpoint};

/// Whose pair is renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenOf {
    /// A shop's.
    Shop(ShopId),
    /// A merchant's.
    Merchant(i64),
    /// A supplier's.
    Supplier(i64),
}

/// Renews a pair.
#[derive(Clone, Debug)]
pub struct RefreshAccessToken {
    /// The app.
    pub partner_id: i64,
    /// The refresh token.
    pub refresh_token: SecretString,
    /// Whose it is.
    pub token_of: TokenOf,
}

impl Call for RefreshAccessToken {
    const ENDPOINT: Endpoint =
        Endpoint::post("public.refresh_access_token", "/auth/access_token/get")
            .of_the_app()
            .flat()
            .once();
    type Reply = TokenWire;

    fn arguments(&self) -> Arguments {
        let mut body = json!({
            "refresh_token": self.refresh_token.expose_secret(),
            "partner_id": self.partner_id,
        });
        let (member, id) = match self.token_of {
            TokenOf::Shop(shop) => ("shop_id", shop.0),
            TokenOf::Merchant(id) => ("merchant_id", id),
            TokenOf::Supplier(id) => ("supplier_id", id),
        };
        body[member] = id.into();
        Arguments::default().with_body(body)
    }
}
