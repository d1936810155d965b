//! `payment.get_escrow_detail` (shopee.md §5.2). Only what has a name with us is listed; the reply
//! is kept whole beside it.

use serde::Deserialize;

use super::Loose;

/// `response` of the reply.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub struct EscrowDetailWire<'a> {
    pub order_sn: Loose<'a>,
    pub order_income: Loose<'a>,
}

/// What the merchant receives, and how it comes about.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub struct OrderIncomeWire<'a> {
    pub escrow_amount: Loose<'a>,
    pub original_price: Loose<'a>,
    pub seller_discount: Loose<'a>,
    pub shopee_discount: Loose<'a>,
    pub voucher_from_seller: Loose<'a>,
    pub voucher_from_shopee: Loose<'a>,
    pub commission_fee: Loose<'a>,
    pub service_fee: Loose<'a>,
    pub seller_transaction_fee: Loose<'a>,
    pub actual_shipping_fee: Loose<'a>,
    pub seller_lost_compensation: Loose<'a>,
    pub buyer_total_amount: Loose<'a>,
}
