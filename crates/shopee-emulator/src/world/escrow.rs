//! What the platform pays out for an order, by its published formula.
//!
//! What follows from prices is a field; fees, taxes and rebates that follow from nothing are the
//! [`Charges`].

use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy;
use serde::Serialize;

use super::charges::Charges;
use super::ids::Timestamp;
use super::line::Line;
use super::order::Order;
use super::payout::Adjustment;
use super::shop::FeeRates;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Escrow {
    #[serde(with = "crate::amount")]
    pub original_price: Decimal,
    #[serde(with = "crate::amount")]
    pub seller_discount: Decimal,
    #[serde(with = "crate::amount")]
    pub cost_of_goods_sold: Decimal,
    /// Negative: what went back to the buyer for returned units.
    #[serde(with = "crate::amount")]
    pub seller_return_refund: Decimal,
    #[serde(with = "crate::amount")]
    pub voucher_from_seller: Decimal,
    #[serde(with = "crate::amount")]
    pub voucher_from_shopee: Decimal,
    #[serde(with = "crate::amount")]
    pub coins: Decimal,
    #[serde(with = "crate::amount")]
    pub buyer_paid_shipping_fee: Decimal,
    #[serde(with = "crate::amount")]
    pub actual_shipping_fee: Decimal,
    #[serde(with = "crate::amount")]
    pub shopee_shipping_rebate: Decimal,
    #[serde(with = "crate::amount")]
    pub commission_fee: Decimal,
    #[serde(with = "crate::amount")]
    pub service_fee: Decimal,
    #[serde(with = "crate::amount")]
    pub seller_transaction_fee: Decimal,
    #[serde(with = "crate::amount")]
    pub buyer_total_amount: Decimal,
    pub charges: Charges,
    /// What the escrow has above the formula; nothing, unless it was planted.
    #[serde(with = "crate::amount")]
    pub unexplained: Decimal,
    #[serde(with = "crate::amount")]
    pub escrow_amount: Decimal,
    pub adjustments: Vec<Adjustment>,
    #[serde(with = "crate::amount")]
    pub total_adjustment_amount: Decimal,
    /// What the platform pays in the end.
    #[serde(with = "crate::amount")]
    pub escrow_amount_after_adjustment: Decimal,
    /// When it was paid out; None when that has not happened yet.
    pub released_at: Option<Timestamp>,
}

impl Escrow {
    /// Invariants: `escrow_amount` is the formula over the other fields, and what is unexplained;
    /// the adjustments come on top.
    pub fn of(order: &Order, rates: FeeRates) -> Self {
        let round = |amount: Decimal| {
            let decimals = order.region.decimals();
            amount.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero)
        };
        let sum = |value: fn(&Line) -> Decimal| order.lines.iter().map(value).sum::<Decimal>();

        let original_price = sum(|line| line.original_price * Decimal::from(line.to_ship()));
        let goods = sum(|line| line.paid_price * Decimal::from(line.to_ship()));
        let refund = -sum(|line| line.paid_price * Decimal::from(line.returned));
        let fee_base = (goods + refund - order.seller_voucher).max(Decimal::ZERO);
        let buyer_total_amount = order.buyer_total();
        let mut escrow = Self {
            original_price,
            seller_discount: original_price - goods,
            cost_of_goods_sold: goods,
            seller_return_refund: refund,
            voucher_from_seller: order.seller_voucher,
            voucher_from_shopee: order.shopee_voucher,
            coins: order.coins,
            buyer_paid_shipping_fee: order.buyer_shipping_fee,
            actual_shipping_fee: order.courier_fee,
            shopee_shipping_rebate: order.courier_fee - order.buyer_shipping_fee,
            commission_fee: round(fee_base * rates.commission),
            service_fee: round(fee_base * rates.service),
            seller_transaction_fee: round(buyer_total_amount * rates.transaction),
            buyer_total_amount,
            charges: charges(order),
            unexplained: order.payout.unexplained,
            escrow_amount: Decimal::ZERO,
            adjustments: order.payout.adjustments.clone(),
            total_adjustment_amount: order.payout.adjustments.iter().map(|one| one.amount).sum(),
            escrow_amount_after_adjustment: Decimal::ZERO,
            released_at: order.payout.released_at,
        };
        escrow.escrow_amount = escrow.formula() + escrow.unexplained;
        escrow.escrow_amount_after_adjustment =
            escrow.escrow_amount + escrow.total_adjustment_amount;
        escrow
    }

    fn formula(&self) -> Decimal {
        self.cost_of_goods_sold + self.seller_return_refund - self.voucher_from_seller
            + self.buyer_paid_shipping_fee
            - self.actual_shipping_fee
            + self.shopee_shipping_rebate
            - self.seller_transaction_fee
            - self.service_fee
            - self.commission_fee
            + self.charges.sum()
    }
}

/// A return costs nothing before there was one.
fn charges(order: &Order) -> Charges {
    let charges = &order.payout.charges;
    if order.lines.iter().any(|line| line.returned > 0) {
        charges.clone()
    } else {
        charges.before_any_return()
    }
}
