//! What holds for whatever a marketplace pays: the formula is linear and exact, what it does not
//! explain is shown to the last digit, and no change of a payout goes unnoticed or is noticed twice.

use std::time::Duration;

use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::sample::Index;
use rust_decimal::Decimal;

use super::*;
use crate::{ConnectorName, Environment, OrderSn};

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::seconds(1_700_000_000 + seconds)
}

/// Amounts in currencies with two decimals and with none.
fn amount() -> impl Strategy<Value = Decimal> {
    (
        -10_000_000_000_i64..=10_000_000_000,
        prop::sample::select(vec![0, 2]),
    )
        .prop_map(|(units, digits)| Decimal::new(units, digits))
}

/// Parts of the formula, and some that it does not know.
fn name() -> impl Strategy<Value = String> {
    let known: Vec<String> = FORMULA.iter().map(|(name, _)| (*name).to_owned()).collect();
    let unknown = [
        "coins",
        "exchange_rate",
        "buyer_payment_info.seller_voucher",
    ];
    prop_oneof![
        4 => prop::sample::select(known),
        1 => prop::sample::select(unknown.map(str::to_owned).to_vec()),
    ]
}

fn adjustment() -> impl Strategy<Value = Adjustment> {
    let currency = prop::option::of(Just(Currency::SGD));
    (
        amount(),
        prop::option::of(0_i64..1_000_000),
        currency,
        "[a-z ]{0,8}",
    )
        .prop_map(|(amount, seconds, currency, reason)| Adjustment {
            amount,
            at: seconds.map(at),
            currency,
            reason,
        })
}

fn income() -> impl Strategy<Value = Income> {
    (
        prop::collection::btree_map(name(), amount(), 1..40),
        prop::collection::vec(adjustment(), 0..4),
        prop::option::of(amount()),
        prop::collection::vec("R[0-9]{1,4}", 0..3),
    )
        .prop_map(|(mut parts, adjustments, total, returns)| {
            parts.extend(total.map(|total| ("total_adjustment_amount".to_owned(), total)));
            Income {
                parts,
                adjustments,
                returns,
                is_converted: false,
            }
        })
}

fn is_of_formula(name: &str) -> bool {
    FORMULA.iter().any(|(part, _)| *part == name)
}

/// Whether two answers say the same, however many names they have.
fn agree(one: &Income, other: &Income) -> bool {
    let names = one.parts.keys().chain(other.parts.keys());
    let mut names = names.filter(|name| {
        is_of_formula(name) || [one, other].iter().all(|of| of.parts.contains_key(*name))
    });
    let is_same = |name: &String| one.part(name) == other.part(name);
    names.all(is_same)
        && one.adjusted() == other.adjusted()
        && one.adjustments == other.adjustments
        && one.returns == other.returns
}

/// A payout of that income, so much off what the formula makes of it.
fn paying(income: Income, unexplained: Decimal) -> Escrow {
    let key = OrderKey {
        connector: ConnectorName::Shopee,
        environment: Environment::Live,
        order_sn: OrderSn::parse("251214TESTSN01").unwrap(),
    };
    let amounts = EscrowAmounts {
        escrow_amount: computed(&income) + unexplained,
        original_price: Decimal::ONE_HUNDRED,
        seller_discount: Decimal::ZERO,
        shopee_discount: Decimal::ZERO,
        voucher_from_seller: Decimal::ZERO,
        voucher_from_shopee: Decimal::ZERO,
        commission_fee: Decimal::ZERO,
        service_fee: Decimal::ZERO,
        seller_transaction_fee: Decimal::ZERO,
        actual_shipping_fee: Decimal::ZERO,
        seller_lost_compensation: Decimal::ZERO,
        buyer_total_amount: Decimal::ONE_HUNDRED,
    };
    Escrow::captured(key, Currency::SGD, amounts, income, "{}".into(), at(0))
}

