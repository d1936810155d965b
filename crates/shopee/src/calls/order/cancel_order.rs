//! `POST order/cancel_order` (shopee.md §5.1): the seller cancels an order, or a part of it, before
//! it is shipped.

use hawker_domain::{OrderSn, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::client::{Arguments, Call, Endpoint};
use crate::wire::Field;

/// Why a seller cancels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CancelReason {
    /// Something is not there; the items have to be named.
    OutOfStock,
    /// The buyer asked for it.
    CustomerRequest,
    /// It cannot be brought there. Taiwan and Malaysia only.
    UndeliverableArea,
    /// The carrier takes no cash.
    CodNotSupported,
}

/// A line, or a part of one. Without a quantity it is named as out of stock.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct CancelledItem {
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
    /// How many pieces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_quantity: Option<i64>,
}

/// Cancels an order.
#[derive(Clone, Debug)]
pub struct CancelOrder {
    /// The order.
    pub order: OrderSn,
    /// Why.
    pub reason: CancelReason,
    /// What is out of stock; must be told with [`CancelReason::OutOfStock`].
    pub items: Vec<CancelledItem>,
    /// What is cancelled of the order; all of it where this is empty.
    pub partially: Vec<CancelledItem>,
}

impl Call for CancelOrder {
    const ENDPOINT: Endpoint = Endpoint::post("order.cancel_order", "/order/cancel_order").once();
    type Reply = Option<UpdatedWire>;

    fn arguments(&self) -> Arguments {
        let some = |items: &[CancelledItem]| (!items.is_empty()).then(|| json!(items));
        Arguments::default()
            .with_body(json!({
                "order_sn": self.order.as_str(),
                "cancel_reason": self.reason,
                "item_list": some(&self.items),
                "partial_cancel_item_list": some(&self.partially),
            }))
            .about_orders(1)
    }
}

/// `response` of what changed an order.
#[derive(Debug, Deserialize)]
pub struct UpdatedWire {
    /// The order's new `update_time`.
    pub update_time: Field<Timestamp>,
}
