//! The published formula of a payout (shopee.md §5.2, for a shop that is no cross-border affiliate):
//! what its parts add up to, to the cent.
//!
//! It is published twice, with the detail of one order and with the batch. The batch's has one part more,
//! `fsf_seller_protection_fee_claim_amount`, which is added: the tables of both have that member, as
//! a claim that is paid to the seller.

use rust_decimal::Decimal;

use super::Income;

/// Whether a part is added or taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It is added.
    Plus,
    /// It is taken.
    Minus,
}

use Sign::{Minus, Plus};

/// The parts of the formula in the order in which it is published.
pub const FORMULA: &[(&str, Sign)] = &[
    ("original_cost_of_goods_sold", Plus),
    ("original_shopee_discount", Minus),
    ("seller_return_refund", Plus),
    ("shopee_discount", Plus),
    ("voucher_from_seller", Minus),
    ("seller_coin_cash_back", Minus),
    ("buyer_paid_shipping_fee", Plus),
    ("actual_shipping_fee", Minus),
    ("shopee_shipping_rebate", Plus),
    ("shipping_fee_discount_from_3pl", Plus),
    ("reverse_shipping_fee", Minus),
    ("rsf_seller_protection_fee_claim_amount", Plus),
    ("fsf_seller_protection_fee_claim_amount", Plus),
    ("final_return_to_seller_shipping_fee", Minus),
    ("seller_transaction_fee", Minus),
    ("service_fee", Minus),
    ("commission_fee", Minus),
    ("campaign_fee", Minus),
    ("shipping_seller_protection_fee_amount", Minus),
    ("delivery_seller_protection_fee_premium_amount", Minus),
    ("final_escrow_product_gst", Minus),
    ("order_ams_commission_fee", Minus),
    ("escrow_tax", Minus),
    ("sales_tax_on_lvg", Minus),
    ("reverse_shipping_fee_sst", Minus),
    ("shipping_fee_sst", Minus),
    ("withholding_tax", Minus),
    ("overseas_return_service_fee", Minus),
    ("vat_on_imported_goods", Minus),
    ("withholding_vat_tax", Minus),
    ("withholding_pit_tax", Minus),
    ("withholding_cit_tax", Minus),
    ("seller_order_processing_fee", Minus),
    ("buyer_paid_packaging_fee", Plus),
    ("trade_in_bonus_by_seller", Minus),
    ("fbs_fee", Minus),
    ("ads_escrow_top_up_fee_or_technical_support_fee", Minus),
    ("th_import_duty", Minus),
];

/// A step of the waterfall from the goods to the payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The marketplace's name of the part.
    pub name: &'static str,
    /// What it adds to the payout; negative where it is taken.
    pub effect: Decimal,
}

/// What every part that is not zero adds to the payout, in the order of the formula. The sum of the
/// effects is [`computed`].
pub fn waterfall(income: &Income) -> Vec<Share> {
    FORMULA
        .iter()
        .map(|(name, sign)| {
            let amount = income.part(name);
            let effect = match sign {
                Plus => amount,
                Minus => -amount,
            };
            Share { name, effect }
        })
        .filter(|share| !share.effect.is_zero())
        .collect()
}

/// What the formula makes of the parts; a part that the marketplace left out counts as zero.
pub fn computed(income: &Income) -> Decimal {
    waterfall(income).iter().map(|share| share.effect).sum()
}
