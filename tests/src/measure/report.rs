//! What a run came to: printed, written for machines, and recorded in the docs.
//!
//! A recorded part keeps what it was measured on beside its figures, so that parts of several runs can
//! stand in one file and none is taken for another's.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use serde_json::{Map, Value, json};

use super::machine::Machine;
use super::section::Section;

/// Where recorded figures and their charts are, within the checkout.
pub const RECORDS: &str = "docs/performance";

/// A part as a machine reads it, with what it was measured on.
pub fn record(section: &Section, machine: &Machine, is_quick: bool, at: &str) -> Value {
    let mut record = section.json();
    let on = machine.json();
    record["at"] = json!(at);
    record["quick"] = json!(is_quick);
    record["machine"] = on["machine"].clone();
    record["settings"] = on["settings"].clone();
    record
}

/// Writes parts into a file of records; the others in it stay as they are.
pub fn merge_into(path: &Path, records: &[(&str, Value)]) -> anyhow::Result<()> {
    let there = fs::read_to_string(path).unwrap_or_else(|_| "{}".to_owned());
    let mut there: Map<String, Value> =
        serde_json::from_str(&there).with_context(|| format!("{} is no JSON", path.display()))?;
    for (name, record) in records {
        there.insert((*name).to_owned(), record.clone());
    }
    let mut text = serde_json::to_string_pretty(&there)?;
    text.push('\n');
    fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}

/// Writes exactly these parts.
pub fn write(path: &Path, records: &[(&str, Value)]) -> anyhow::Result<()> {
    fs::remove_file(path).ok();
    merge_into(path, records)
}

/// Puts the charts and texts of a part into a folder.
pub fn put_beside(folder: &Path, section: &Section) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    let charts = (section.charts.iter()).map(|chart| (format!("{}.svg", chart.file), chart.svg()));
    let texts = (section.texts.iter()).map(|(file, text)| ((*file).to_owned(), text.clone()));
    for (file, text) in charts.chain(texts) {
        let path = folder.join(file);
        fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_part_leaves_the_others_as_they_were() {
        let folder = std::env::temp_dir().join(format!("hawker-records-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("results.json");
        write(&path, &[("ingest", json!({"at": 1})), ("drain", json!(1))]).unwrap();
        merge_into(&path, &[("ingest", json!({"at": 2}))]).unwrap();
        let read: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(read, json!({"ingest": {"at": 2}, "drain": 1}));
    }
}
