//! Money on the wire: exact decimals inside, JSON numbers in major units outside.
//!
//! The platform writes whole amounts without decimals (`48000`) and others as short as possible
//! (`13.5`). For reading, the control API takes numbers and numeric strings alike.
//! Use as `#[serde(with = "crate::amount")]`.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::de::{self, Deserializer, Visitor};
use serde::ser::{self, Serializer};

pub fn serialize<S: Serializer>(amount: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    let normal = amount.normalize();
    if normal.scale() == 0 {
        let whole = normal
            .to_i64()
            .ok_or_else(|| ser::Error::custom("amount out of range"))?;
        return serializer.serialize_i64(whole);
    }
    // The nearest f64 of a decimal with at most 15 digits prints as that same decimal.
    let number = f64::from_str(&normal.to_string()).map_err(ser::Error::custom)?;
    serializer.serialize_f64(number)
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    struct NumberOrText;

    impl Visitor<'_> for NumberOrText {
        type Value = Decimal;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an amount in major units, as a number or a numeric string")
        }

        fn visit_i64<E: de::Error>(self, value: i64) -> Result<Decimal, E> {
            Ok(Decimal::from(value))
        }

        fn visit_u64<E: de::Error>(self, value: u64) -> Result<Decimal, E> {
            Ok(Decimal::from(value))
        }

        fn visit_f64<E: de::Error>(self, value: f64) -> Result<Decimal, E> {
            self.visit_str(&value.to_string())
        }

        fn visit_str<E: de::Error>(self, value: &str) -> Result<Decimal, E> {
            Decimal::from_str(value).map_err(E::custom)
        }
    }

    deserializer.deserialize_any(NumberOrText)
}

/// The same for an amount that may be absent.
pub mod option {
    use rust_decimal::Decimal;
    use serde::de::{Deserialize, Deserializer};
    use serde::ser::Serializer;

    #[expect(clippy::ref_option, reason = "serde calls it with the field")]
    pub fn serialize<S: Serializer>(
        amount: &Option<Decimal>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match amount {
            Some(amount) => super::serialize(amount, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Decimal>, D::Error> {
        #[derive(serde::Deserialize)]
        struct Present(#[serde(with = "super")] Decimal);

        Ok(Option::<Present>::deserialize(deserializer)?.map(|present| present.0))
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    struct Priced {
        #[serde(with = "super")]
        price: Decimal,
    }

    fn written(text: &str) -> String {
        let price: Decimal = text.parse().unwrap();
        serde_json::to_string(&Priced { price }).unwrap()
    }

    #[test]
    fn amounts_are_numbers_without_trailing_zeros() {
        assert_eq!(written("13.00"), r#"{"price":13}"#);
        assert_eq!(written("13.50"), r#"{"price":13.5}"#);
        assert_eq!(written("-0.57"), r#"{"price":-0.57}"#);
        assert_eq!(written("5733.04"), r#"{"price":5733.04}"#);
        assert_eq!(written("48000"), r#"{"price":48000}"#);
    }

    #[test]
    fn amounts_are_read_from_numbers_and_strings() {
        for text in [r#"{"price":13.97}"#, r#"{"price":"13.97"}"#] {
            let priced: Priced = serde_json::from_str(text).unwrap();
            assert_eq!(priced.price, Decimal::new(1397, 2));
        }
    }
}
