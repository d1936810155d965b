//! A specification of the platform, and what an answer owes to it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;
use url::Url;

use crate::client::Answer;
use crate::overrides::{NULLABLE, OVERRIDES};

pub struct Spec {
    name: String,
    pub json: Value,
}

impl Spec {
    /// None when the folder is not there.
    #[expect(clippy::print_stdout, reason = "a skipped test has to say so")]
    pub fn load(name: &str) -> Option<Self> {
        let path = folder().join(format!("{name}.json"));
        if !path.exists() {
            println!("skipped: no specification at {}", path.display());
            return None;
        }
        let text = std::fs::read_to_string(path).unwrap();
        Some(Self {
            name: name.to_owned(),
            json: serde_json::from_str(&text).unwrap(),
        })
    }

    /// The path of its URL.
    pub fn path(&self) -> String {
        let url = self.json["url"].as_str().unwrap();
        Url::parse(url).unwrap().path().to_owned()
    }

    /// Methods are numbered: 1 is POST, 2 is GET.
    pub fn is_post(&self) -> bool {
        self.json["method"] == 1
    }

    /// Every field of the answer is in the specification, with its type.
    pub fn check(&self, answer: &Answer) {
        let problems = self.problems(answer);
        assert!(problems.is_empty(), "{problems:#?}");
    }

    /// What of the answer is not as the specification has it.
    pub fn problems(&self, answer: &Answer) -> Vec<String> {
        let mut problems = Vec::new();
        let fields = &self.json["params"]["response_params"];
        self.check_object(&answer.json(), fields, "", &mut problems);
        let named = problems.iter();
        named
            .map(|problem| format!("{}: {problem}", self.name))
            .collect()
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
            // A field that stands elsewhere in the table is described there.
            let described = field.or_else(|| find(&self.json["params"]["response_params"], name));
            let children = described.map_or(&Value::Null, |field| &field["children"]);
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

/// The first field of that name, at any depth.
fn find<'a>(fields: &'a Value, name: &str) -> Option<&'a Value> {
    let fields = fields.as_array()?;
    fields
        .iter()
        .find(|field| field["name"] == name)
        .or_else(|| {
            fields
                .iter()
                .find_map(|field| find(&field["children"], name))
        })
}

/// The names of all specifications; None when the folder is not there.
#[expect(clippy::print_stdout, reason = "a skipped test has to say so")]
pub fn names() -> Option<BTreeSet<String>> {
    let Ok(files) = std::fs::read_dir(folder()) else {
        println!("skipped: no specifications at {}", folder().display());
        return None;
    };
    let names = files.filter_map(|file| {
        let name = file.unwrap().file_name().into_string().unwrap();
        name.strip_suffix(".json").map(str::to_owned)
    });
    Some(names.collect())
}

fn folder() -> PathBuf {
    std::env::var_os("SHOPEE_SPECS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/shopee-api"),
        PathBuf::from,
    )
}
