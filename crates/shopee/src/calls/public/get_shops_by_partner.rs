//! `GET public/get_shops_by_partner` (shopee.md §5.4): the shops that authorise the app now.

use hawker_domain::Timestamp;
use serde::Deserialize;

use crate::calls::PAGE_SIZE_MAX;
use crate::calls::shop::AffiliateShopWire;
use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Field, List};

/// Asks for a page of shops.
#[derive(Clone, Copy, Debug)]
pub struct GetShopsByPartner {
    /// Entries of a page.
    pub page_size: u32,
    /// The page, from 1.
    pub page_no: u32,
}

/// The first page.
impl Default for GetShopsByPartner {
    fn default() -> Self {
        Self {
            page_size: PAGE_SIZE_MAX,
            page_no: 1,
        }
    }
}

impl Call for GetShopsByPartner {
    const ENDPOINT: Endpoint = Endpoint::get(
        "public.get_shops_by_partner",
        "/public/get_shops_by_partner",
    )
    .of_the_app()
    .flat();
    type Reply = AuthorisedShopsWire;

    fn arguments(&self) -> Arguments {
        Arguments::default()
            .with("page_size", self.page_size)
            .with("page_no", self.page_no)
    }
}

/// The reply.
#[derive(Debug, Deserialize)]
pub struct AuthorisedShopsWire {
    pub authed_shop_list: List<AuthorisedShopWire>,
    pub more: Field<bool>,
}

/// A shop that authorises the app.
#[derive(Debug, Deserialize)]
pub struct AuthorisedShopWire {
    pub shop_id: Field<i64>,
    pub region: Field<String>,
    pub auth_time: Field<Timestamp>,
    pub expire_time: Field<Timestamp>,
    #[serde(default)]
    sip_affi_shop_list: List<AffiliateShopWire>,
    #[serde(default)]
    sip_affi_shops: List<AffiliateShopWire>,
}

impl AuthorisedShopWire {
    /// The shops that follow it in further markets, under whichever of its two names the platform
    /// lists them.
    pub fn affiliates(&self) -> &[AffiliateShopWire] {
        if self.sip_affi_shop_list.is_empty() {
            &self.sip_affi_shops
        } else {
            &self.sip_affi_shop_list
        }
    }
}
