//! `GET shop/get_profile` (shopee.md §5.4): how the shop presents itself.

use serde::Deserialize;

use crate::client::{Arguments, Call, Endpoint};
use crate::wire::Field;

/// Asks how the shop presents itself.
#[derive(Clone, Copy, Debug)]
pub struct GetProfile;

impl Call for GetProfile {
    const ENDPOINT: Endpoint = Endpoint::get("shop.get_profile", "/shop/get_profile");
    type Reply = ShopProfileWire;

    fn arguments(&self) -> Arguments {
        Arguments::default()
    }
}

/// `response` of the reply.
#[derive(Debug, Deserialize)]
pub struct ShopProfileWire {
    pub shop_name: Field<String>,
    pub shop_logo: Field<String>,
    pub description: Field<String>,
    pub invoice_issuer: Field<String>,
}
