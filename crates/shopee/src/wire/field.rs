//! A member of a reply, read. The kind that it has on the wire is not relied upon: numbers may come
//! as text, `null`, blank and nothing at all are the same.

use std::fmt;
use std::ops::Deref;

use hawker_domain::Timestamp;
use rust_decimal::Decimal;
use secrecy::SecretString;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{Fault, Loose};

/// A member that may be absent. Reads like the `Option` that it holds.
///
/// ```
/// use hawker_shopee::wire::Field;
/// use rust_decimal::Decimal;
///
/// let amount: Field<Decimal> = serde_json::from_str(r#""13.97""#)?;
/// assert_eq!(*amount, Some(Decimal::new(1397, 2)));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Field<T>(pub Option<T>);

/// Shows nothing of the value: it may be personal data or a token.
impl<T> fmt::Debug for Field<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Field(..)" } else { "-" })
    }
}

impl<T> Default for Field<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Deref for Field<T> {
    type Target = Option<T>;

    fn deref(&self) -> &Option<T> {
        &self.0
    }
}

impl<'de, T: Lenient> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Option::<Box<RawValue>>::deserialize(deserializer)?;
        T::read(Loose::from(raw.as_deref()))
            .map(Self)
            .map_err(D::Error::custom)
    }
}

/// What a [`Field`] may hold.
pub trait Lenient: Sized {
    /// Reads a member; `None` where it says nothing.
    fn read(member: Loose<'_>) -> Result<Option<Self>, Fault>;
}

/// A text without blanks at its ends.
impl Lenient for String {
    fn read(member: Loose<'_>) -> Result<Option<Self>, Fault> {
        member.code()
    }
}

/// A whole number, an id, a count.
impl Lenient for i64 {
    fn read(member: Loose<'_>) -> Result<Option<Self>, Fault> {
        member.integer()
    }
}

/// An amount, exact: read from the text of the number.
impl Lenient for Decimal {
    fn read(member: Loose<'_>) -> Result<Option<Self>, Fault> {
        member.amount()
    }
}

/// Yes or no.
impl Lenient for bool {
    fn read(member: Loose<'_>) -> Result<Option<Self>, Fault> {
        member.boolean()
    }
}

/// A moment in seconds since 1970; 0 and -1 are "never".
impl Lenient for Timestamp {
    fn read(member: Loose<'_>) -> Result<Option<Self>, Fault> {
        member.moment()
    }
}

/// A token.
impl Lenient for SecretString {
    fn read(member: Loose<'_>) -> Result<Option<Self>, Fault> {
        Ok(member.code()?.map(Self::from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Wire {
        name: Field<String>,
        count: Field<i64>,
        price: Field<Decimal>,
        flag: Field<bool>,
        at: Field<Timestamp>,
    }

    #[test]
    fn a_member_may_be_absent_null_or_blank() {
        for json in [
            "{}",
            r#"{"name":null,"count":null,"price":null,"flag":null,"at":null}"#,
            r#"{"name":" ","count":"","price":"-","flag":"","at":0}"#,
        ] {
            let wire: Wire = serde_json::from_str(json).unwrap();
            assert_eq!(*wire.name, None, "{json}");
            assert_eq!((*wire.count, *wire.price), (None, None), "{json}");
            assert_eq!((*wire.flag, *wire.at), (None, None), "{json}");
        }
    }

    #[test]
    fn numbers_are_read_whether_they_come_as_numbers_or_as_text() {
        for json in [
            r#"{"name":7,"count":7,"price":0.57,"flag":true,"at":1655714431}"#,
            r#"{"name":"7","count":"7","price":"0.57","flag":"true","at":"1655714431"}"#,
        ] {
            let wire: Wire = serde_json::from_str(json).unwrap();
            assert_eq!(wire.name.as_deref(), Some("7"));
            assert_eq!(*wire.count, Some(7));
            assert_eq!(wire.price.unwrap().to_string(), "0.57");
            assert_eq!(*wire.flag, Some(true));
            assert_eq!(wire.at.unwrap().timestamp(), 1_655_714_431);
        }
    }

    #[test]
    fn an_amount_has_the_digits_of_its_text() {
        let price: Field<Decimal> = serde_json::from_str("90071992547.409931").unwrap();
        assert_eq!(price.unwrap().to_string(), "90071992547.409931");
    }

    #[test]
    fn nothing_of_a_value_is_shown() {
        let wire: Wire = serde_json::from_str(r#"{"name":"Tan Wei Ling"}"#).unwrap();
        assert!(!format!("{wire:?}").contains("Tan"));
    }
}
