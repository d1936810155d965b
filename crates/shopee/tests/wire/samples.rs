//! The specifications, and what is in them: samples that were written by hand in parts.

use std::path::PathBuf;

use serde_json::Value;

/// The specification of an endpoint, or `None` after having said that there is none.
#[expect(
    clippy::print_stdout,
    reason = "a test that does nothing must not do so silently"
)]
pub fn specification(endpoint: &str) -> Option<Value> {
    let folder = std::env::var_os("SHOPEE_SPECS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/shopee-api"),
        PathBuf::from,
    );
    let file = folder.join(format!("v2.{endpoint}.json"));
    if !file.is_file() {
        println!("skipped: there is no {}", file.display());
        return None;
    }
    let text = std::fs::read_to_string(&file).expect("the specification can be read");
    Some(serde_json::from_str(&text).expect("the specification is JSON"))
}

/// The first sample of a kind.
pub fn sample(specification: &Value, kind: &str) -> Value {
    let first = samples(specification, kind).into_iter().next();
    first.expect("there is a sample")
}

/// All samples of a kind.
pub fn samples(specification: &Value, kind: &str) -> Vec<Value> {
    let samples = specification[kind].as_array().into_iter().flatten();
    samples
        .map(|sample| match &sample["value"] {
            Value::String(text) => serde_json::from_str(&mended(text)).expect("the sample is JSON"),
            value => value.clone(),
        })
        .collect()
}

/// Some samples open twice, lack a comma at the end of a line, or have one too many.
fn mended(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        match lines.last_mut() {
            Some(last) if last.trim() == "{" && line.trim() == "{" => continue,
            Some(last) if line.trim_start().starts_with(['}', ']']) => {
                if let Some(without) = last.trim_end().strip_suffix(',') {
                    last.truncate(without.len());
                }
            }
            Some(last)
                if line.trim_start().starts_with('"')
                    && !last.trim_end().ends_with(['{', '[', ',']) =>
            {
                last.push(',');
            }
            _ => {}
        }
        lines.push(line.to_owned());
    }
    lines.join("\n")
}
