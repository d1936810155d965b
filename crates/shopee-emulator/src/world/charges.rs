//! The parts of the published formula that follow from no price: fees, taxes, rebates and what a
//! return costs. None by themselves, random ones when asked for.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::Serialize;

/// Chance in a hundred that a part is not zero.
const CHARGED: u8 = 45;
/// The largest share of the goods' price that one part takes, in ten-thousandths.
const SHARE_MAX: u32 = 150;

macro_rules! charges {
    ($($name:ident $sign:tt;)*) => {
        /// Amounts in the shop's currency, none of them negative; the formula knows their signs.
        ///
        /// Random ones know no borders: parts of single markets meet in one order, so that none
        /// of them can be forgotten.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
        pub struct Charges {
            $(#[serde(with = "crate::amount")] pub $name: Decimal,)*
        }

        impl Charges {
            /// What they add to the escrow, by the formula's signs.
            pub fn sum(&self) -> Decimal {
                Decimal::ZERO $($sign self.$name)*
            }

            fn each(&mut self) -> impl Iterator<Item = &mut Decimal> {
                [$(&mut self.$name,)*].into_iter()
            }
        }
    };
}

charges! {
    shopee_discount +;
    original_shopee_discount -;
    seller_coin_cash_back -;
    shipping_fee_discount_from_3pl +;
    reverse_shipping_fee -;
    rsf_seller_protection_fee_claim_amount +;
    final_return_to_seller_shipping_fee -;
    campaign_fee -;
    shipping_seller_protection_fee_amount -;
    delivery_seller_protection_fee_premium_amount -;
    final_escrow_product_gst -;
    order_ams_commission_fee -;
    escrow_tax -;
    sales_tax_on_lvg -;
    reverse_shipping_fee_sst -;
    shipping_fee_sst -;
    withholding_tax -;
    overseas_return_service_fee -;
    vat_on_imported_goods -;
    withholding_vat_tax -;
    withholding_pit_tax -;
    withholding_cit_tax -;
    seller_order_processing_fee -;
    buyer_paid_packaging_fee +;
    trade_in_bonus_by_seller -;
    fbs_fee -;
    ads_escrow_top_up_fee_or_technical_support_fee -;
    th_import_duty -;
}

impl Charges {
    /// Some of everything, as parts of `base`, in whole units of that many decimals.
    pub(super) fn random(random: &mut fastrand::Rng, base: Decimal, decimals: u32) -> Self {
        let unit = Decimal::new(1, decimals);
        let mut charges = Self::default();
        for charge in charges.each() {
            if random.u8(..100) < CHARGED {
                let share = Decimal::new(i64::from(random.u32(1..=SHARE_MAX)), 4);
                *charge = (base * share)
                    .round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero)
                    .max(unit);
            }
        }
        charges
    }

    /// Without what only a return costs.
    #[must_use]
    pub(super) fn before_any_return(&self) -> Self {
        Self {
            reverse_shipping_fee: Decimal::ZERO,
            rsf_seller_protection_fee_claim_amount: Decimal::ZERO,
            final_return_to_seller_shipping_fee: Decimal::ZERO,
            reverse_shipping_fee_sst: Decimal::ZERO,
            overseas_return_service_fee: Decimal::ZERO,
            ..self.clone()
        }
    }

    /// Without the tax that the answers of a single market alone have a field for.
    #[must_use]
    pub(super) fn without_cit(self) -> Self {
        Self {
            withholding_cit_tax: Decimal::ZERO,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_charges_are_whole_units_of_the_currency() {
        let mut random = fastrand::Rng::with_seed(3);
        for decimals in [0, 2] {
            let mut charges = Charges::random(&mut random, Decimal::from(125_000), decimals);
            let amounts: Vec<_> = charges
                .each()
                .map(|charge| *charge)
                .filter(|charge| !charge.is_zero())
                .collect();
            assert!(amounts.len() > 5, "{amounts:?}");
            for charge in amounts {
                assert_eq!(charge, charge.round_dp(decimals));
                assert!(charge > Decimal::ZERO);
            }
        }
    }

    #[test]
    fn every_charge_has_its_sign_in_the_formula() {
        let one = Decimal::ONE;
        let mut all = Charges::default();
        all.each().for_each(|charge| *charge = one);
        // Four parts are for the seller's good, the others are not.
        assert_eq!(all.sum(), Decimal::from(4 - 24));
        let kept = all.before_any_return().without_cit();
        assert_eq!(kept.sum(), Decimal::from(3 - 19));
    }
}
