//! One text or a list of texts: tables and samples of the platform disagree on some members.

use std::fmt;
use std::ops::Deref;

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::Loose;

/// Texts, without blanks at their ends; blank ones are left out.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Texts(pub Vec<String>);

/// Shows how many there are and nothing of them.
impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Texts({})", self.0.len())
    }
}

impl Deref for Texts {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Option::<Box<RawValue>>::deserialize(deserializer)?;
        Loose::from(raw.as_deref())
            .texts()
            .map(Self)
            .map_err(D::Error::custom)
    }
}
