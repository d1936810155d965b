//! `GET public/get_merchants_by_partner`: the merchants that authorise the app now.

use hawker_domain::Timestamp;
use serde::Deserialize;

use crate::calls::PAGE_SIZE_MAX;
use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Field, List};

/// Asks for a page of merchants.
#[derive(Clone, Copy, Debug)]
pub struct GetMerchantsByPartner {
    /// Entries of a page.
    pub page_size: u32,
    /// The page, from 1.
    pub page_no: u32,
}

/// The first page.
impl Default for GetMerchantsByPartner {
    fn default() -> Self {
        Self {
            page_size: PAGE_SIZE_MAX,
            page_no: 1,
        }
    }
}

impl Call for GetMerchantsByPartner {
    const ENDPOINT: Endpoint = Endpoint::get(
        "public.get_merchants_by_partner",
        "/public/get_merchants_by_partner",
    )
    .of_the_app()
    .flat();
    type Reply = AuthorisedMerchantsWire;

    fn arguments(&self) -> Arguments {
        Arguments::default()
            .with("page_size", self.page_size)
            .with("page_no", self.page_no)
    }
}

/// The reply.
#[derive(Debug, Deserialize)]
pub struct AuthorisedMerchantsWire {
    pub authed_merchant_list: List<AuthorisedMerchantWire>,
    pub more: Field<bool>,
}

/// A merchant that authorises the app.
#[derive(Debug, Deserialize)]
pub struct AuthorisedMerchantWire {
    pub merchant_id: Field<i64>,
    pub region: Field<String>,
    pub auth_time: Field<Timestamp>,
    pub expire_time: Field<Timestamp>,
}
