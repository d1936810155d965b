//! Damaged JSON: samples of real shape in which members are gone, of another kind or name, there twice,
//! nested beyond measure or longer than anybody would write, and JSON of no shape at all.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value};

/// A megabyte of text.
static LONG: LazyLock<String> = LazyLock::new(|| format!("\"{}\"", "é".repeat(500_000)));
/// More nesting than any parser wants to recurse into.
static DEEP: LazyLock<String> =
    LazyLock::new(|| format!("{}7{}", "[".repeat(20_000), "]".repeat(20_000)));
/// The same in objects.
static DEEP_OBJECTS: LazyLock<String> =
    LazyLock::new(|| format!("{}7{}", r#"{"data":"#.repeat(5_000), "}".repeat(5_000)));

/// What may stand where something else was expected. Some of it is no JSON.
static FOREIGN: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut foreign = vec![
        "null",
        "true",
        "false",
        "0",
        "-0",
        "-1",
        "1.5",
        "1e400",
        "-1e-400",
        "1e-4294967295",
        "1E+28",
        "1e4294967296",
        "99999999999999999999999999999999999999",
        "9223372036854775808",
        "-9223372036854775809",
        "0.00000000000000000000000000000000000001",
        "1.0000000000000000000000000000000000001e0",
        "\"\"",
        "\" \"",
        "\"-\"",
        "\"N/A\"",
        "\"\\u0000\"",
        "\"a\\u0000b\"",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "\"\\\"\"",
        "\"1e5\"",
        "\"1_000\"",
        "\"+5\"",
        "\"٣\"",
        "\"{\\\"code\\\":3,\\\"data\\\":{}}\"",
        "[]",
        "[null]",
        "[[]]",
        "{}",
        "{\"a\":{\"a\":1}}",
        "{\"\\ud800\":1}",
        "NaN",
        "01",
        "nul",
        "'x'",
        "",
        "1 2",
        "/**/1",
    ];
    foreign.extend([LONG.as_str(), DEEP.as_str(), DEEP_OBJECTS.as_str()]);
    foreign
});

/// Which piece of foreign text stands at a place: it is put in once the rest was written.
const PLACE: char = '\u{e000}';
/// Ends the name of a member that is there twice.
const TWICE: char = '\u{e001}';

#[derive(Clone, Debug)]
enum Damage {
    Gone(Index),
    Replaced(Index, Index),
    Twice(Index, Index),
    Renamed(Index, Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let index = any::<Index>;
    prop_oneof![
        index().prop_map(Damage::Gone),
        (index(), index()).prop_map(|(at, with)| Damage::Replaced(at, with)),
        (index(), index()).prop_map(|(at, with)| Damage::Twice(at, with)),
        (index(), index()).prop_map(|(at, with)| Damage::Renamed(at, with)),
    ]
}

/// One of the samples, damaged in up to three places; now and then the text itself is damaged, too.
pub fn damaged(samples: Vec<Value>) -> impl Strategy<Value = Vec<u8>> {
    let cut = prop::option::weighted(
        0.2,
        (
            any::<Index>(),
            0_usize..6,
            prop::collection::vec(any::<u8>(), 0..4),
        ),
    );
    let sample = prop::sample::select(samples);
    (sample, prop::collection::vec(damage(), 0..4), cut).prop_map(|(mut sample, damages, cut)| {
        for damage in &damages {
            apply(&mut sample, damage);
        }
        let mut text = written(&sample).into_bytes();
        if let Some((at, removed, bytes)) = cut
            && !text.is_empty()
        {
            let start = at.index(text.len());
            let end = (start + removed).min(text.len());
            text.splice(start..end, bytes);
        }
        text
    })
}

/// Any JSON whose members have some of these names.
pub fn values(names: Vec<String>) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "[-+0-9eE._]{0,40}".prop_map(Value::from),
    ];
    let names = prop::sample::select(names);
    leaf.prop_recursive(5, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(names.clone(), inner, 0..8)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// The names of all members of the samples.
pub fn names(samples: &[Value]) -> Vec<String> {
    fn of(value: &Value, names: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    names.push(name.clone());
                    of(member, names);
                }
            }
            Value::Array(elements) => elements.iter().for_each(|element| of(element, names)),
            _ => {}
        }
    }
    let mut all = Vec::new();
    for sample in samples {
        of(sample, &mut all);
    }
    all.sort();
    all.dedup();
    all
}

/// Where each value of a tree is, the whole first.
fn places(value: &Value) -> Vec<Vec<String>> {
    let mut places = vec![Vec::new()];
    let mut within = |name: String, inner: &Value| {
        places.extend(self::places(inner).into_iter().map(|mut place| {
            place.insert(0, name.clone());
            place
        }));
    };
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                within(name.clone(), member);
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                within(index.to_string(), element);
            }
        }
        _ => {}
    }
    places
}

fn at<'v>(value: &'v mut Value, place: &[String]) -> &'v mut Value {
    place.iter().fold(value, |value, step| match value {
        Value::Array(elements) => &mut elements[step.parse::<usize>().expect("an index")],
        members => &mut members[step.as_str()],
    })
}

fn members<'v>(value: &'v mut Value, place: &[String]) -> Option<&'v mut Map<String, Value>> {
    at(value, place).as_object_mut()
}

fn apply(sample: &mut Value, damage: &Damage) {
    let places = places(sample);
    let (Damage::Gone(index)
    | Damage::Replaced(index, _)
    | Damage::Twice(index, _)
    | Damage::Renamed(index, _)) = damage;
    let place = index.get(&places);
    let foreign = |with: &Index| {
        let which = u32::try_from(with.index(FOREIGN.len())).expect("a small number");
        format!("{PLACE}{which}{PLACE}")
    };
    match (damage, place.split_last()) {
        (Damage::Replaced(_, with), _) => *at(sample, place) = foreign(with).into(),
        (Damage::Gone(_), Some((name, parent))) => {
            if let Some(members) = members(sample, parent) {
                members.remove(name);
            }
        }
        (Damage::Twice(_, with), Some((name, parent))) => {
            if let Some(members) = members(sample, parent) {
                members.insert(format!("{name}{TWICE}"), foreign(with).into());
            }
        }
        (Damage::Renamed(_, with), Some((name, parent))) => {
            if let Some(members) = members(sample, parent)
                && let Some(member) = members.remove(name)
            {
                members.insert(foreign(with), member);
            }
        }
        (_, None) => {}
    }
}

fn written(sample: &Value) -> String {
    let mut text = sample.to_string().replace(TWICE, "");
    for (which, foreign) in FOREIGN.iter().enumerate() {
        let place = format!("\"{PLACE}{which}{PLACE}\"");
        if text.contains(&place) {
            text = text.replace(&place, foreign);
        }
    }
    text
}

#[test]
fn samples_are_damaged_as_described() {
    let first = |value: &Value| places(value)[1].clone();
    let mut sample = serde_json::json!({"a": {"b": 1}});
    assert_eq!(first(&sample), ["a"]);
    assert_eq!(places(&sample).len(), 3);
    *at(&mut sample, &["a".into(), "b".into()]) = Value::from(format!("{PLACE}8{PLACE}"));
    sample[format!("a{TWICE}")] = Value::from(format!("{PLACE}0{PLACE}"));
    assert_eq!(
        written(&sample),
        format!(r#"{{"a":{{"b":{}}},"a":null}}"#, FOREIGN[8])
    );
}
