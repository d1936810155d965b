//! What a command answers: a table for a person, JSON for a program.

use std::io::{self, Write as _};

use hawker_domain::Timestamp;
use serde::Serialize;

/// Writes a line to standard output. A reader that went away (`| head`) is no error.
pub(crate) fn line(text: &str) -> io::Result<()> {
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Writes text as it is to standard output.
pub(crate) fn text(text: &str) -> io::Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Writes a line for a person to standard error, where standard output is for what can be piped.
pub(crate) fn note(text: &str) -> io::Result<()> {
    writeln!(io::stderr().lock(), "{text}")
}

/// Writes a value as indented JSON.
pub(crate) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    Ok(line(&serde_json::to_string_pretty(value)?)?)
}

/// A table with aligned columns, as wide as its contents.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(headings: &[&str]) -> Self {
        Self {
            rows: vec![
                headings
                    .iter()
                    .map(|heading| heading.to_uppercase())
                    .collect(),
            ],
        }
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    pub(crate) fn write(&self) -> io::Result<()> {
        let columns = self.rows[0].len();
        let width = |column: usize| {
            self.rows
                .iter()
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or_default()
        };
        let widths: Vec<_> = (0..columns).map(width).collect();
        for row in &self.rows {
            let cells: Vec<_> = row
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.chars().count())))
                .collect();
            line(cells.join("  ").trim_end())?;
        }
        Ok(())
    }
}

/// Names and values below each other, the values aligned.
pub(crate) fn facts(facts: &[(&str, String)]) -> io::Result<()> {
    let width = facts.iter().map(|(name, _)| name.chars().count()).max();
    let width = width.unwrap_or_default();
    for (name, value) in facts {
        line(&format!("  {name:<width$}  {value}"))?;
    }
    Ok(())
}

/// A number of things: `1 secret`, `2 secrets`.
pub(crate) fn counted(number: u64, thing: &str) -> String {
    match number {
        1 => format!("1 {thing}"),
        number => format!("{number} {thing}s"),
    }
}

/// A time as a person reads it, to the second, in UTC.
pub(crate) fn time(at: Timestamp) -> String {
    at.format("%F %T").to_string()
}

/// A time that may be missing.
pub(crate) fn time_or_dash(at: Option<Timestamp>) -> String {
    at.map_or_else(dash, time)
}

/// A text that may be missing.
pub(crate) fn or_dash(text: Option<&str>) -> String {
    text.filter(|text| !text.is_empty())
        .map_or_else(dash, str::to_owned)
}

/// Things separated by commas, or nothing.
pub(crate) fn list_or_dash<T: ToString>(things: &[T]) -> String {
    let things: Vec<_> = things.iter().map(T::to_string).collect();
    or_dash(Some(&things.join(", ")))
}

fn dash() -> String {
    "–".to_owned()
}
