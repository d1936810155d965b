//! `POST order/split_order` (shopee.md §5.1): an order goes in several parcels. All its items have to
//! be in one call; the order has to be `READY_TO_SHIP`.

use hawker_domain::OrderSn;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::PackageItemWire;
use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Field, List};

/// What goes in a parcel.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ParcelItem {
    /// The item.
    pub item_id: i64,
    /// The variation; 0 where the item has none.
    pub model_id: i64,
    /// The line, where the order told it apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_item_id: Option<i64>,
    /// The bundle, where the order told it apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promotion_group_id: Option<i64>,
    /// How many pieces, where a line is divided; not every shop may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_quantity: Option<i64>,
}

/// Splits an order.
#[derive(Clone, Debug)]
pub struct SplitOrder {
    /// The order.
    pub order: OrderSn,
    /// Its parcels, at least two; at most thirty in Taiwan and five elsewhere.
    pub parcels: Vec<Vec<ParcelItem>>,
}

impl Call for SplitOrder {
    const ENDPOINT: Endpoint = Endpoint::post("order.split_order", "/order/split_order").once();
    type Reply = Option<SplitWire>;

    fn arguments(&self) -> Arguments {
        let parcels: Vec<_> = self
            .parcels
            .iter()
            .map(|items| json!({"item_list": items}))
            .collect();
        Arguments::default()
            .with_body(json!({"order_sn": self.order.as_str(), "package_list": parcels}))
            .about_orders(1)
    }
}

/// `response` of the reply.
#[derive(Debug, Deserialize)]
pub struct SplitWire {
    pub order_sn: Field<String>,
    #[serde(default)]
    pub package_list: List<SplitPackageWire>,
}

/// A parcel that came of it.
#[derive(Debug, Deserialize)]
pub struct SplitPackageWire {
    pub package_number: Field<String>,
    #[serde(default)]
    pub item_list: List<PackageItemWire>,
}
