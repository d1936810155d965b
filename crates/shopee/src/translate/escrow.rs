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
use crate::wire::{EscrowDetailWire, Fault, Loose, OrderIncomeWire};

/// The member of the reply that holds the amounts.
const INCOME: &str = "order_income";

/// Translates the payload of the reply, given as JSON, which must be about the order `asked` for.
pub fn escrow_answer(json: &str, asked: &OrderSn) -> Result<EscrowAnswer, NormalizationError> {
    let top = At::order();
    let wire: EscrowDetailWire<'_> =
        serde_json::from_str(json).map_err(|_| top.error("response", &Fault::NotObject))?;
    let order_sn = top.optional("order_sn", wire.order_sn.code())?;
    if let Some(other) = order_sn.filter(|order_sn| order_sn != asked.as_str()) {
        return Err(top.error("order_sn", &Fault::not("the order asked for", &other)));
    }
    let income = top.required(INCOME, wire.order_income.object())?;
    Ok(EscrowAnswer {
        amounts: amounts(&income)?,
        payload: json.to_owned(),
    })
}

fn amounts(income: &OrderIncomeWire<'_>) -> Result<EscrowAmounts, NormalizationError> {
    let at = At::within(INCOME);
    let sum = |member, amount: Loose<'_>| at.required(member, amount.amount());
    let part = |member, amount: Loose<'_>| {
        let amount = at.optional(member, amount.amount())?;
        Ok(amount.unwrap_or(Decimal::ZERO))
    };
    Ok(EscrowAmounts {
        escrow_amount: sum("escrow_amount", income.escrow_amount)?,
        original_price: sum("original_price", income.original_price)?,
        seller_discount: part("seller_discount", income.seller_discount)?,
        shopee_discount: part("shopee_discount", income.shopee_discount)?,
        voucher_from_seller: part("voucher_from_seller", income.voucher_from_seller)?,
        voucher_from_shopee: part("voucher_from_shopee", income.voucher_from_shopee)?,
        commission_fee: part("commission_fee", income.commission_fee)?,
        service_fee: part("service_fee", income.service_fee)?,
        seller_transaction_fee: part("seller_transaction_fee", income.seller_transaction_fee)?,
        actual_shipping_fee: part("actual_shipping_fee", income.actual_shipping_fee)?,
        seller_lost_compensation: part(
            "seller_lost_compensation",
            income.seller_lost_compensation,
        )?,
        buyer_total_amount: sum("buyer_total_amount", income.buyer_total_amount)?,
    })
}
