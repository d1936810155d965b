//! `GET order/get_order_detail` (shopee.md §5.1): what up to fifty orders look like now. The reply
//! names the orders in any order, leaves out what it does not know, and has no shop.

use hawker_domain::OrderSn;

use crate::client::{Arguments, Call, Endpoint};
use crate::wire::OrderListWire;

/// The most orders that the platform describes in one call.
pub const ORDERS_PER_CALL_MAX: usize = 50;

/// The members that the platform sends only when asked.
pub const ORDER_DETAIL_FIELDS: &str = "buyer_user_id,buyer_username,recipient_address,item_list,\
    package_list,total_amount,payment_method,pay_time,cancel_by,cancel_reason,buyer_cancel_reason,\
    fulfillment_flag,shipping_carrier,estimated_shipping_fee,actual_shipping_fee,note,split_up,\
    pickup_done_time,invoice_data";

/// Asks what orders look like.
#[derive(Clone, Debug)]
pub struct GetOrderDetail {
    /// The orders, at most [`ORDERS_PER_CALL_MAX`].
    pub orders: Vec<OrderSn>,
}

impl Call for GetOrderDetail {
    const ENDPOINT: Endpoint = Endpoint::get("order.get_order_detail", "/order/get_order_detail");
    type Reply = OrderListWire;

    fn arguments(&self) -> Arguments {
        Arguments::default()
            .with_joined("order_sn_list", &self.orders)
            .with("response_optional_fields", ORDER_DETAIL_FIELDS)
            .about_orders(self.orders.len())
    }
}
