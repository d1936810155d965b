//! A return as the two calls write it. Amounts are what the buyer paid for the returned units.

use rust_decimal::Decimal;
use serde::Serialize;

use crate::world::{Order, Return, ReturnStatus, Timestamp};

/// How long the seller has to answer a request.
const ANSWER_SECONDS: i64 = 2 * 86_400;

#[derive(Serialize)]
pub(super) struct ReturnWire<'a> {
    image: [&'a str; 0],
    reason: &'static str,
    text_reason: &'a str,
    return_sn: &'a str,
    #[serde(with = "crate::amount")]
    refund_amount: Decimal,
    currency: &'static str,
    create_time: Timestamp,
    update_time: Timestamp,
    status: &'static str,
    due_date: Timestamp,
    tracking_number: &'a str,
    needs_logistics: bool,
    #[serde(with = "crate::amount")]
    amount_before_discount: Decimal,
    user: UserWire<'a>,
    item: Vec<ReturnedWire<'a>>,
    order_sn: &'a str,
    return_ship_due_date: Timestamp,
    return_seller_due_date: Timestamp,
    return_refund_type: &'static str,
    return_solution: i32,
    is_seller_arrange: bool,
    is_shipping_proof_mandatory: bool,
    return_refund_request_type: i32,
    validation_type: &'static str,
    /// In the list only; the detail has objects for them.
    #[serde(flatten)]
    states: Option<StatesWire>,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the wire's names")]
struct StatesWire {
    negotiation_status: &'static str,
    seller_proof_status: &'static str,
    seller_compensation_status: &'static str,
}

#[derive(Serialize)]
struct UserWire<'a> {
    username: &'a str,
    email: String,
    portrait: &'static str,
}

#[derive(Serialize)]
struct ReturnedWire<'a> {
    item_id: i64,
    model_id: i64,
    name: &'a str,
    images: [String; 1],
    /// A quantity, whatever its name.
    amount: u32,
    #[serde(with = "crate::amount")]
    item_price: Decimal,
    is_add_on_deal: bool,
    is_main_item: bool,
    add_on_deal_id: i64,
    item_sku: &'a str,
    variation_sku: &'a str,
}

#[derive(Serialize)]
pub(super) struct ReturnDetailWire<'a> {
    #[serde(flatten)]
    common: ReturnWire<'a>,
    seller_proof: ProofWire,
    seller_compensation: CompensationWire,
    negotiation: NegotiationWire<'a>,
    logistics_status: &'static str,
    reverse_logistics_status: &'static str,
    has_uploaded_shipping_proof: bool,
    is_reverse_logistics_channel_integrated: bool,
    reverse_logistics_channel_name: &'static str,
}

#[derive(Serialize)]
struct ProofWire {
    seller_proof_status: &'static str,
    seller_evidence_deadline: Timestamp,
}

#[derive(Serialize)]
struct CompensationWire {
    seller_compensation_status: &'static str,
    seller_compensation_due_date: Timestamp,
    compensation_amount: i32,
}

#[derive(Serialize)]
struct NegotiationWire<'a> {
    negotiation_status: &'static str,
    latest_solution: &'static str,
    #[serde(with = "crate::amount")]
    latest_offer_amount: Decimal,
    latest_offer_creator: &'a str,
    counter_limit: i32,
    offer_due_date: Timestamp,
}

impl<'a> ReturnWire<'a> {
    pub fn of(order: &'a Order, entry: &'a Return) -> Self {
        let returned = || {
            entry.contents.iter().filter_map(|unit| {
                let line = order.lines.get(unit.line)?;
                Some((line, unit.quantity))
            })
        };
        let due_date = entry.opened_at + ANSWER_SECONDS;
        Self {
            image: [],
            reason: "OTHER",
            text_reason: &entry.reason,
            return_sn: entry.return_sn.as_str(),
            refund_amount: returned()
                .map(|(line, quantity)| line.paid_price * Decimal::from(quantity))
                .sum(),
            currency: order.region.currency(),
            create_time: entry.opened_at,
            update_time: entry.updated_at,
            status: entry.status.as_str(),
            due_date,
            tracking_number: "",
            needs_logistics: true,
            amount_before_discount: returned()
                .map(|(line, quantity)| line.original_price * Decimal::from(quantity))
                .sum(),
            user: UserWire {
                username: &order.buyer_username,
                email: "****@example.com".to_owned(),
                portrait: "",
            },
            item: returned()
                .map(|(line, amount)| ReturnedWire {
                    item_id: line.listing.item_id,
                    model_id: line.listing.model_id,
                    name: &line.listing.item_name,
                    images: [format!(
                        "https://images.example.com/file/{}",
                        line.listing.item_id
                    )],
                    amount,
                    item_price: line.paid_price,
                    is_add_on_deal: false,
                    is_main_item: false,
                    add_on_deal_id: 0,
                    item_sku: &line.listing.item_sku,
                    variation_sku: &line.listing.model_sku,
                })
                .collect(),
            order_sn: order.order_sn.as_str(),
            return_ship_due_date: due_date,
            return_seller_due_date: due_date,
            return_refund_type: if entry.after_completion {
                "RRAOC"
            } else {
                "RRBOC"
            },
            return_solution: 0,
            is_seller_arrange: false,
            is_shipping_proof_mandatory: false,
            return_refund_request_type: 0,
            validation_type: "seller_validation",
            states: Some(StatesWire {
                negotiation_status: negotiation_status(entry),
                seller_proof_status: "NOT_NEEDED",
                seller_compensation_status: "NOT_REQUIRED",
            }),
        }
    }
}

impl<'a> ReturnDetailWire<'a> {
    pub fn of(order: &'a Order, entry: &'a Return) -> Self {
        let mut common = ReturnWire::of(order, entry);
        common.states = None;
        let due_date = common.due_date;
        Self {
            seller_proof: ProofWire {
                seller_proof_status: "NOT_NEEDED",
                seller_evidence_deadline: due_date,
            },
            seller_compensation: CompensationWire {
                seller_compensation_status: "NOT_REQUIRED",
                seller_compensation_due_date: due_date,
                compensation_amount: 0,
            },
            negotiation: NegotiationWire {
                negotiation_status: negotiation_status(entry),
                latest_solution: "RETURN_REFUND",
                latest_offer_amount: common.refund_amount,
                latest_offer_creator: &order.buyer_username,
                counter_limit: 0,
                offer_due_date: due_date,
            },
            logistics_status: "LOGISTICS_NOT_START",
            reverse_logistics_status: "LOGISTICS_NOT_START",
            has_uploaded_shipping_proof: false,
            is_reverse_logistics_channel_integrated: true,
            reverse_logistics_channel_name: order.region.carrier(),
            common,
        }
    }
}

const fn negotiation_status(entry: &Return) -> &'static str {
    match entry.status {
        ReturnStatus::Requested => "PENDING_RESPOND",
        ReturnStatus::Accepted | ReturnStatus::Cancelled | ReturnStatus::Closed => "TERMINATED",
    }
}
