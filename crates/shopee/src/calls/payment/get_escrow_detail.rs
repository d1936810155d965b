//! `GET payment/get_escrow_detail` (shopee.md §5.2): what is paid out for an order. It names neither
//! a currency nor when the money is released, and it changes until the order is completed and after.

use hawker_domain::OrderSn;
use serde_json::value::RawValue;

use crate::client::{Arguments, Call, Endpoint};

/// Asks for the payout of an order. The reply is kept whole;
/// [`translate::escrow_answer`](crate::translate::escrow_answer) or
/// [`EscrowDetailWire`](crate::wire::EscrowDetailWire) read it.
#[derive(Clone, Debug)]
pub struct GetEscrowDetail {
    /// The order.
    pub order: OrderSn,
}

impl Call for GetEscrowDetail {
    const ENDPOINT: Endpoint =
        Endpoint::get("payment.get_escrow_detail", "/payment/get_escrow_detail");
    type Reply = Box<RawValue>;

    fn arguments(&self) -> Arguments {
        Arguments::default()
            .with("order_sn", &self.order)
            .about_orders(1)
    }
}
