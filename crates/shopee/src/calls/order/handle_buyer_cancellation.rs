//! `POST order/handle_buyer_cancellation` (shopee.md §5.1): the seller's word on a buyer's wish to
//! cancel. The order has to be `IN_CANCEL`.

use hawker_domain::OrderSn;
use serde_json::json;

use super::UpdatedWire;
use crate::client::{Arguments, Call, Endpoint};

/// The seller's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancellationDecision {
    /// It is cancelled.
    Accept,
    /// It is not.
    Reject,
}

/// Decides on a buyer's wish to cancel.
#[derive(Clone, Debug)]
pub struct HandleBuyerCancellation {
    /// The order.
    pub order: OrderSn,
    /// What becomes of the wish.
    pub decision: CancellationDecision,
}

impl Call for HandleBuyerCancellation {
    const ENDPOINT: Endpoint = Endpoint::post(
        "order.handle_buyer_cancellation",
        "/order/handle_buyer_cancellation",
    )
    .once();
    type Reply = Option<UpdatedWire>;

    fn arguments(&self) -> Arguments {
        let operation = match self.decision {
            CancellationDecision::Accept => "ACCEPT",
            CancellationDecision::Reject => "REJECT",
        };
        Arguments::default()
            .with_body(json!({"order_sn": self.order.as_str(), "operation": operation}))
            .about_orders(1)
    }
}
