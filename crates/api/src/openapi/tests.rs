use std::collections::BTreeSet;

use roas::v3_1::spec::Spec;
use roas::validation::{Options, Validate as _};
use serde_json::{Value, json};

use super::described;
use crate::routes::{Permission, ROUTES};
use crate::testing::Server;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

fn document() -> Value {
    serde_json::to_value(described()).expect("JSON")
}

/// Every operation: method, path, and what is said of it.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let of_path = |(path, item): (&String, &Value)| {
        let methods = METHODS.iter().filter_map(|method| {
            let operation = item.get(method)?.clone();
            Some((method.to_uppercase(), path.clone(), operation))
        });
        methods.collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

/// Everything that is named by `$ref`, wherever.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                found.insert(reference.clone());
            }
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn every_route_is_in_the_document_and_the_document_has_no_other() {
    let routes: BTreeSet<_> = ROUTES
        .iter()
        .map(|route| (route.method.to_string(), route.path.to_owned()))
        .collect();
    let described: BTreeSet<_> = operations(&document())
        .into_iter()
        .map(|(method, path, _)| (method, path))
        .collect();
    assert_eq!(routes, described);
}

#[test]
fn the_document_keeps_the_specification() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    let spec: Spec = serde_json::from_value(document).expect("a document of OpenAPI 3.1");
    let checked = spec.validate(Options::IgnoreExternalReferences.into(), None);
    if let Err(errors) = checked {
        panic!("{errors}");
    }
}

#[test]
fn every_schema_is_one_and_every_reference_leads_somewhere() {
    let document = document();
    let schemas = document["components"]["schemas"]
        .as_object()
        .expect("schemas");
    assert!(schemas.len() > 20);
    for (name, schema) in schemas {
        let checked = jsonschema::draft202012::meta::validate(schema);
        assert!(checked.is_ok(), "{name}: {checked:?}");
    }
    let mut named = BTreeSet::new();
    references(&document, &mut named);
    for reference in named {
        let place = reference
            .strip_prefix('#')
            .expect("a place in the document");
        assert!(document.pointer(place).is_some(), "{reference}");
    }
}

#[test]
fn every_operation_has_a_name_of_its_own_a_summary_and_a_known_tag() {
    let document = document();
    let tags = document["tags"].as_array().expect("tags");
    let tags: Vec<_> = tags.iter().map(|tag| &tag["name"]).collect();
    let mut names = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let place = format!("{method} {path}");
        let name = operation["operationId"]
            .as_str()
            .expect("a name")
            .to_owned();
        assert!(name.bytes().all(|b| b.is_ascii_alphanumeric()), "{name}");
        assert!(names.insert(name), "{place}");
        assert!(operation["summary"].is_string(), "{place}");
        assert!(tags.contains(&&operation["tags"][0]), "{place}");
    }
}

#[test]
fn an_operation_says_which_scope_it_needs() {
    let document = document();
    for route in ROUTES {
        let method = route.method.as_str().to_lowercase();
        let operation = &document["paths"][route.path][&method];
        let expected = match route.permission {
            Permission::Public => json!(null),
            Permission::SignedIn => json!([{ "bearer": [] }]),
            Permission::Scope(scope) => json!([{ "bearer": [scope.as_str()] }]),
        };
        assert_eq!(operation["security"], expected, "{method} {}", route.path);
    }
    assert_eq!(
        document["components"]["securitySchemes"]["bearer"]["scheme"],
        "bearer"
    );
}

#[test]
fn whatever_goes_wrong_is_described_as_a_problem() {
    for (method, path, operation) in operations(&document()) {
        let place = format!("{method} {path}");
        if path.starts_with("/connectors/shopee/webhook") {
            continue;
        }
        let answers = operation["responses"].as_object().expect("answers");
        assert!(answers.contains_key("default"), "{place}");
        for (status, answer) in answers {
            let is_problem = status.starts_with(['4', '5']) || status == "default";
            // These say the same in words of their own.
            let has_own =
                path == "/readyz" || path == "/metrics" || path.contains("/oauth/callback");
            if is_problem && !(has_own && status == "503") {
                let schema = &answer["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/Problem", "{place} {status}");
            }
        }
    }
}

#[test]
fn what_comes_in_is_closed_to_fields_that_are_not_known() {
    let document = document();
    let mut forms = 0;
    for (method, path, operation) in operations(&document) {
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        let Some(reference) = body["$ref"].as_str() else {
            continue;
        };
        let place = reference.trim_start_matches('#');
        let schema = document.pointer(place).expect("a schema");
        assert_eq!(schema["additionalProperties"], false, "{method} {path}");
        forms += 1;
    }
    assert_eq!(forms, 13);
}

#[test]
fn the_document_is_served_as_it_is_described() {
    let server = Server::start();
    let answer = server.request("GET", "/openapi.json");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.json(), document());
    assert_eq!(answer.json()["info"]["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn a_parameter_is_never_null() {
    for (method, path, operation) in operations(&document()) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let schema = parameter["schema"].to_string();
            assert!(!schema.contains("null"), "{method} {path}: {schema}");
        }
    }
}
