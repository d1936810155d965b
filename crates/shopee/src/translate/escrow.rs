//! From the platform's payout details to ours.
//!
//! The sums that every order has must be there: what is paid out, what the goods cost, what the
//! buyer paid. A discount, a fee or a compensation that is left out did not occur: the platform
//! leaves out what a market or an order does not have (shopee.md §5.2), and what it did say is kept
//! whole beside the amounts.

use hawker_domain::OrderSn;
use hawker_domain::escrow::EscrowAmounts;
use hawker_ports::marketplace::{EscrowAnswer, NormalizationError};
use rust_decimal::Decimal;

use super::at::At;
use super::income::{self, BUYER, INCOME};
use crate::wire::{AmountsWire, EscrowDetailWire, Fault};

/// What the buyer paid: part of the income in the detail of one order, and according to its table only
/// of the buyer's payment in a batch.
const BUYER_TOTAL: &str = "buyer_total_amount";

/// Translates the payload of the reply, given as JSON, which must be about the order `asked` for.
pub fn escrow_answer(json: &str, asked: &OrderSn) -> Result<EscrowAnswer, NormalizationError> {
    let top = At::order();
    let wire: EscrowDetailWire<'_> =
        serde_json::from_str(json).map_err(|_| top.error("response", &Fault::NotObject))?;
    let order_sn = top.optional("order_sn", wire.order_sn.code())?;
    if let Some(other) = order_sn.filter(|order_sn| order_sn != asked.as_str()) {
        return Err(top.error("order_sn", &Fault::not("the order asked for", &other)));
    }
    let order = top.required(INCOME, wire.order_income.object())?;
    let order = income::by_usual_names(order);
    let buyer = top.optional(BUYER, wire.buyer_payment_info.object())?;
    let buyer = buyer.unwrap_or_default();
    Ok(EscrowAnswer {
        amounts: amounts(&order, &buyer)?,
        income: income::income(&order, &buyer, wire.return_order_sn_list)?,
        payload: json.to_owned(),
    })
}

fn amounts(
    order: &AmountsWire<'_>,
    buyer: &AmountsWire<'_>,
) -> Result<EscrowAmounts, NormalizationError> {
    let at = At::within(INCOME);
    let sum = |name| at.required(name, order.member(name).amount());
    let part = |name| {
        let amount = at.optional(name, order.member(name).amount())?;
        Ok(amount.unwrap_or(Decimal::ZERO))
    };
    let paid_by_buyer = At::within(BUYER).optional(BUYER_TOTAL, buyer.member(BUYER_TOTAL).amount());
    Ok(EscrowAmounts {
        escrow_amount: sum("escrow_amount")?,
        original_price: sum("original_price")?,
        seller_discount: part("seller_discount")?,
        shopee_discount: part("shopee_discount")?,
        voucher_from_seller: part("voucher_from_seller")?,
        voucher_from_shopee: part("voucher_from_shopee")?,
        commission_fee: part("commission_fee")?,
        service_fee: part("service_fee")?,
        seller_transaction_fee: part("seller_transaction_fee")?,
        actual_shipping_fee: part("actual_shipping_fee")?,
        seller_lost_compensation: part("seller_lost_compensation")?,
        buyer_total_amount: match (order.member(BUYER_TOTAL).is_absent(), paid_by_buyer?) {
            (true, Some(paid)) => paid,
            _ => sum(BUYER_TOTAL)?,
        },
    })
}
