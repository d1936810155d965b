//! Text from outside, made storable. Postgres holds every character but NUL.

use std::borrow::Cow;

use serde_json::Value;

/// The text with each NUL replaced by the character that stands for unreadable ones.
pub(crate) fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// [`storable`], owned, for arrays of columns.
pub(crate) fn stored(text: impl AsRef<str>) -> String {
    storable(text.as_ref()).into_owned()
}

/// [`stored`] where there may be no text.
pub(crate) fn stored_opt(text: Option<impl AsRef<str>>) -> Option<String> {
    text.map(stored)
}

/// The first `characters` of a text.
pub(crate) fn truncated(text: &str, characters: usize) -> &str {
    match text.char_indices().nth(characters) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

/// A JSON value with every string (keys included) made storable: `jsonb` refuses NUL too.
pub(crate) fn storable_json(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(stored(text)),
        Value::Array(items) => Value::Array(items.into_iter().map(storable_json).collect()),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| (stored(key), storable_json(value)))
            .collect(),
        other => other,
    }
}

/// JSON text made storable as `jsonb`, which refuses an escaped NUL and half a surrogate pair. The
/// rest stays as it is, numbers to the last digit.
pub(crate) fn storable_json_text(json: &str) -> Cow<'_, str> {
    const UNREADABLE: &str = r"\ufffd";
    let mut mended = String::new();
    let mut kept = 0;
    let mut at = 0;
    while let Some(found) = json[at..].find('\\') {
        at += found;
        // Every escape but `\uXXXX` is of two bytes.
        let (length, is_storable) = match unit(json, at) {
            None => (2, true),
            Some(0xd800..=0xdbff) => match unit(json, at + 6) {
                Some(0xdc00..=0xdfff) => (12, true),
                _ => (6, false),
            },
            Some(0 | 0xdc00..=0xdfff) => (6, false),
            Some(_) => (6, true),
        };
        if !is_storable {
            mended.push_str(&json[kept..at]);
            mended.push_str(UNREADABLE);
            kept = at + length;
        }
        at = (at + length).min(json.len());
        while !json.is_char_boundary(at) {
            at += 1;
        }
    }
    if kept == 0 {
        return Cow::Borrowed(json);
    }
    mended.push_str(&json[kept..]);
    Cow::Owned(mended)
}

/// The code unit that is escaped as `\uXXXX` at this place, if one is.
fn unit(json: &str, at: usize) -> Option<u16> {
    let escape = json.get(at..at + 6)?;
    u16::from_str_radix(escape.strip_prefix(r"\u")?, 16).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nul_is_the_only_character_that_is_replaced() {
        assert_eq!(storable("a\0b\u{1}é"), "a\u{fffd}b\u{1}é");
        assert_eq!(
            storable_json(json!({"k\0": ["\0", 1]})),
            json!({"k\u{fffd}": ["\u{fffd}", 1]})
        );
    }

    #[test]
    fn json_text_is_mended_only_where_it_cannot_be_stored() {
        for (json, expected) in [
            (r#"{"a":1.50,"b":"é\n\"\\"}"#, r#"{"a":1.50,"b":"é\n\"\\"}"#),
            (r#""\u0000b""#, r#""\ufffdb""#),
            (r#""\\u0000""#, r#""\\u0000""#),
            (r#""\\\u0000""#, r#""\\\ufffd""#),
            (r#""\ud83c\udccf \u00e9""#, r#""\ud83c\udccf \u00e9""#),
            (r#""\ud83c \udccf""#, r#""\ufffd \ufffd""#),
            (r#""\ud83c\u0000""#, r#""\ufffd\ufffd""#),
            (r"\é", r"\é"),
        ] {
            assert_eq!(storable_json_text(json), expected, "{json}");
        }
    }

    #[test]
    fn text_is_cut_between_characters() {
        assert_eq!(truncated("éé", 1), "é");
        assert_eq!(truncated("éé", 5), "éé");
    }
}
