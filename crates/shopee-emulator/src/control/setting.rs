//! A field of a form that can be left as it is, taken away, or set.

use serde::{Deserialize, Deserializer};

#[derive(Debug, Default, PartialEq, Eq)]
pub enum Setting<T> {
    /// The field is absent.
    #[default]
    Unchanged,
    /// The field is null.
    Cleared,
    Set(T),
}

impl<T> Setting<T> {
    /// Calls with what is to be set, or with None to take it away; not at all when unchanged.
    pub fn apply(self, set: impl FnOnce(Option<T>)) {
        match self {
            Self::Unchanged => {}
            Self::Cleared => set(None),
            Self::Set(value) => set(Some(value)),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Setting<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Option::deserialize(deserializer)? {
            None => Self::Cleared,
            Some(value) => Self::Set(value),
        })
    }
}
