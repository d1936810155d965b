//! `POST auth/token/get` (shopee.md §3.2): a token pair for the code that a seller came back with. A
//! code is good for ten minutes and once.

use hawker_domain::ShopId;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::TokenWire;
use crate::client::{Arguments, Call, Endpoint};

/// Who came back with the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeFor {
    /// A shop. The reply does not name it.
    Shop(ShopId),
    /// A main account; the reply names its shops and merchants.
    MainAccount(i64),
}

/// Exchanges a code.
#[derive(Clone, Debug)]
pub struct GetAccessToken {
    /// The app.
    pub partner_id: i64,
    /// The code.
    pub code: SecretString,
    /// Whose it is.
    pub code_for: CodeFor,
}

impl Call for GetAccessToken {
    const ENDPOINT: Endpoint = Endpoint::post("public.get_access_token", "/auth/token/get")
        .of_the_app()
        .flat()
        .once();
    type Reply = TokenWire;

    fn arguments(&self) -> Arguments {
        let (shop, main_account) = match self.code_for {
            CodeFor::Shop(shop) => (Some(shop.0), None),
            CodeFor::MainAccount(id) => (None, Some(id)),
        };
        Arguments::default().with_body(json!({
            "code": self.code.expose_secret(),
            "partner_id": self.partner_id,
            "shop_id": shop,
            "main_account_id": main_account,
        }))
    }
}
