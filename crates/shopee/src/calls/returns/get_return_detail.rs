//! `GET returns/get_return_detail` (shopee.md §5.7): what a return is about and where it stands.

use hawker_domain::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Field, List, Texts, Verbatim};

/// Asks for a return.
#[derive(Clone, Debug)]
pub struct GetReturnDetail {
    /// Its number.
    pub return_sn: String,
}

impl Call for GetReturnDetail {
    const ENDPOINT: Endpoint =
        Endpoint::get("returns.get_return_detail", "/returns/get_return_detail");
    type Reply = Verbatim<ReturnWire>;

    fn arguments(&self) -> Arguments {
        Arguments::default().with("return_sn", &self.return_sn)
    }
}

/// A return, in the list or by itself.
#[derive(Debug, Deserialize)]
pub struct ReturnWire {
    pub return_sn: Field<String>,
    pub order_sn: Field<String>,
    pub status: Field<String>,
    pub reason: Field<String>,
    pub text_reason: Field<String>,
    pub refund_amount: Field<Decimal>,
    pub amount_before_discount: Field<Decimal>,
    pub currency: Field<String>,
    pub create_time: Field<Timestamp>,
    pub update_time: Field<Timestamp>,
    pub due_date: Field<Timestamp>,
    pub return_ship_due_date: Field<Timestamp>,
    pub return_seller_due_date: Field<Timestamp>,
    pub tracking_number: Field<String>,
    pub needs_logistics: Field<bool>,
    /// A list in the platform's table, a number in its sample.
    #[serde(default)]
    pub dispute_reason: Texts,
    pub negotiation_status: Field<String>,
    pub seller_proof_status: Field<String>,
    pub seller_compensation_status: Field<String>,
    /// `RRBOC` before the order was completed, `RRAOC` after.
    pub return_refund_type: Field<String>,
    /// 0 return and refund, 1 refund only.
    pub return_solution: Field<i64>,
    pub logistics_status: Field<String>,
    pub reverse_logistics_status: Field<String>,
    #[serde(default)]
    pub item: List<ReturnedItemWire>,
    pub negotiation: Option<NegotiationWire>,
    pub seller_proof: Option<SellerProofWire>,
    pub seller_compensation: Option<SellerCompensationWire>,
}

/// What comes back.
#[derive(Debug, Deserialize)]
pub struct ReturnedItemWire {
    pub item_id: Field<i64>,
    /// 0 where the item has no variations.
    pub model_id: Field<i64>,
    pub name: Field<String>,
    pub item_sku: Field<String>,
    pub variation_sku: Field<String>,
    /// How many pieces: the platform calls it an amount.
    pub amount: Field<i64>,
    pub item_price: Field<Decimal>,
    pub refund_amount: Field<Decimal>,
}

/// What buyer and seller offered each other.
#[derive(Debug, Deserialize)]
pub struct NegotiationWire {
    pub negotiation_status: Field<String>,
    pub latest_solution: Field<String>,
    pub latest_offer_amount: Field<Decimal>,
    pub latest_offer_creator: Field<String>,
    pub counter_limit: Field<i64>,
    pub offer_due_date: Field<Timestamp>,
}

/// What the seller has to show.
#[derive(Debug, Deserialize)]
pub struct SellerProofWire {
    pub seller_proof_status: Field<String>,
    pub seller_evidence_deadline: Field<Timestamp>,
}

/// What the seller is paid for it.
#[derive(Debug, Deserialize)]
pub struct SellerCompensationWire {
    pub seller_compensation_status: Field<String>,
    pub seller_compensation_due_date: Field<Timestamp>,
    pub compensation_amount: Field<Decimal>,
}
