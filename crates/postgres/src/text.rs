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
    fn text_is_cut_between_characters() {
        assert_eq!(truncated("éé", 1), "é");
        assert_eq!(truncated("éé", 5), "éé");
    }
}
