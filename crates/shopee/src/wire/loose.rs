//! A member of a reply whose kind is not relied upon (shopee.md §5.1, §6.4): `null` for absent,
//! ids and amounts as numbers or as text, one text or a list of them.

use std::fmt;

use hawker_domain::Timestamp;
use hawker_domain::money::parse_amount;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::json;

/// Enough of a value to recognise it in a complaint.
const EXCERPT_CHARS_MAX: usize = 40;

/// What is wrong with a member. The value is quoted only where a number, a time or a code was
/// expected: free text may be personal data, which complaints must not carry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is not there, or `null`, or blank.
    #[error("missing")]
    Missing,
    /// A list without elements.
    #[error("empty")]
    Empty,
    /// Not a text.
    #[error("not a text")]
    NotText,
    /// Not a list.
    #[error("not a list")]
    NotList,
    /// Not an object.
    #[error("not an object")]
    NotObject,
    /// Not one JSON value and nothing else.
    #[error("not JSON")]
    NotJson,
    /// Not a file.
    #[error("not a file")]
    NotFile,
    /// Not what was expected there.
    #[error("not {expected}: {found}")]
    Not {
        /// With its article, for example `a whole number`.
        expected: &'static str,
        /// What is there, as it stands and cut short.
        found: String,
    },
}

impl Fault {
    pub(crate) fn not(expected: &'static str, found: &str) -> Self {
        Self::Not {
            expected,
            found: found.chars().take(EXCERPT_CHARS_MAX).collect(),
        }
    }

    /// Whether `text` is what some fault says of itself.
    pub(crate) fn is_told_by(text: &str) -> bool {
        [
            Self::Missing,
            Self::Empty,
            Self::NotText,
            Self::NotList,
            Self::NotObject,
            Self::NotJson,
        ]
        .iter()
        .any(|fault| fault.to_string() == text)
            || EXPECTED
                .iter()
                .any(|expected| text.starts_with(&format!("not {expected}: ")))
    }
}

const WHOLE_NUMBER: &str = "a whole number";
const AMOUNT: &str = "an amount";
const FIGURE: &str = "a number that can be held exactly";
const TRUE_OR_FALSE: &str = "true or false";
const SECONDS: &str = "a time in seconds";

/// What members may have to be, other than free text.
const EXPECTED: [&str; 5] = [WHOLE_NUMBER, AMOUNT, FIGURE, TRUE_OR_FALSE, SECONDS];

/// A member of a reply, not yet read.
#[derive(Clone, Copy, Default)]
pub struct Loose<'a>(Option<&'a RawValue>);

/// Shows nothing of the value: it may be personal data.
impl fmt::Debug for Loose<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Loose(..)" } else { "-" })
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Loose<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self)
    }
}

impl<'a> From<Option<&'a RawValue>> for Loose<'a> {
    fn from(raw: Option<&'a RawValue>) -> Self {
        Self(raw)
    }
}

impl<'a> Loose<'a> {
    /// Whether it is not there, or `null`.
    pub const fn is_absent(self) -> bool {
        self.0.is_none()
    }

    /// Free text as it stands, except for NUL, which Postgres cannot hold. Blank is absent.
    pub fn text(self) -> Result<Option<String>, Fault> {
        let Some(raw) = self.0 else { return Ok(None) };
        let text = json::scalar(raw).ok_or(Fault::NotText)?;
        let text = if text.contains('\0') {
            text.replace('\0', "")
        } else {
            text.into_owned()
        };
        Ok((!text.trim().is_empty()).then_some(text))
    }

    /// A name or code: text without blanks at its ends.
    pub fn code(self) -> Result<Option<String>, Fault> {
        Ok(self.text()?.map(|text| text.trim().to_owned()))
    }

    /// A whole number.
    pub fn integer(self) -> Result<Option<i64>, Fault> {
        self.read(WHOLE_NUMBER, |_, raw| json::integer(raw))
    }

    /// An amount of money, exact.
    pub fn amount(self) -> Result<Option<Decimal>, Fault> {
        self.read(AMOUNT, |text, _| parse_amount(text).ok())
    }

    /// A number, exact, where it is one or a text that reads like one; nothing where it is something
    /// else. It may have more decimals than an amount: rates of exchange have.
    pub fn figure(self) -> Result<Option<Decimal>, Fault> {
        let Some(raw) = self.0 else { return Ok(None) };
        match raw.get().bytes().next() {
            Some(b'"') => Ok(json::string(raw).and_then(|text| json::figure(&text))),
            Some(b'-' | b'0'..=b'9') => json::figure(raw.get())
                .map(Some)
                .ok_or_else(|| Fault::not(FIGURE, raw.get())),
            _ => Ok(None),
        }
    }

    /// Yes or no.
    pub fn boolean(self) -> Result<Option<bool>, Fault> {
        self.read(TRUE_OR_FALSE, |text, _| match text {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        })
    }

    /// A moment in seconds since 1970. The platform writes "never" as 0, sometimes as -1.
    pub fn moment(self) -> Result<Option<Timestamp>, Fault> {
        let seconds = self.read(SECONDS, |_, raw| json::integer(raw))?;
        match seconds {
            None | Some(..=0) => Ok(None),
            Some(seconds) => json::moment(seconds)
                .map(Some)
                .ok_or_else(|| Fault::not(SECONDS, &seconds.to_string())),
        }
    }

    /// The elements of a list; none where it is absent.
    pub fn list(self) -> Result<Vec<Self>, Fault> {
        self.0.map_or(Ok(Vec::new()), |raw| {
            serde_json::from_str(raw.get()).map_err(|_| Fault::NotList)
        })
    }

    /// An object.
    pub fn object<T: Deserialize<'a>>(self) -> Result<Option<T>, Fault> {
        self.0
            .map(|raw| serde_json::from_str(raw.get()).map_err(|_| Fault::NotObject))
            .transpose()
    }

    /// One text or a list of texts: tables and samples of the platform disagree on
    /// `product_location_id`.
    pub fn texts(self) -> Result<Vec<String>, Fault> {
        let elements = match self.0 {
            Some(raw) if raw.get().starts_with('[') => self.list()?,
            _ => vec![self],
        };
        elements
            .into_iter()
            .filter_map(|element| element.code().transpose())
            .collect()
    }

    /// Reads what is not free text; blank and `-`, the platform's placeholder, are absent.
    fn read<T>(
        self,
        expected: &'static str,
        read: impl FnOnce(&str, &RawValue) -> Option<T>,
    ) -> Result<Option<T>, Fault> {
        let Some(raw) = self.0 else { return Ok(None) };
        let fault = || Fault::not(expected, raw.get());
        let text = json::scalar(raw).ok_or_else(fault)?;
        match text.trim() {
            "" | "-" => Ok(None),
            text => read(text, raw).map(Some).ok_or_else(fault),
        }
    }
}

#[cfg(test)]
mod tests;