proptest! {
    #[test]
    fn a_part_that_grows_moves_the_sum_by_as_much_and_in_its_direction(
        income in income(),
        which in any::<Index>(),
        more in amount(),
    ) {
        let (name, sign) = which.get(FORMULA);
        let mut grown = income.clone();
        *grown.parts.entry((*name).to_owned()).or_default() += more;
        let moved = match sign {
            Sign::Plus => more,
            Sign::Minus => -more,
        };
        prop_assert_eq!(computed(&grown) - computed(&income), moved);
    }

    #[test]
    fn what_the_formula_does_not_know_does_not_move_the_sum(income in income(), more in amount()) {
        let mut other = income.clone();
        other.parts.insert("coins".to_owned(), more);
        other.parts.insert("a_fee_of_tomorrow".to_owned(), more);
        prop_assert_eq!(computed(&other), computed(&income));
    }

    #[test]
    fn a_part_that_is_zero_is_one_that_is_left_out(income in income()) {
        let mut sparse = income.clone();
        sparse.parts.retain(|_, amount| !amount.is_zero());
        prop_assert_eq!(waterfall(&sparse), waterfall(&income));
    }

    #[test]
    fn the_waterfall_goes_down_the_formula_and_ends_at_the_sum(income in income()) {
        let shares = waterfall(&income);
        let place = |share: &Share| FORMULA.iter().position(|(name, _)| *name == share.name);
        prop_assert!(shares.is_sorted_by(|one, next| place(one) < place(next)));
        prop_assert!(shares.iter().all(|share| !share.effect.is_zero()));
        let sum: Decimal = shares.iter().map(|share| share.effect).sum();
        prop_assert_eq!(sum, computed(&income));
    }

    #[test]
    fn what_is_unexplained_is_exactly_what_was_planted(income in income(), planted in amount()) {
        prop_assert_eq!(paying(income.clone(), Decimal::ZERO).unexplained(), Some(Decimal::ZERO));
        prop_assert_eq!(paying(income, planted).unexplained(), Some(planted));
    }

    #[test]
    fn a_converted_payout_is_neither_explained_nor_unexplained(income in income()) {
        let converted = paying(Income { is_converted: true, ..income }, Decimal::ONE);
        prop_assert_eq!((converted.computed(), converted.unexplained()), (None, None));
    }

    #[test]
    fn adjustments_come_to_what_the_marketplace_says_else_to_their_sum(income in income()) {
        let escrow = paying(income.clone(), Decimal::ZERO);
        let adjusted = escrow.after_adjustments().amount - escrow.payout().amount;
        let sum: Decimal = income.adjustments.iter().map(|one| one.amount).sum();
        let told = income.parts.get("total_adjustment_amount");
        prop_assert_eq!(adjusted, told.copied().unwrap_or(sum));
    }

    #[test]
    fn an_income_is_kept_to_the_last_digit(income in income()) {
        let kept = serde_json::to_string(&income).unwrap();
        let read: Income = serde_json::from_str(&kept).unwrap();
        prop_assert_eq!(&read, &income);
        let texts = |income: &Income| -> Vec<String> {
            income.parts.values().map(Decimal::to_string).collect()
        };
        prop_assert_eq!(texts(&read), texts(&income));
    }

    #[test]
    fn what_is_fetched_again_unchanged_is_no_version(income in income(), released in any::<bool>()) {
        let fetched = paying(income, Decimal::ZERO);
        prop_assert_eq!(change(None, &fetched), Some(VersionCause::Captured));
        let known = Escrow {
            released_at: released.then(|| at(5)),
            fetched_at: at(-100),
            payload: "[]".into(),
            ..fetched.clone()
        };
        prop_assert_eq!(change(Some(&known), &fetched), None, "a release stays known");
    }

    /// The answer for several has not the names of that for one.
    #[test]
    fn a_payout_that_is_told_in_other_names_is_no_version(
        income in income(),
        zero in prop::sample::subsequence(FORMULA.to_vec(), 0..8),
        left_out in prop::sample::subsequence(FORMULA.to_vec(), 0..8),
    ) {
        let of_one = paying(income.clone(), Decimal::ZERO);
        let mut of_several = income;
        for (name, _) in zero {
            of_several.parts.entry(name.to_owned()).or_default();
        }
        of_several.parts.insert("a_name_of_the_batch".to_owned(), Decimal::ONE);
        of_several.parts.remove("coins");
        of_several.adjustments.clone_from(&of_one.income.adjustments);
        let mut of_several = Escrow { income: of_several, ..of_one.clone() };
        prop_assert_eq!(change(Some(&of_one), &of_several), None);
        prop_assert_eq!(change(Some(&of_several), &of_one), None, "and back again");
        for (name, _) in left_out {
            of_several.income.parts.remove(name);
        }
        let again = of_several.following(Some(&of_one));
        prop_assert_eq!(change(Some(&of_one), &again), None, "what is left out is known");
        prop_assert_eq!(again.unexplained(), of_one.unexplained());
    }

    #[test]
    fn a_change_of_any_amount_is_a_version(
        income in income(),
        name in name(),
        more in amount().prop_filter("a change", |more| !more.is_zero()),
    ) {
        let is_compared = income.parts.contains_key(&name) || is_of_formula(&name);
        prop_assume!(is_compared, "a figure that is told for the first time is no change of it");
        let known = paying(income.clone(), Decimal::ZERO);
        let mut changed = income;
        *changed.parts.entry(name.clone()).or_default() += more;
        let fetched = paying(changed, Decimal::ZERO);
        let expected = match name.as_str() {
            "seller_return_refund" if known.income.parts.contains_key(&name) => VersionCause::Return,
            _ => VersionCause::Amounts,
        };
        prop_assert_eq!(change(Some(&known), &fetched), Some(expected));
        prop_assert_eq!(change(Some(&fetched), &known), Some(expected), "and back again");
    }

    #[test]
    fn an_adjustment_and_a_return_are_versions_with_their_cause(
        income in income(),
        late in adjustment(),
    ) {
        let known = paying(income.clone(), Decimal::ZERO);
        let mut adjusted = income.clone();
        adjusted.adjustments.push(late);
        let fetched = paying(adjusted.clone(), Decimal::ZERO);
        prop_assert_eq!(change(Some(&known), &fetched), Some(VersionCause::Adjustment));
        adjusted.returns.push("RX".to_owned());
        let fetched = paying(adjusted, Decimal::ZERO);
        prop_assert_eq!(change(Some(&known), &fetched), Some(VersionCause::Return));
    }

    #[test]
    fn silence_about_adjustments_takes_none_of_them_back(income in income(), more in amount()) {
        let known = Escrow {
            released_at: Some(at(5)),
            ..paying(income.clone(), Decimal::ZERO)
        };
        let mut silent = income.clone();
        silent.adjustments.clear();
        silent.parts.remove(ADJUSTED);
        prop_assert!(!silent.tells_of_adjustments());
        let same = paying(silent.clone(), Decimal::ZERO).following(Some(&known));
        prop_assert_eq!(change(Some(&known), &same), None);
        prop_assert_eq!(same.after_adjustments(), known.after_adjustments());
        let other = paying(silent, more).following(Some(&known));
        prop_assert_eq!(other.income.adjusted(), known.income.adjusted());
        prop_assert_eq!(other.released_at, known.released_at);
        // What is told counts, that there are none as well.
        let mut withdrawn = income;
        withdrawn.adjustments.clear();
        withdrawn.parts.insert(ADJUSTED.to_owned(), Decimal::ZERO);
        let told = paying(withdrawn, Decimal::ZERO).following(Some(&known));
        prop_assert_eq!(told.income.adjusted(), Decimal::ZERO);
    }

    /// Whatever is fetched in whatever order, there is one version for each change and the last one
    /// says what was fetched last.
    #[test]
    fn a_history_has_a_version_for_each_change_and_none_for_a_repetition(
        incomes in prop::collection::vec(income(), 1..4),
        fetches in prop::collection::vec(any::<Index>(), 1..12),
    ) {
        let mut known: Option<Escrow> = None;
        let (mut versions, mut changes) = (0, 0);
        for fetch in fetches {
            let fetched = paying(fetch.get(&incomes).clone(), Decimal::ZERO);
            let differs = known.as_ref().is_none_or(|known| !agree(&known.income, &fetched.income));
            changes += u32::from(differs);
            if change(known.as_ref(), &fetched).is_some() {
                versions += 1;
                known = Some(fetched.clone());
            }
            prop_assert!(known.as_ref().is_some_and(|known| agree(&known.income, &fetched.income)));
        }
        prop_assert_eq!(versions, changes);
    }

    #[test]
    fn a_payout_is_looked_at_again_in_the_future_and_not_for_ever(
        waited in 0_i64..40_000_000,
        released in prop::option::of(0_i64..40_000_000),
    ) {
        let now = at(waited);
        let mut look = now;
        let mut looks = 0;
        while let Some(next) = look_again_at(at(0), released.map(at), look) {
            prop_assert!(next > look);
            look = next;
            looks += 1;
            prop_assert!(looks <= 100);
        }
        prop_assert!(look <= now.max(at(released.unwrap_or(0))) + TimeDelta::days(190));
    }

    #[test]
    fn a_wait_is_within_its_bounds_and_a_tenth(
        waited in -1_000_000_i64..40_000_000,
        jitter in -1.0_f64..2.0,
    ) {
        for patience in [EscrowPatience::NOT_READY, EscrowPatience::FAILED] {
            let now = at(waited);
            let wait = (patience.again_at(at(0), now, jitter) - now).to_std().unwrap();
            prop_assert!(wait >= patience.shortest);
            prop_assert!(wait <= patience.longest.mul_f64(1.1) + Duration::from_millis(1));
        }
    }
}
