//! Lenient reading of the platform's JSON, shared by pushes and replies: numbers that come as
//! text, `null` that means "absent", keys that come twice, values of the wrong kind.
//!
//! Objects are skimmed and not parsed: only the wanted members are looked at, as slices of the
//! input. Skimming does not recurse, so no nesting exhausts the stack.

use std::borrow::Cow;

use hawker_domain::Timestamp;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The last second that is believed to be a time: the end of the year 9999. What is beyond it is
/// not a number of seconds, and no database column could be trusted with it.
const EPOCH_SECONDS_MAX: i64 = 253_402_300_799;

/// The named members of the JSON object in `json`; `null` counts as absent, and of a key that
/// comes twice the last one counts.
///
/// # Errors
/// `json` is not exactly one well-formed JSON object.
pub(crate) fn pick<'a, const N: usize>(
    json: &'a str,
    names: [&str; N],
) -> serde_json::Result<[Option<&'a RawValue>; N]> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let members = Members(names).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(members)
}

/// Whether `json` is exactly one well-formed JSON value.
pub(crate) fn is_well_formed(json: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(json).is_ok()
}

/// How deep arrays and objects are nested in well-formed JSON; for other input any number.
pub(crate) fn nesting(json: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    let (mut in_text, mut escaped) = (false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The text of a JSON string; `None` for anything else and for half a surrogate pair.
pub(crate) fn string(raw: &RawValue) -> Option<Cow<'_, str>> {
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        serde_json::from_str(raw.get()).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

/// The text of a JSON string, number or boolean.
pub(crate) fn scalar(raw: &RawValue) -> Option<Cow<'_, str>> {
    match raw.get().bytes().next()? {
        b'"' => string(raw),
        b'{' | b'[' | b'n' => None,
        _ => Some(Cow::Borrowed(raw.get())),
    }
}

/// A whole number, given as a number (`7`, `7.0`) or as text.
pub(crate) fn integer(raw: &RawValue) -> Option<i64> {
    let text = scalar(raw)?;
    let text = text.trim();
    text.parse().ok().or_else(|| {
        let number = Decimal::from_str_exact(text).ok()?;
        number.fract().is_zero().then(|| number.to_i64())?
    })
}

/// The largest figure that is believed, as of amounts of money.
const FIGURE_MAX: Decimal = Decimal::from_parts(276_447_232, 23_283, 0, false, 0);

/// The number that `text` is, with every digit of it; nothing where it cannot be held exactly or is
/// beyond 10^14.
pub(crate) fn figure(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let figure = match text.split_once(['e', 'E']) {
        // A number with an exponent is rounded to what can be held; its digits alone are refused.
        Some((digits, _)) => {
            Decimal::from_str_exact(digits).and_then(|_| Decimal::from_scientific(text))
        }
        None => Decimal::from_str_exact(text),
    };
    let figure = figure.ok()?.normalize();
    (figure.abs() <= FIGURE_MAX).then_some(figure)
}

/// The moment that a number of seconds since 1970 names; 0 is the platform's "never".
pub(crate) fn moment(seconds: i64) -> Option<Timestamp> {
    (1..=EPOCH_SECONDS_MAX)
        .contains(&seconds)
        .then(|| Timestamp::from_timestamp(seconds, 0))?
}

struct Members<'n, const N: usize>([&'n str; N]);

impl<'de, const N: usize> DeserializeSeed<'de> for Members<'_, N> {
    type Value = [Option<&'de RawValue>; N];

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, const N: usize> Visitor<'de> for Members<'_, N> {
    type Value = [Option<&'de RawValue>; N];

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = [None; N];
        while let Some(position) = map.next_key_seed(Position(&self.0))? {
            match position {
                Some(index) => members[index] = map.next_value()?,
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(members)
    }
}

/// Reads a key as its position among the wanted ones, without copying it.
struct Position<'n>(&'n [&'n str]);

impl<'de> DeserializeSeed<'de> for Position<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Position<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|name| *name == key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> &RawValue {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn wanted_members_are_found_and_null_counts_as_absent() {
        let [a, b, c] = pick(
            r#"{"a":null,"x":{"b":9},"b" : [1, 2] ,"b":"last"}"#,
            ["a", "b", "c"],
        )
        .unwrap();
        assert_eq!(a.map(RawValue::get), None);
        assert_eq!(b.map(RawValue::get), Some(r#""last""#));
        assert_eq!(c.map(RawValue::get), None);
    }

    #[test]
    fn what_is_not_one_whole_object_is_refused() {
        for json in ["", "[]", "7", r#"{"a":1"#, "{} {}", r#"{"a":}"#] {
            assert!(pick(json, ["a"]).is_err(), "{json}");
        }
    }

    #[test]
    fn whole_numbers_are_read_from_numbers_and_from_text() {
        for (json, expected) in [
            ("7", Some(7)),
            ("-7", Some(-7)),
            (r#"" 4294967296 ""#, Some(4_294_967_296)),
            ("9223372036854775807", Some(i64::MAX)),
            ("7.0", Some(7)),
            ("7.5", None),
            ("9223372036854775808", None),
            ("1e400", None),
            (r#""seven""#, None),
            ("[7]", None),
            ("true", None),
        ] {
            assert_eq!(integer(raw(json)), expected, "{json}");
        }
    }

    #[test]
    fn text_is_unescaped_and_half_a_surrogate_pair_is_no_text() {
        assert_eq!(string(raw(r#""plain""#)).as_deref(), Some("plain"));
        assert_eq!(string(raw(r#""a\"\u00e9""#)).as_deref(), Some("a\"é"));
        assert_eq!(string(raw(r#""\ud800""#)), None);
        assert_eq!(string(raw("7")), None);
    }

    #[test]
    fn brackets_inside_text_do_not_count_as_nesting() {
        assert_eq!(nesting(r#"{"a":["[[[\"[",[]]}"#), 3);
        assert_eq!(nesting("7"), 0);
    }

    #[test]
    fn a_moment_must_be_a_plausible_number_of_seconds() {
        assert_eq!(
            moment(1_660_123_127).map(|t| t.timestamp()),
            Some(1_660_123_127)
        );
        for seconds in [0, -1, i64::MIN, i64::MAX, EPOCH_SECONDS_MAX + 1] {
            assert_eq!(moment(seconds), None, "{seconds}");
        }
    }
}
