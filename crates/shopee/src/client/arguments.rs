//! What a call asks.

use std::fmt;

use serde_json::{Map, Value};

/// What a call asks. Nothing that is left out is sent.
///
/// ```
/// use hawker_shopee::client::Arguments;
///
/// let arguments = Arguments::default()
///     .with("page_size", 100)
///     .with_some("cursor", None::<&str>)
///     .with_each("item_status", ["NORMAL", "UNLIST"]);
/// assert_eq!(arguments.query.len(), 3);
/// ```
#[derive(Clone, Default)]
pub struct Arguments {
    /// Parameters of the query. A list is one parameter with commas or one that comes several
    /// times, whichever the endpoint wants (shopee.md §2.1).
    pub query: Vec<(&'static str, String)>,
    /// The body of a POST.
    pub body: Option<Value>,
    /// How many orders it is about, for the log.
    pub orders: usize,
}

/// Shows nothing of what is asked: a body may hold a refresh token.
impl fmt::Debug for Arguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arguments")
            .field("orders", &self.orders)
            .finish_non_exhaustive()
    }
}

impl Arguments {
    /// A parameter of the query.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "numbers and texts are given as they are"
    )]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    /// A parameter that may be left out.
    #[must_use]
    pub fn with_some(self, name: &'static str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// A list as one parameter with commas.
    #[must_use]
    pub fn with_joined<T: ToString>(
        self,
        name: &'static str,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        let texts: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
        self.with(name, texts.join(","))
    }

    /// A list as a parameter that comes once for each value.
    #[must_use]
    pub fn with_each<T: ToString>(
        self,
        name: &'static str,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        values
            .into_iter()
            .fold(self, |arguments, value| arguments.with(name, value))
    }

    /// The body of a POST; of an object, members that are `null` are left out, at any depth: the
    /// platform takes a blank for a value (shopee.md §5.5).
    #[must_use]
    pub fn with_body(mut self, body: Value) -> Self {
        self.body = Some(without_null(body));
        self
    }

    /// How many orders it is about.
    #[must_use]
    pub fn about_orders(mut self, orders: usize) -> Self {
        self.orders = orders;
        self
    }
}

fn without_null(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_null(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(elements) => elements.into_iter().map(without_null).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_list_goes_with_commas_or_once_for_each_value() {
        let arguments = Arguments::default()
            .with_joined("order_sn_list", ["A1", "B2"])
            .with_each("item_id_list", [1, 2]);
        assert_eq!(
            arguments.query,
            [
                ("order_sn_list", "A1,B2".to_owned()),
                ("item_id_list", "1".to_owned()),
                ("item_id_list", "2".to_owned()),
            ]
        );
    }

    #[test]
    fn what_is_not_said_is_not_sent() {
        let body = json!({"a": null, "b": [{"c": null, "d": 1}], "e": {}});
        assert_eq!(
            Arguments::default().with_body(body).body,
            Some(json!({"b": [{"d": 1}], "e": {}}))
        );
    }
}
