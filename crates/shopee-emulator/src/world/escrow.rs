//! What the platform pays out for an order, by its published formula.
//!
//! Every part that this shop world can have is a field; the parts of the formula that it cannot
//! have (taxes of other markets, insurance, advertising) are zero on the wire.

use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy;

use super::line::Line;
use super::order::Order;
use super::shop::FeeRates;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escrow {
    pub original_price: Decimal,
    pub seller_discount: Decimal,
    pub cost_of_goods_sold: Decimal,
    /// Negative: what went back to the buyer for returned units.
    pub seller_return_refund: Decimal,
    pub voucher_from_seller: Decimal,
    pub voucher_from_shopee: Decimal,
    pub coins: Decimal,
    pub buyer_paid_shipping_fee: Decimal,
    pub actual_shipping_fee: Decimal,
    pub shopee_shipping_rebate: Decimal,
    pub commission_fee: Decimal,
    pub service_fee: Decimal,
    pub seller_transaction_fee: Decimal,
    pub buyer_total_amount: Decimal,
    pub escrow_amount: Decimal,
}

impl Escrow {
    /// Invariant: `escrow_amount` is the formula over the other fields.
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
            escrow_amount: Decimal::ZERO,
        };
        escrow.escrow_amount = escrow.formula();
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
    }
}
