//! A list of a reply. It has to be there, lest an answer to another question be taken for "none";
//! `null` is how some of the platform's services write an empty one.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};

/// What a complaint of serde's says of a list that is none.
pub(super) const EXPECTED_LIST: &str = "a list";

/// A list. Reads like the slice that it holds. Where it may be left out, say `#[serde(default)]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T>(pub Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Deref for List<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> IntoIterator for List<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a List<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(Elements(PhantomData))
            .map(Self)
    }
}

struct Elements<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Elements<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED_LIST)
    }

    fn visit_unit<E>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element()? {
            list.push(element);
        }
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Wire {
        needed: List<u8>,
        #[serde(default)]
        optional: List<u8>,
    }

    #[test]
    fn null_is_an_empty_list_and_absence_is_not() {
        let wire: Wire = serde_json::from_str(r#"{"needed":null}"#).unwrap();
        assert!(wire.needed.is_empty() && wire.optional.is_empty());
        let wire: Wire = serde_json::from_str(r#"{"needed":[1,2],"optional":[3]}"#).unwrap();
        assert_eq!((&*wire.needed, &*wire.optional), (&[1, 2][..], &[3][..]));
        for json in [
            "{}",
            r#"{"optional":[]}"#,
            r#"{"needed":{}}"#,
            r#"{"needed":7}"#,
        ] {
            assert!(serde_json::from_str::<Wire>(json).is_err(), "{json}");
        }
    }
}
