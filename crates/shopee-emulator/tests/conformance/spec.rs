//! A specification of the platform, and what an answer owes to it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::client::Answer;

/// Where a specification is known to be wrong, or to be unlike what the platform answers.
pub struct Override {
    spec: &'static str,
    /// Dotted path of the field in the answer.
    field: &'static str,
    /// The JSON type that it really has.
    really: &'static str,
    pub reason: &'static str,
}

pub const OVERRIDES: [Override; 4] = [
    Override {
        spec: "v2.order.get_order_detail",
        field: "response.order_list.item_list.product_location_id",
        really: "string[]",
        reason: "the table says string; the specification's own sample has an array",
    },
    Override {
        spec: "v2.order.get_order_detail",
        field: "response.order_list.package_list.parcel_chargeable_weight_gram",
        really: "int",
        reason: "the table says parcel_chargeable_weight; the sample and real answers add _gram",
    },
    Override {
        spec: "v2.shop.get_shop_info",
        field: "error",
        really: "string",
        reason: "the table leaves the envelope out; the sample has it",
    },
    Override {
        spec: "v2.shop.get_shop_info",
        field: "message",
        really: "string",
        reason: "the table leaves the envelope out; the sample has it",
    },
];

/// Fields that are null in real answers. All others must have their type.
const NULLABLE: [&str; 7] = [
    "pay_time",
    "invoice_data",
    "buyer_cpf_id",
    "dropshipper",
    "dropshipper_phone",
    "group_shipment_id",
    "merchant_id",
];

pub struct Spec {
    name: &'static str,
    pub json: Value,
}

impl Spec {
    /// None when the folder is not there.
    #[expect(clippy::print_stdout, reason = "a skipped test has to say so")]
    pub fn load(name: &'static str) -> Option<Self> {
        let path = folder().join(format!("{name}.json"));
        if !path.exists() {
            println!("skipped: no specification at {}", path.display());
            return None;
        }
        let text = std::fs::read_to_string(path).unwrap();
        Some(Self {
            name,
            json: serde_json::from_str(&text).unwrap(),
        })
    }

    /// Every field of the answer is in the specification, with its type.
    pub fn check(&self, answer: &Answer) {
        let mut problems = Vec::new();
        let fields = &self.json["params"]["response_params"];
        self.check_object(&answer.json(), fields, "", &mut problems);
        assert!(problems.is_empty(), "{}: {problems:#?}", self.name);
    }

    fn check_object(&self, object: &Value, fields: &Value, at: &str, problems: &mut Vec<String>) {
        for (name, value) in object.as_object().unwrap() {
            let path = if at.is_empty() {
                name.clone()
            } else {
                format!("{at}.{name}")
            };
            let known = OVERRIDES
                .iter()
                .find(|entry| entry.spec == self.name && entry.field == path);
            let field = fields
                .as_array()
                .unwrap()
                .iter()
                .find(|field| field["name"] == *name);
            let Some(kind) = known
                .map(|entry| entry.really)
                .or_else(|| field.and_then(|field| field["type"].as_str()))
            else {
                problems.push(format!("{path} is not in the specification"));
                continue;
            };
            let children = field.map_or(&Value::Null, |field| &field["children"]);
            self.check_value(value, kind, children, &path, problems);
        }
    }

    fn check_value(
        &self,
        value: &Value,
        kind: &str,
        children: &Value,
        path: &str,
        problems: &mut Vec<String>,
    ) {
        let name = path.rsplit('.').next().unwrap_or_default();
        if value.is_null() && NULLABLE.contains(&name) {
            return;
        }
        if let Some(element) = kind.strip_suffix("[]") {
            match value.as_array() {
                Some(list) => {
                    for entry in list {
                        self.check_value(entry, element, children, path, problems);
                    }
                }
                None => problems.push(format!("{path} should be a list: {value}")),
            }
            return;
        }
        let fits = match kind {
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "float" => value.is_number(),
            "int" | "int32" | "int64" | "uint64" | "timestamp" => value.is_i64() || value.is_u64(),
            "object" => value.is_object(),
            other => panic!("unknown type {other} of {path}"),
        };
        if !fits {
            problems.push(format!("{path} should be {kind}: {value}"));
        } else if value.is_object() {
            self.check_object(value, children, path, problems);
        }
    }

    /// The error code is one that the specification lists.
    pub fn check_error(&self, answer: &Answer) {
        let code = answer.error();
        assert!(
            !code.is_empty(),
            "{}: an error was expected: {}",
            self.name,
            answer.text
        );
        assert!(
            self.codes().contains(&code),
            "{}: {code} is not listed",
            self.name
        );
    }

    fn codes(&self) -> BTreeSet<String> {
        let lists = [&self.json["error_list"], &self.json["common_error_list"]];
        let listed = lists.into_iter().filter_map(Value::as_array).flatten();
        let examples = self.json["error_example"].as_array().into_iter().flatten();
        listed
            .map(|entry| &entry["name"])
            .chain(examples.map(|entry| &entry["value"]["error"]))
            .filter_map(Value::as_str)
            .map(|code| code.trim().to_owned())
            .collect()
    }

    /// Names that may be asked for, as the specification words its list.
    pub fn optional_fields(&self) -> Vec<String> {
        let params = self.json["params"]["request_params"].as_array().unwrap();
        let about = params
            .iter()
            .find(|param| param["name"] == "response_optional_fields")
            .and_then(|param| param["description"].as_str())
            .unwrap();
        let list = about.rsplit("Available values:").next().unwrap();
        let plain = list.split('<').next().unwrap();
        plain
            .split(',')
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect()
    }
}

fn folder() -> PathBuf {
    std::env::var_os("SHOPEE_SPECS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/shopee-api"),
        PathBuf::from,
    )
}
