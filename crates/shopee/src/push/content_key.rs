//! The key that every delivery of one change shares: the webhook, its retries with a new time of
//! sending, and the copy in the queue of lost pushes (shopee.md §4.8).
//!
//! It begins with the number of the order, because that begins with the day of the order: what comes in is
//! mostly about the last days, and so are the pages of an index that it touches. A digest alone would touch
//! another page with every push, of an index that grows for ever.

use hawker_domain::OrderSn;
use ring::digest::{Context, SHA256, digest};
use serde_json::Value;

/// The key of a body of which nothing could be read: a digest of its bytes.
pub(super) fn of_bytes(body: &[u8]) -> String {
    hex::encode(digest(&SHA256, body))
}

/// The key of a push: its order, and a digest over shop, code and the meaning of `data`, without the
/// envelope's `timestamp`.
pub(super) fn of_meaning(
    order_sn: Option<&OrderSn>,
    shop: Option<i64>,
    code: Option<i64>,
    meaning: &str,
) -> String {
    fn text(number: Option<i64>) -> String {
        number.map(|number| number.to_string()).unwrap_or_default()
    }
    let mut context = Context::new(&SHA256);
    context.update(format!("{}|{}|", text(shop), text(code)).as_bytes());
    context.update(meaning.as_bytes());
    let digest = hex::encode(context.finish());
    match order_sn {
        Some(order_sn) => format!("{order_sn}:{digest}"),
        None => digest,
    }
}

/// What a change of status means. `completed_scenario` comes as `null`, as `""` or not at all for
/// one and the same thing; the caller has made all of them blank.
pub(super) fn meaning_of_status(parts: [&str; 4]) -> String {
    Value::from(parts.map(Value::from).to_vec()).to_string()
}

/// `data` with its keys sorted and its blanks gone. What cannot be parsed further (nested too
/// deep, a number beyond all bounds, half a surrogate pair) is taken as it stands.
pub(super) fn canonical(data: &str) -> String {
    serde_json::from_str::<Value>(data).map_or_else(
        |_| data.trim().to_owned(),
        |value| {
            let mut out = String::with_capacity(data.len());
            write_canonical(&value, &mut out);
            out
        },
    )
}

/// Sorts by itself: whether the map of `serde_json` is sorted depends on a feature that any crate
/// of the build may switch.
fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(key, _)| *key);
            out.push('{');
            for (index, (key, member)) in members.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write_canonical(member, out);
            }
            out.push('}');
        }
        Value::Array(elements) => {
            out.push('[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_canonical(element, out);
            }
            out.push(']');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_json_does_not_depend_on_order_blanks_or_escapes() {
        let a = canonical(r#"{"b":[1,{"y":"\/","x":null}],"a":"é"}"#);
        let b = canonical(" {\"a\": \"\\u00e9\", \"b\": [1, {\"x\":null,\"y\":\"/\"} ] }\n");
        assert_eq!(a, b);
        assert_eq!(a, r#"{"a":"é","b":[1,{"x":null,"y":"/"}]}"#);
    }

    #[test]
    fn what_cannot_be_parsed_is_its_own_canonical_form() {
        for data in [r#""\ud800""#, "1e999"] {
            assert_eq!(canonical(&format!(" {data} ")), data);
        }
    }
}
