//! Payouts: the sum of the published formula over what was translated is the sum that is made here by
//! other means, and what the formula does not explain is exactly what was planted.

use std::collections::BTreeMap;

use hawker_domain::channel::OrderKey;
use hawker_domain::escrow::{Escrow, computed, waterfall};
use hawker_domain::{ConnectorName, Environment, OrderSn, Timestamp};
use hawker_shopee::translate::escrow_answer;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::money::spellings;

/// The formula, as it is published for a shop that is no affiliate of a cross-border seller
/// (shopee.md §5.2), with the part that the batch's has more.
const PUBLISHED: &str = "original_cost_of_goods_sold-original_shopee_discount+seller_return_refund\
    +shopee_discount-voucher_from_seller-seller_coin_cash_back+buyer_paid_shipping_fee\
    -actual_shipping_fee+shopee_shipping_rebate+shipping_fee_discount_from_3pl\
    -reverse_shipping_fee+rsf_seller_protection_fee_claim_amount\
    +fsf_seller_protection_fee_claim_amount\
    -final_return_to_seller_shipping_fee-seller_transaction_fee-service_fee-commission_fee\
    -campaign_fee-shipping_seller_protection_fee_amount\
    -delivery_seller_protection_fee_premium_amount-final_escrow_product_gst\
    -order_ams_commission_fee-escrow_tax-sales_tax_on_lvg-reverse_shipping_fee_sst\
    -shipping_fee_sst-withholding_tax-overseas_return_service_fee-vat_on_imported_goods\
    -withholding_vat_tax-withholding_pit_tax-withholding_cit_tax-seller_order_processing_fee\
    +buyer_paid_packaging_fee-trade_in_bonus_by_seller-fbs_fee\
    -ads_escrow_top_up_fee_or_technical_support_fee-th_import_duty";

const ORDER: &str = "251214TESTSN01";

/// The names of the formula, and whether each is taken.
fn published() -> Vec<(&'static str, bool)> {
    let signs = PUBLISHED.chars().filter(|sign| ['+', '-'].contains(sign));
    let is_taken = std::iter::once(false).chain(signs.map(|sign| sign == '-'));
    PUBLISHED.split(['+', '-']).zip(is_taken).collect()
}

/// A random payout: its amounts in smallest units, in what currency, and how each is written.
#[derive(Clone, Debug)]
struct Drawn {
    digits: u32,
    code: &'static str,
    parts: BTreeMap<&'static str, (i64, prop::sample::Index)>,
    planted: i64,
}

impl Drawn {
    /// The sum of the formula in smallest units, made without decimals.
    fn sum(&self) -> i64 {
        let shares = published().into_iter().map(|(name, is_taken)| {
            let units = self.parts.get(name).map_or(0, |(units, _)| *units);
            if is_taken { -units } else { units }
        });
        shares.sum()
    }

    fn amount(&self, units: i64) -> Decimal {
        Decimal::new(units, self.digits)
    }

    /// The payout as the platform would tell it.
    fn json(&self) -> String {
        let written =
            |units, how: &prop::sample::Index| how.get(&spellings(units, self.digits)).clone();
        let parts: Vec<String> = self
            .parts
            .iter()
            .map(|(name, (units, how))| format!(r#""{name}": {},"#, written(*units, how)))
            .collect();
        let parts = parts.concat();
        let paid = self.amount(self.sum() + self.planted);
        format!(
            r#"{{"order_sn": "{ORDER}", "order_income": {{{parts}"escrow_amount": {paid},
               "original_price": 1, "buyer_total_amount": 1, "coins": 0.01, "net_service_fee": 3}}}}"#
        )
    }

    fn captured(&self) -> Escrow {
        let order_sn = OrderSn::parse(ORDER).expect("an order number");
        let answer = escrow_answer(&self.json(), &order_sn).expect("a payout");
        let key = OrderKey {
            connector: ConnectorName::Shopee,
            environment: Environment::Live,
            order_sn,
        };
        let currency = self.code.parse().expect("a currency");
        let (amounts, income) = (answer.amounts, answer.income);
        let now = Timestamp::UNIX_EPOCH;
        Escrow::captured(key, currency, amounts, income, answer.payload, now)
    }
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let currency = prop::sample::select(vec![(2, "SGD"), (2, "MYR"), (0, "VND"), (0, "IDR")]);
    let names: Vec<&'static str> = published().into_iter().map(|(name, _)| name).collect();
    let units = prop_oneof![
        -1_000_000_i64..=1_000_000,
        -1_000_000_000_000_i64..=1_000_000_000_000
    ];
    let parts = prop::collection::btree_map(
        prop::sample::select(names),
        (units, any::<prop::sample::Index>()),
        1..38,
    );
    let planted = prop_oneof![Just(0), Just(1), Just(-1), -1_000_000_i64..=1_000_000];
    (currency, parts, planted).prop_map(|((digits, code), parts, planted)| Drawn {
        digits,
        code,
        parts,
        planted,
    })
}

proptest! {
    #[test]
    fn the_formula_comes_to_the_sum_that_is_made_by_other_means(drawn in drawn()) {
        let escrow = drawn.captured();
        let expected = drawn.amount(drawn.sum());
        prop_assert_eq!(computed(&escrow.income), expected);
        prop_assert_eq!(escrow.computed(), Some(expected));
        let effects: Decimal = waterfall(&escrow.income).iter().map(|share| share.effect).sum();
        prop_assert_eq!(effects, expected, "the waterfall ends there");
    }

    #[test]
    fn what_is_unexplained_is_what_was_planted(drawn in drawn()) {
        let escrow = drawn.captured();
        prop_assert_eq!(escrow.unexplained(), Some(drawn.amount(drawn.planted)));
    }

    #[test]
    fn every_part_is_there_under_its_name_and_exact(drawn in drawn()) {
        let escrow = drawn.captured();
        for (name, (units, _)) in &drawn.parts {
            prop_assert_eq!(escrow.income.parts.get(*name), Some(&drawn.amount(*units)));
        }
        // And five that the formula does not know.
        prop_assert_eq!(escrow.income.parts.len(), drawn.parts.len() + 5);
    }
}

#[test]
fn the_formula_is_the_published_one_part_for_part() {
    use hawker_domain::escrow::{FORMULA, Sign};

    let ours: Vec<(&str, bool)> = FORMULA
        .iter()
        .map(|(name, sign)| (*name, *sign == Sign::Minus))
        .collect();
    assert_eq!(ours, published());
}
