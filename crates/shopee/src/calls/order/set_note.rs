//! `POST order/set_note` (shopee.md §5.1): the seller's own note on an order.

use hawker_domain::OrderSn;
use serde_json::json;

use crate::client::{Arguments, Call, Done, Endpoint};

/// Replaces the note of an order.
#[derive(Clone, Debug)]
pub struct SetNote {
    /// The order.
    pub order: OrderSn,
    /// The note.
    pub note: String,
}

impl Call for SetNote {
    const ENDPOINT: Endpoint = Endpoint::post("order.set_note", "/order/set_note").once();
    type Reply = Done;

    fn arguments(&self) -> Arguments {
        Arguments::default()
            .with_body(json!({"order_sn": self.order.as_str(), "note": self.note}))
            .about_orders(1)
    }
}
