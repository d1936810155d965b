//! `GET shop/get_shop_info` (shopee.md §5.4): what the shop is, and when its authorisation ends. The
//! best probe of health there is. The payload stands beside `error`.

use hawker_domain::Timestamp;
use serde::Deserialize;

use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Field, List};

/// Asks what the shop is.
#[derive(Clone, Copy, Debug)]
pub struct GetShop;

impl Call for GetShop {
    const ENDPOINT: Endpoint = Endpoint::get("shop.get_shop_info", "/shop/get_shop_info").flat();
    type Reply = ShopWire;

    fn arguments(&self) -> Arguments {
        Arguments::default()
    }
}

/// The reply.
#[derive(Debug, Deserialize)]
pub struct ShopWire {
    pub shop_name: Field<String>,
    pub region: Field<String>,
    /// `NORMAL`, `BANNED` or `FROZEN`.
    pub status: Field<String>,
    pub auth_time: Field<Timestamp>,
    pub expire_time: Field<Timestamp>,
    pub is_cb: Field<bool>,
    pub is_sip: Field<bool>,
    pub is_upgraded_cbsc: Field<bool>,
    pub is_main_shop: Field<bool>,
    pub is_direct_shop: Field<bool>,
    pub merchant_id: Field<i64>,
    pub shop_fulfillment_flag: Field<String>,
    #[serde(default)]
    pub sip_affi_shops: List<AffiliateShopWire>,
}

/// A shop that follows another one in a further market.
#[derive(Debug, Deserialize)]
pub struct AffiliateShopWire {
    pub affi_shop_id: Field<i64>,
    pub region: Field<String>,
}
