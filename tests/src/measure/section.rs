//! One part of the benchmark and what it came to.

use std::fmt;

use serde_json::{Value, json};

use super::chart::Chart;
use super::goal::Goal;
use super::table::Table;

/// What one part of the benchmark came to.
#[derive(Clone, Debug)]
pub struct Section {
    /// The name that asks for it, such as `ingest`.
    pub name: &'static str,
    /// What was measured, in one line.
    pub title: &'static str,
    /// The figures.
    pub tables: Vec<Table>,
    /// What is asked of them.
    pub goals: Vec<Goal>,
    /// What one has to know to read them: how it was kept honest, what was left out, what was wrong.
    pub notes: Vec<String>,
    /// The charts that a recorded run draws.
    pub charts: Vec<Chart>,
    /// What is too long to be shown, by the name of its file.
    pub texts: Vec<(&'static str, String)>,
}

impl Section {
    /// A section without figures.
    pub fn new(name: &'static str, title: &'static str) -> Self {
        Self {
            name,
            title,
            tables: Vec::new(),
            goals: Vec::new(),
            notes: Vec::new(),
            charts: Vec::new(),
            texts: Vec::new(),
        }
    }

    /// One more thing to know.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// As a machine reads it.
    pub fn json(&self) -> Value {
        let all = |values: Vec<Value>| Value::Array(values);
        json!({
            "title": self.title,
            "tables": all(self.tables.iter().map(Table::json).collect()),
            "goals": all(self.goals.iter().map(Goal::json).collect()),
            "notes": self.notes,
        })
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "== {}: {}", self.name, self.title)?;
        for table in &self.tables {
            writeln!(f, "\n{table}")?;
        }
        for goal in &self.goals {
            writeln!(f, "  {goal}")?;
        }
        for note in &self.notes {
            writeln!(f, "  note: {note}")?;
        }
        Ok(())
    }
}
