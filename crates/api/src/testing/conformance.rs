//! Whether an answer is what the OpenAPI document says that it may be.

use serde_json::{Value, json};

use super::Answer;
use crate::openapi::described;
use crate::routes::{ROUTES, Route};

/// Panics where the document does not know the answer: its status, its type, or its body.
pub(crate) fn assert_described(method: &str, target: &str, answer: &Answer) {
    let path = target.split('?').next().unwrap_or_default();
    // The first path that matches answers for all of its methods.
    let Some(first) = ROUTES.iter().find(|route| is_of(route.path, path)) else {
        return;
    };
    let is_asked = |route: &&Route| route.path == first.path && route.method.as_str() == method;
    let Some(route) = ROUTES.iter().find(is_asked) else {
        return;
    };
    let document = serde_json::to_value(described()).expect("JSON");
    let operation = &document["paths"][route.path][method.to_lowercase()];
    let status = answer.status.to_string();
    let place = format!("{method} {} {status}", route.path);
    let described = operation["responses"].get(&status);
    let described = described.unwrap_or_else(|| panic!("{place} is not described: {answer:?}"));
    let Some(content) = described["content"].as_object() else {
        assert_eq!(answer.body, "", "{place}");
        return;
    };
    let given = answer.header("content-type").unwrap_or_default();
    let given = given.split(';').next().unwrap_or_default();
    let content = content
        .get(given)
        .or_else(|| content.get("*/*"))
        .unwrap_or_else(|| panic!("{place} is not described as {given}"));
    if given.ends_with("json") {
        assert_fits(&document, &content["schema"], &answer.json(), &place);
    }
}

fn is_of(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (pattern.split('/'), path.split('/'));
    pattern.clone().count() == path.clone().count()
        && pattern
            .zip(path)
            .all(|(pattern, part)| pattern.starts_with('{') || pattern == part)
}

fn assert_fits(document: &Value, schema: &Value, body: &Value, place: &str) {
    // References lead into the document, so the schema is put beside its components.
    let mut whole = schema.clone();
    whole["components"] = document["components"].clone();
    let validator = jsonschema::draft202012::new(&whole).expect("a schema");
    let errors: Vec<_> = validator
        .iter_errors(body)
        .map(|error| json!({ "at": error.instance_path().to_string(), "error": error.to_string() }))
        .collect();
    assert!(errors.is_empty(), "{place}: {errors:?} in {body}");
}
