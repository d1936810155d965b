//! A part of a reply as it came, digit for digit, that is read when it is wanted. So one odd element
//! of a list harms itself and not the others, and members that nobody reads today are still there
//! tomorrow.

use std::fmt;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{Complaint, Fault};

/// A part of a reply that is kept whole.
pub struct Verbatim<T> {
    json: Box<RawValue>,
    shape: PhantomData<fn() -> T>,
}

impl<T> Verbatim<T> {
    /// The JSON as it came.
    pub fn json(&self) -> &str {
        self.json.get()
    }
}

impl<T: DeserializeOwned> Verbatim<T> {
    /// What it says.
    pub fn read(&self) -> Result<T, Complaint> {
        read(self.json())
    }
}

/// Shows nothing of it: it may be personal data.
impl<T> fmt::Debug for Verbatim<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verbatim(..)")
    }
}

impl<T> Clone for Verbatim<T> {
    fn clone(&self) -> Self {
        Self {
            json: self.json.clone(),
            shape: PhantomData,
        }
    }
}

/// Refuses `null` as a whole: what is kept has to be there.
impl<'de, T> Deserialize<'de> for Verbatim<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        if json.get() == "null" {
            return Err(serde::de::Error::custom(Fault::Missing));
        }
        Ok(Self {
            json,
            shape: PhantomData,
        })
    }
}

/// Reads JSON and names the member at fault.
pub(crate) fn read<T: DeserializeOwned>(json: &str) -> Result<T, Complaint> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let value = serde_path_to_error::deserialize(&mut deserializer)?;
    deserializer
        .end()
        .map_err(|_| Complaint::of(".", &Fault::NotJson))?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Field, List};
    use hawker_domain::Timestamp;

    #[derive(Debug, Deserialize)]
    struct Order {
        order_sn: Field<String>,
        update_time: Field<Timestamp>,
    }

    #[derive(Debug, Deserialize)]
    struct Page {
        order_list: List<Order>,
    }

    #[derive(Debug, Deserialize)]
    struct KeptPage {
        order_list: List<Verbatim<Order>>,
    }

    fn complaint(json: &str) -> String {
        match read::<Page>(json) {
            Ok(page) => panic!("{} orders were read", page.order_list.len()),
            Err(complaint) => complaint.to_string(),
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_with_the_way_to_it() {
        for (json, expected) in [
            ("{}", "`order_list` is missing"),
            ("[]", "`.` is not what is documented"),
            (r#"{"order_list":[7]}"#, "`order_list[0]` is not an object"),
            (r#"{"order_list":7}"#, "`order_list` is not a list"),
            (
                r#"{"order_list":[{"order_sn":"A1"},{"update_time":"soon"}]}"#,
                r#"`order_list[1].update_time` is not a time in seconds: "soon""#,
            ),
            (
                r#"{"order_list":[{"order_sn":{"a":1}}]}"#,
                "`order_list[0].order_sn` is not a text",
            ),
            (r#"{"order_list":[]} {}"#, "`.` is not JSON"),
        ] {
            assert_eq!(complaint(json), expected, "{json}");
        }
    }

    #[test]
    fn what_a_person_wrote_is_not_quoted() {
        for json in [
            r#"{"order_list":["Tan Wei Ling"]}"#,
            r#"{"order_list":"Tan Wei Ling"}"#,
            r#""Tan Wei Ling""#,
        ] {
            assert!(!complaint(json).contains("Tan"), "{}", complaint(json));
        }
    }

    #[test]
    fn an_odd_element_that_is_kept_harms_only_itself() {
        let json = r#"{"order_list":[{"order_sn":"A1","price":84.30},{"update_time":"soon"}]}"#;
        let page: KeptPage = read(json).unwrap();
        let [first, second] = &page.order_list[..] else {
            panic!("two orders");
        };
        let order = first.read().unwrap();
        assert_eq!(order.order_sn.as_deref(), Some("A1"));
        assert_eq!(*order.update_time, None);
        assert!(first.json().ends_with(r#""price":84.30}"#));
        assert!(second.read().is_err());
    }
}
