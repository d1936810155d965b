//! `order.get_order_detail` (shopee.md §5.1).

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{List, Loose};

/// `response` of the reply. The orders are kept as they came and not parsed yet, so that one which
/// cannot be does not harm the others; [`translate::order_snapshot`](crate::translate::order_snapshot)
/// or [`OrderDetailWire`] read one.
#[derive(Debug, Deserialize)]
pub struct OrderListWire {
    /// One element for each order that the platform knows, in any order.
    pub order_list: List<Box<RawValue>>,
}

/// An order.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub struct OrderDetailWire<'a> {
    pub order_sn: Loose<'a>,
    pub order_status: Loose<'a>,
    pub region: Loose<'a>,
    pub currency: Loose<'a>,
    pub cod: Loose<'a>,
    pub total_amount: Loose<'a>,
    pub create_time: Loose<'a>,
    pub update_time: Loose<'a>,
    pub pay_time: Loose<'a>,
    pub ship_by_date: Loose<'a>,
    pub pickup_done_time: Loose<'a>,
    pub buyer_user_id: Loose<'a>,
    pub buyer_username: Loose<'a>,
    pub recipient_address: Loose<'a>,
    pub payment_method: Loose<'a>,
    pub shipping_carrier: Loose<'a>,
    pub message_to_seller: Loose<'a>,
    pub note: Loose<'a>,
    pub fulfillment_flag: Loose<'a>,
    pub cancel_by: Loose<'a>,
    pub cancel_reason: Loose<'a>,
    pub buyer_cancel_reason: Loose<'a>,
    pub item_list: Loose<'a>,
    pub package_list: Loose<'a>,
}

/// Where an order goes.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub struct AddressWire<'a> {
    pub name: Loose<'a>,
    pub phone: Loose<'a>,
    pub full_address: Loose<'a>,
    pub town: Loose<'a>,
    pub district: Loose<'a>,
    pub city: Loose<'a>,
    pub state: Loose<'a>,
    pub region: Loose<'a>,
    pub zipcode: Loose<'a>,
}

/// A line of an order.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub struct OrderItemWire<'a> {
    pub line_item_id: Loose<'a>,
    pub order_item_id: Loose<'a>,
    pub promotion_group_id: Loose<'a>,
    pub item_id: Loose<'a>,
    pub item_name: Loose<'a>,
    pub item_sku: Loose<'a>,
    /// 0 where the item has no variations.
    pub model_id: Loose<'a>,
    pub model_name: Loose<'a>,
    /// Blank where the item has no variations.
    pub model_sku: Loose<'a>,
    pub model_quantity_purchased: Loose<'a>,
    pub model_original_price: Loose<'a>,
    /// Of one piece; 0 for bundle deals.
    pub model_discounted_price: Loose<'a>,
    pub promotion_type: Loose<'a>,
    pub promotion_list: Loose<'a>,
    /// A text in the platform's table, a list of texts in its sample.
    pub product_location_id: Loose<'a>,
    pub active_qty: Loose<'a>,
    pub cancelled_qty: Loose<'a>,
    pub cancel_requested_qty: Loose<'a>,
    pub returned_qty: Loose<'a>,
    pub return_requested_qty: Loose<'a>,
}

/// An element of a line's `promotion_list`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub struct PromotionWire<'a> {
    pub promotion_type: Loose<'a>,
}

/// A parcel.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub struct PackageWire<'a> {
    pub package_number: Loose<'a>,
    pub logistics_status: Loose<'a>,
    pub shipping_carrier: Loose<'a>,
}
