//! `POST payment/get_escrow_detail_batch` (shopee.md §5.2): what is paid out for up to fifty orders.
//! The specification says GET; its errors speak of a body, and POST is what works. Some members have
//! other names here than in the detail of one order.

use hawker_domain::OrderSn;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use crate::client::{Arguments, Call, Endpoint};
use crate::wire::List;

/// The most orders of one call.
pub const ESCROWS_PER_CALL_MAX: usize = 50;

/// The most orders of one call that the platform recommends.
pub const ESCROWS_PER_CALL_ADVISED: usize = 20;

/// Asks for the payouts of orders.
#[derive(Clone, Debug)]
pub struct GetEscrowDetailBatch {
    /// The orders, at most [`ESCROWS_PER_CALL_MAX`].
    pub orders: Vec<OrderSn>,
}

impl Call for GetEscrowDetailBatch {
    const ENDPOINT: Endpoint = Endpoint::post(
        "payment.get_escrow_detail_batch",
        "/payment/get_escrow_detail_batch",
    );
    type Reply = List<EscrowOfBatchWire>;

    fn arguments(&self) -> Arguments {
        let orders: Vec<&str> = self.orders.iter().map(OrderSn::as_str).collect();
        Arguments::default()
            .with_body(json!({"order_sn_list": orders}))
            .about_orders(orders.len())
    }
}

/// An element of `response`.
#[derive(Debug, Deserialize)]
pub struct EscrowOfBatchWire {
    /// As [`GetEscrowDetail`](super::GetEscrowDetail) replies, kept whole.
    pub escrow_detail: Option<Box<RawValue>>,
}
