//! `POST order/unsplit_order` (shopee.md §5.1): an order that was split goes in one parcel again.

use hawker_domain::OrderSn;
use serde_json::json;

use crate::client::{Arguments, Call, Done, Endpoint};

/// Takes a split back.
#[derive(Clone, Debug)]
pub struct UnsplitOrder {
    /// The order.
    pub order: OrderSn,
}

impl Call for UnsplitOrder {
    const ENDPOINT: Endpoint = Endpoint::post("order.unsplit_order", "/order/unsplit_order").once();
    type Reply = Done;

    fn arguments(&self) -> Arguments {
        Arguments::default()
            .with_body(json!({"order_sn": self.order.as_str()}))
            .about_orders(1)
    }
}
