//! Exact money: decimals in major units with their currency. Never a binary float.
//!
//! Shopee sends amounts as JSON numbers in major units (`13.97` SGD, `48000` VND); they are parsed
//! from the number's text.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// An ISO 4217 code. The set is open: an unknown currency is carried, not refused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// Why a text is not a currency.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a currency code of three letters")]
pub struct ParseCurrencyError(String);

impl Currency {
    /// Singapore dollar, the last resort where a marketplace names no currency for a Singapore shop.
    pub const SGD: Self = Self(*b"SGD");

    /// The code in capitals.
    pub fn as_str(&self) -> &str {
        // Three ASCII capitals by construction, so this never takes the second branch.
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Digits after the point in which this currency is paid; 2 where we do not know better.
    pub fn minor_digits(self) -> u32 {
        match &self.0 {
            b"VND" | b"IDR" | b"JPY" | b"KRW" | b"CLP" | b"COP" => 0,
            _ => 2,
        }
    }
}

impl FromStr for Currency {
    type Err = ParseCurrencyError;

    fn from_str(text: &str) -> Result<Self, ParseCurrencyError> {
        let code = text.trim();
        match <[u8; 3]>::try_from(code.as_bytes()) {
            Ok(bytes) if bytes.iter().all(u8::is_ascii_alphabetic) => {
                Ok(Self(bytes.map(|b| b.to_ascii_uppercase())))
            }
            _ => Err(ParseCurrencyError(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = ParseCurrencyError;

    fn try_from(text: String) -> Result<Self, ParseCurrencyError> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An amount in major units of its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Major units, exact.
    pub amount: Decimal,
    /// What the amount is counted in.
    pub currency: Currency,
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = usize::try_from(self.currency.minor_digits()).unwrap_or(2);
        write!(f, "{} {:.digits$}", self.currency, self.amount)
    }
}

/// Why a number's text is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an amount that can be held exactly")]
pub struct ParseAmountError(String);

/// The largest amount that is believed, in major units. `numeric(20, 6)` holds it; whatever is
/// larger is a broken reply and not an order.
const AMOUNT_MAX: Decimal = Decimal::from_parts(276_447_232, 23_283, 0, false, 0);

/// Reads an amount from the text of a JSON number (`13.0`, `48000`, `1.5e2`) or a numeric string.
///
/// # Errors
/// The text is no number, has more than six decimals that count, or is beyond 10^14.
pub fn parse_amount(text: &str) -> Result<Decimal, ParseAmountError> {
    let refused = || ParseAmountError(text.chars().take(40).collect());
    let text_trimmed = text.trim();
    let amount = match text_trimmed.split_once(['e', 'E']) {
        // Digits before an exponent would be rounded where there are too many of them.
        Some((digits, _)) => {
            Decimal::from_str_exact(digits).and_then(|_| Decimal::from_scientific(text_trimmed))
        }
        None => Decimal::from_str_exact(text_trimmed),
    }
    .map_err(|_| refused())?
    .normalize();
    if amount.abs() > AMOUNT_MAX || amount.scale() > 6 {
        return Err(refused());
    }
    Ok(amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_exactly_from_their_text() {
        for (text, expected) in [
            ("13.97", "13.97"),
            ("48000", "48000"),
            ("100.0", "100"),
            ("0.57", "0.57"),
            ("5733.04", "5733.04"),
            ("-1.5e1", "-15"),
        ] {
            assert_eq!(
                parse_amount(text).map(|amount| amount.to_string()),
                Ok(expected.to_owned())
            );
        }
    }

    #[test]
    fn what_is_no_amount_is_refused_and_not_rounded() {
        for text in [
            "",
            "abc",
            "NaN",
            "1e30",
            "0.1234567",
            "13.970000000000000000000000000000000001e0",
            "99999999999999999999999999999999",
        ] {
            assert!(parse_amount(text).is_err(), "{text} was accepted");
        }
    }

    #[test]
    fn money_is_shown_with_the_decimals_of_its_currency() {
        let vnd = Money {
            amount: Decimal::from(48000),
            currency: "vnd".parse().unwrap(),
        };
        let sgd = Money {
            amount: Decimal::new(139, 1),
            currency: Currency::SGD,
        };
        assert_eq!(
            (vnd.to_string(), sgd.to_string()),
            ("VND 48000".into(), "SGD 13.90".into())
        );
    }
}
