//! Amounts, in currencies with two decimals and with none: from the text of the number to the value
//! and back without a digit lost.

use hawker_domain::Currency;
use hawker_domain::money::{Money, parse_amount};
use hawker_shopee::wire::{Field, Loose};
use proptest::prelude::*;
use rust_decimal::Decimal;

/// The largest amount that is believed, 10^14, in hundredths.
const HUNDREDTHS_MAX: i64 = 10_000_000_000_000_000;

/// A currency and an amount of it in its smallest unit.
pub fn amounts() -> impl Strategy<Value = (Currency, i64)> {
    let codes = prop::sample::select(vec!["SGD", "MYR", "TWD", "VND", "IDR", "JPY"]);
    (
        codes,
        prop_oneof![
            -HUNDREDTHS_MAX..=HUNDREDTHS_MAX,
            -100_000_i64..=100_000,
            prop::sample::select(vec![0, 57, -1, HUNDREDTHS_MAX, -HUNDREDTHS_MAX]),
        ],
    )
        .prop_map(|(code, units)| {
            let currency: Currency = code.parse().expect("a currency");
            let units = if currency.minor_digits() == 0 {
                units / 100
            } else {
                units
            };
            (currency, units)
        })
}

/// Each way in which a number of smallest units may be written, whole places made by hand.
pub fn spellings(units: i64, digits: u32) -> Vec<String> {
    let scale = 10_u64.pow(digits);
    let (whole, rest) = (units.unsigned_abs() / scale, units.unsigned_abs() % scale);
    let sign = if units < 0 { "-" } else { "" };
    let width = usize::try_from(digits).expect("a few");
    let mut spellings = vec![format!("{units}e-{digits}"), format!("{units}E-{digits}")];
    if digits == 0 {
        spellings.extend([
            format!("{units}"),
            format!("{units}.0"),
            format!("{units}.000000"),
        ]);
        spellings.push(format!("{units}e0"));
    } else {
        let plain = format!("{sign}{whole}.{rest:0width$}");
        spellings.push(format!("{plain}00"));
        spellings.push(format!("{plain}e0"));
        let short = plain.trim_end_matches('0').trim_end_matches('.').to_owned();
        spellings.extend([plain, short]);
    }
    spellings
}

proptest! {
    #[test]
    fn an_amount_is_exact_however_it_is_written((currency, units) in amounts()) {
        let digits = currency.minor_digits();
        let expected = Decimal::new(units, digits);
        for text in spellings(units, digits) {
            for json in [text.clone(), format!("\"{text}\""), format!("\" {text} \"")] {
                let field: Field<Decimal> = serde_json::from_str(&json).expect("JSON");
                prop_assert_eq!(*field, Some(expected), "{}", json);
                let loose: Loose<'_> = serde_json::from_str(&json).expect("JSON");
                prop_assert_eq!(loose.amount(), Ok(Some(expected)), "{}", json);
                prop_assert_eq!(loose.figure(), Ok(Some(expected)), "{}", json);
            }
            prop_assert_eq!(parse_amount(&text), Ok(expected));
        }
    }

    #[test]
    fn an_amount_comes_back_from_what_it_is_shown_and_stored_as((currency, units) in amounts()) {
        let digits = currency.minor_digits();
        let amount = Decimal::new(units, digits);
        prop_assert_eq!(parse_amount(&amount.to_string()), Ok(amount));
        let money = Money { amount, currency };
        let shown = money.to_string();
        let (code, number) = shown.split_once(' ').expect("a currency and a number");
        prop_assert_eq!(code.parse(), Ok(currency));
        prop_assert_eq!(parse_amount(number), Ok(amount));
        let stored = serde_json::to_string(&money).expect("it can be written");
        prop_assert_eq!(serde_json::from_str::<Money>(&stored).ok(), Some(money));
    }

    /// A digit more than can be held is refused; nothing is rounded.
    #[test]
    fn a_number_that_is_read_has_every_digit_of_its_text(
        text in "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,40})?([eE][-+]?[0-9]{1,3})?",
    ) {
        let loose: Loose<'_> = serde_json::from_str(&text).expect("a number");
        for read in [loose.amount(), loose.figure()].into_iter().flatten() {
            let read = read.expect("a number");
            prop_assert_eq!(digits_of(&text), digits_of(&read.to_string()), "{}", text);
        }
    }
}

/// A number as its sign, the digits that count, and the power of ten of the last of them.
fn digits_of(text: &str) -> (bool, String, i64) {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i64 = exponent.parse().expect("an exponent");
    let (is_negative, mantissa) = match mantissa.strip_prefix('-') {
        Some(mantissa) => (true, mantissa),
        None => (false, mantissa),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let counting = digits.trim_end_matches('0');
    let power = exponent - i64::try_from(fraction.len()).expect("a few")
        + i64::try_from(digits.len() - counting.len()).expect("a few");
    match counting.trim_start_matches('0') {
        "" => (false, String::new(), 0),
        counting => (is_negative, counting.to_owned(), power),
    }
}
