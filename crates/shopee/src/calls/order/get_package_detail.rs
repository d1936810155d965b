//! `GET order/get_package_detail` (shopee.md §5.1): what up to fifty packages look like now. Each
//! package is kept whole: addresses and a market's own members are in it.

use hawker_domain::Timestamp;
use serde::Deserialize;

use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Field, List, Texts, Verbatim};

/// The most packages that the platform describes in one call.
pub const PACKAGES_PER_CALL_MAX: usize = 50;

/// Asks what packages look like.
#[derive(Clone, Debug)]
pub struct GetPackageDetail {
    /// The packages, at most [`PACKAGES_PER_CALL_MAX`].
    pub package_numbers: Vec<String>,
}

impl Call for GetPackageDetail {
    const ENDPOINT: Endpoint =
        Endpoint::get("order.get_package_detail", "/order/get_package_detail");
    type Reply = PackageDetailsWire;

    fn arguments(&self) -> Arguments {
        Arguments::default()
            .with_joined("package_number_list", &self.package_numbers)
            .about_orders(self.package_numbers.len())
    }
}

/// `response` of the reply.
#[derive(Debug, Deserialize)]
pub struct PackageDetailsWire {
    pub package_list: List<Verbatim<PackageDetailWire>>,
}

/// A package.
#[derive(Debug, Deserialize)]
pub struct PackageDetailWire {
    pub order_sn: Field<String>,
    pub package_number: Field<String>,
    pub fulfillment_status: Field<String>,
    pub update_time: Field<Timestamp>,
    pub logistics_channel_id: Field<i64>,
    pub shipping_carrier: Field<String>,
    pub allow_self_design_awb: Field<bool>,
    pub days_to_ship: Field<i64>,
    pub ship_by_date: Field<Timestamp>,
    #[serde(default)]
    pub pending_terms: Texts,
    pub tracking_number: Field<String>,
    pub pickup_done_time: Field<Timestamp>,
    pub is_split_up: Field<bool>,
    pub is_shipment_arranged: Field<bool>,
    pub can_split_order: Field<bool>,
    pub can_unsplit_order: Field<bool>,
    pub can_full_cancel_order: Field<bool>,
    pub can_partial_cancel_order: Field<bool>,
    #[serde(default)]
    pub item_list: List<PackageItemWire>,
}

/// What is in a package.
#[derive(Debug, Deserialize)]
pub struct PackageItemWire {
    pub item_id: Field<i64>,
    /// 0 where the item has no variations.
    pub model_id: Field<i64>,
    pub item_sku: Field<String>,
    pub model_sku: Field<String>,
    pub model_quantity: Field<i64>,
    pub order_item_id: Field<i64>,
    pub promotion_group_id: Field<i64>,
    #[serde(default)]
    pub product_location_id: Texts,
}
