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
const TRUE_OR_FALSE: &str = "true or false";
const SECONDS: &str = "a time in seconds";

/// What members may have to be, other than free text.
const EXPECTED: [&str; 4] = [WHOLE_NUMBER, AMOUNT, TRUE_OR_FALSE, SECONDS];

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
mod tests {
    use super::*;

    fn loose(json: &str) -> Loose<'_> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn null_and_blank_are_absent_whatever_is_wanted() {
        for json in ["null", r#""""#, r#"" ""#] {
            let value = loose(json);
            assert_eq!(value.text(), Ok(None), "{json}");
            assert_eq!(value.integer(), Ok(None), "{json}");
            assert_eq!(value.amount(), Ok(None), "{json}");
            assert_eq!(value.boolean(), Ok(None), "{json}");
            assert_eq!(value.moment(), Ok(None), "{json}");
            assert_eq!(value.texts(), Ok(vec![]), "{json}");
        }
        assert_eq!(loose("null").list().unwrap().len(), 0);
        assert_eq!(Loose::default().text(), Ok(None));
    }

    #[test]
    fn a_dash_is_a_text_but_no_number_and_no_time() {
        let dash = loose(r#""-""#);
        assert_eq!(dash.text(), Ok(Some("-".into())));
        assert_eq!(
            (dash.integer(), dash.amount(), dash.moment()),
            (Ok(None), Ok(None), Ok(None))
        );
    }

    #[test]
    fn amounts_are_exact_whether_number_or_text() {
        for (json, expected) in [
            ("13.97", "13.97"),
            (r#""13.97""#, "13.97"),
            ("0.57", "0.57"),
            ("1.0", "1"),
            ("48000", "48000"),
            ("4.8e4", "48000"),
        ] {
            let amount = loose(json).amount().unwrap().unwrap();
            assert_eq!(amount.to_string(), expected, "{json}");
        }
        assert_eq!(
            loose("1e300").amount(),
            Err(Fault::not("an amount", "1e300"))
        );
    }

    #[test]
    fn zero_and_minus_one_are_never() {
        for json in ["0", "-1", r#""0""#] {
            assert_eq!(loose(json).moment(), Ok(None), "{json}");
        }
        assert_eq!(
            loose("1712601591000").moment(),
            Err(Fault::not("a time in seconds", "1712601591000"))
        );
    }

    #[test]
    fn one_text_and_a_list_of_texts_are_read_alike() {
        assert_eq!(loose(r#""SG1""#).texts(), Ok(vec!["SG1".into()]));
        assert_eq!(
            loose(r#"["SG1", null, "", 7]"#).texts(),
            Ok(vec!["SG1".into(), "7".into()])
        );
        assert_eq!(loose("[{}]").texts(), Err(Fault::NotText));
    }

    #[test]
    fn text_stays_as_it_stands_except_for_nul() {
        assert_eq!(loose(r#"" a\u0000b ""#).text(), Ok(Some(" ab ".into())));
        assert_eq!(loose("40009").text(), Ok(Some("40009".into())));
        assert_eq!(loose(r#"{"name":"Tan"}"#).text(), Err(Fault::NotText));
    }

    #[test]
    fn a_complaint_quotes_a_number_but_never_free_text() {
        let fault = loose(r#""many""#).integer().unwrap_err();
        assert_eq!(fault.to_string(), r#"not a whole number: "many""#);
        assert_eq!(Fault::NotText.to_string(), "not a text");
        assert_eq!(format!("{:?}", loose(r#""Tan Wei Ling""#)), "Loose(..)");
    }
}
