//! Amounts as they go out: text, so that no reader makes a binary float of them on the way.

use hawker_domain::Currency;
use hawker_ports::views::Amount;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

/// Digits after the point where the currency is not known.
const DIGITS: u32 = 2;

/// An amount to its last digit, with the digits in which its currency is paid at the least: `12.30`
/// SGD, `48000` VND. Nothing is rounded.
pub(crate) fn exact(amount: Decimal, currency: &str) -> String {
    let currency = currency.parse::<Currency>();
    let digits = currency.map_or(DIGITS, Currency::minor_digits);
    let mut amount = amount.normalize();
    if amount.scale() < digits {
        amount.rescale(digits);
    }
    amount.to_string()
}

/// An amount with what it is counted in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Amount)]
pub(crate) struct AmountWire {
    /// What it is counted in.
    #[schema(example = "SGD")]
    currency: String,
    /// How much, in major units.
    #[schema(example = "84.37")]
    amount: String,
}

impl From<Amount> for AmountWire {
    fn from(amount: Amount) -> Self {
        let Amount { currency, amount } = amount;
        Self {
            amount: exact(amount, &currency),
            currency,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_told_to_its_last_digit_and_never_rounded() {
        for (amount, currency, told) in [
            ("12.300000", "SGD", "12.30"),
            ("12", "SGD", "12.00"),
            ("-0.5", "MYR", "-0.50"),
            ("0.000", "SGD", "0.00"),
            ("48000.0000", "VND", "48000"),
            ("0.333333", "SGD", "0.333333"),
            ("0.5", "VND", "0.5"),
            ("99999999999999.999999", "SGD", "99999999999999.999999"),
            ("1.5", "no currency", "1.50"),
        ] {
            let amount = amount.parse().expect("an amount");
            assert_eq!(exact(amount, currency), told);
        }
    }
}
