//! `POST payment/get_escrow_detail_batch` (shopee.md §5.2): what is paid out for up to fifty orders.
//! The specification says GET; its errors speak of a body, and POST is what works. Its table has other
//! names for some members than that of the detail of one order; its sample has the same.
//!
//! Orders without a payout are marked in the list. Where there is nothing but marks, the
//! specification's example has them in a list of another name, beside `error` and not in `response`.

use hawker_domain::OrderSn;
use serde::{Deserialize, Deserializer};
use serde_json::json;
use serde_json::value::RawValue;

use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Complaint, Fault, Field, List, Verbatim};

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
    )
    .flat();
    type Reply = EscrowBatchWire;

    fn arguments(&self) -> Arguments {
        let orders: Vec<&str> = self.orders.iter().map(OrderSn::as_str).collect();
        Arguments::default()
            .with_body(json!({"order_sn_list": orders}))
            .about_orders(orders.len())
    }
}

/// The reply: its payouts are in `response`, marks by themselves in `escrow_detail_list`.
#[derive(Debug, Deserialize)]
pub struct EscrowBatchWire {
    #[serde(default, deserialize_with = "there")]
    pub response: Option<List<Verbatim<EscrowOfBatchWire>>>,
    #[serde(default, deserialize_with = "there")]
    pub escrow_detail_list: Option<List<Verbatim<EscrowOfBatchWire>>>,
}

impl EscrowBatchWire {
    /// The elements of both lists, of which one has to be there.
    pub fn entries(&self) -> Result<impl Iterator<Item = &Verbatim<EscrowOfBatchWire>>, Complaint> {
        if self.response.is_none() && self.escrow_detail_list.is_none() {
            return Err(Complaint::of("response", &Fault::Missing));
        }
        let lists = [&self.response, &self.escrow_detail_list];
        Ok(lists.into_iter().flatten().flatten())
    }
}

/// A list that is there, `null` being how some of the platform's services write an empty one.
fn there<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<List<T>>, D::Error> {
    List::deserialize(deserializer).map(Some)
}

/// What is said of one order.
#[derive(Debug, Deserialize)]
pub struct EscrowOfBatchWire {
    /// As [`GetEscrowDetail`](super::GetEscrowDetail) replies, kept whole. Beside a mark there is
    /// nothing in it but the order's number.
    pub escrow_detail: Option<Box<RawValue>>,
    /// The mark: why there is no payout.
    pub fail_error: Field<String>,
    /// The same in words.
    pub fail_message: Field<String>,
}
