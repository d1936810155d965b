//! `GET public/get_shopee_ip_ranges` (shopee.md §4.1): where pushes come from.

use serde::Deserialize;

use crate::client::{Arguments, Call, Endpoint};
use crate::wire::Texts;

/// Asks where pushes come from.
#[derive(Clone, Copy, Debug)]
pub struct GetShopeeIpRanges;

impl Call for GetShopeeIpRanges {
    const ENDPOINT: Endpoint = Endpoint::get(
        "public.get_shopee_ip_ranges",
        "/public/get_shopee_ip_ranges",
    )
    .of_the_app()
    .flat();
    type Reply = IpRangesWire;

    fn arguments(&self) -> Arguments {
        Arguments::default()
    }
}

/// The reply.
#[derive(Debug, Deserialize)]
pub struct IpRangesWire {
    /// Ranges such as `192.0.2.0/24`.
    #[serde(default)]
    pub ip_list: Texts,
}
