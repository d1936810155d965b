//! An order as `order/get_order_detail` writes it, nulls and absences included.

use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;

use super::item_wire::{ItemWire, PackageWire, grams, item, package};
use crate::switches::Switches;
use crate::world::{Address, CancelledBy, InvoiceState, Order, OrderStatus, Shop, Timestamp};

/// Fields that come without being asked for.
pub(super) const ALWAYS: [&str; 11] = [
    "order_sn",
    "region",
    "currency",
    "cod",
    "order_status",
    "message_to_seller",
    "create_time",
    "update_time",
    "days_to_ship",
    "ship_by_date",
    "pending_terms",
];

/// How the caller and the shop see orders.
pub(super) struct View<'a> {
    pub shop: &'a Shop,
    pub switches: Switches,
    pub knows_pending: bool,
}

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "the wire has these flags")]
pub(super) struct OrderWire<'a> {
    order_sn: &'a str,
    region: &'static str,
    currency: &'static str,
    cod: bool,
    order_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pending_terms: Option<&'a [String]>,
    message_to_seller: &'a str,
    create_time: Timestamp,
    update_time: Timestamp,
    days_to_ship: i64,
    ship_by_date: Timestamp,
    #[serde(
        skip_serializing_if = "Option::is_none",
        with = "crate::amount::option"
    )]
    total_amount: Option<Decimal>,
    buyer_user_id: i64,
    buyer_username: &'a str,
    #[serde(with = "crate::amount")]
    estimated_shipping_fee: Decimal,
    recipient_address: Address,
    #[serde(
        skip_serializing_if = "Option::is_none",
        with = "crate::amount::option"
    )]
    actual_shipping_fee: Option<Decimal>,
    actual_shipping_fee_confirmed: bool,
    #[serde(with = "crate::amount")]
    reverse_shipping_fee: Decimal,
    goods_to_declare: bool,
    note: &'a str,
    note_update_time: Timestamp,
    item_list: Vec<ItemWire<'a>>,
    /// Null until paid.
    pay_time: Option<Timestamp>,
    dropshipper: Option<&'a str>,
    dropshipper_phone: Option<&'a str>,
    split_up: bool,
    buyer_cancel_reason: &'a str,
    cancel_by: &'static str,
    cancel_reason: &'a str,
    buyer_cpf_id: Option<&'a str>,
    fulfillment_flag: &'static str,
    /// 0 until picked up.
    pickup_done_time: Timestamp,
    package_list: Vec<PackageWire<'a>>,
    shipping_carrier: &'static str,
    payment_method: &'a str,
    invoice_data: Option<InvoiceWire>,
    order_chargeable_weight_gram: i64,
    can_full_cancel_order: bool,
    can_partial_cancel_order: bool,
}

#[derive(Serialize)]
struct InvoiceWire {
    number: String,
    series_number: &'static str,
    access_key: String,
    issue_date: Timestamp,
    #[serde(with = "crate::amount")]
    total_value: Decimal,
    #[serde(with = "crate::amount")]
    products_total_value: Decimal,
    tax_code: &'static str,
    status: &'static str,
    pending_reason: &'static str,
}

impl<'a> OrderWire<'a> {
    pub fn of(order: &'a Order, view: &View<'a>) -> Self {
        let status = order.shown_status(view.knows_pending, view.shop.shows_invoice_pending);
        let cancellation = order.cancellation.as_ref();
        let completed = order.status == OrderStatus::Completed;
        let before_arrangement =
            matches!(order.status, OrderStatus::Unpaid | OrderStatus::ReadyToShip);
        let location = view.shop.location_id.as_deref();
        let held = status == OrderStatus::Pending;
        Self {
            order_sn: order.order_sn.as_str(),
            region: order.region.code(),
            currency: order.region.currency(),
            cod: order.cod,
            order_status: status.as_str(),
            pending_terms: held.then_some(order.held_for.as_slice()),
            message_to_seller: &order.message_to_seller,
            create_time: order.create_time,
            update_time: order.update_time,
            days_to_ship: order.days_to_ship,
            ship_by_date: order.ship_by_date,
            total_amount: total_amount(order, view.switches),
            buyer_user_id: order.buyer_user_id,
            buyer_username: &order.buyer_username,
            estimated_shipping_fee: order.courier_fee,
            recipient_address: order.shown_address(),
            actual_shipping_fee: completed.then_some(order.courier_fee),
            actual_shipping_fee_confirmed: completed,
            reverse_shipping_fee: Decimal::ZERO,
            goods_to_declare: false,
            note: &order.note,
            note_update_time: order.note_update_time,
            item_list: order
                .lines
                .iter()
                .map(|line| item(line, order, view))
                .collect(),
            pay_time: order.pay_time,
            dropshipper: None,
            dropshipper_phone: None,
            split_up: order.split_up,
            buyer_cancel_reason: cancellation.map_or("", |entry| &entry.buyer_reason),
            cancel_by: cancellation
                .and_then(|entry| entry.by)
                .map_or("", CancelledBy::as_str),
            cancel_reason: cancellation.map_or("", |entry| &entry.reason),
            buyer_cpf_id: None,
            fulfillment_flag: "fulfilled_by_local_seller",
            pickup_done_time: order.pickup_done_time.unwrap_or(0),
            package_list: order
                .packages
                .iter()
                .map(|entry| package(entry, order, location))
                .collect(),
            shipping_carrier: order.region.carrier(),
            payment_method: &order.payment_method,
            invoice_data: invoice(order),
            order_chargeable_weight_gram: order
                .lines
                .iter()
                .map(|line| grams(line, line.to_ship()))
                .sum(),
            can_full_cancel_order: before_arrangement,
            can_partial_cancel_order: order.status == OrderStatus::ReadyToShip,
        }
    }

    /// The fields that come always, and those that were asked for.
    pub fn into_value(self, asked: &[&str]) -> Value {
        // Plain fields with text keys: this cannot fail.
        let mut value = serde_json::to_value(self).unwrap_or_default();
        if let Value::Object(fields) = &mut value {
            fields.retain(|name, _| {
                ALWAYS.contains(&name.as_str()) || asked.contains(&name.as_str())
            });
        }
        value
    }
}

/// Absent until the buyer has paid; cash on delivery knows it from the start.
fn total_amount(order: &Order, switches: Switches) -> Option<Decimal> {
    let known = order.is_paid() || (order.cod && !switches.hides_uncollected_total);
    known.then(|| order.buyer_total())
}

fn invoice(order: &Order) -> Option<InvoiceWire> {
    let InvoiceState::Given { at } = order.invoice else {
        return None;
    };
    let total = order.buyer_total();
    Some(InvoiceWire {
        number: format!("{}", order.buyer_user_id),
        series_number: "1",
        access_key: format!("{:044}", order.buyer_user_id),
        issue_date: at,
        total_value: total,
        products_total_value: total - order.buyer_shipping_fee,
        tax_code: "5102",
        status: "valid",
        pending_reason: "",
    })
}
