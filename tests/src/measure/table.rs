//! A table of figures: for people in columns, for machines as rows with names.

use std::fmt;

use serde_json::{Map, Value, json};

use super::statistics::Summary;

/// One field of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A figure, shown with so many decimals.
    Figure(f64, usize),
    /// The median of several rounds with the least and the greatest, shown with so many decimals.
    Spread(Summary, usize),
    /// Nothing was measured here.
    Nothing,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Cell {
    fn from(count: u64) -> Self {
        Self::Figure(super::statistics::float(count), 0)
    }
}

impl Cell {
    /// As a machine reads it.
    fn json(&self) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Figure(value, _) => json!(value),
            Self::Spread(summary, _) => json!({
                "median": summary.median,
                "min": summary.least,
                "max": summary.greatest,
                "rounds": summary.rounds,
            }),
            Self::Nothing => Value::Null,
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Figure(value, decimals) => f.write_str(&figure(*value, *decimals)),
            Self::Spread(summary, decimals) if summary.rounds == 1 => {
                f.write_str(&figure(summary.median, *decimals))
            }
            Self::Spread(summary, decimals) => {
                let [median, least, greatest] = [summary.median, summary.least, summary.greatest]
                    .map(|value| figure(value, *decimals));
                write!(f, "{median} ({least}–{greatest})")
            }
            Self::Nothing => f.write_str("–"),
        }
    }
}

/// A figure with its thousands apart: `12,345.6`.
pub fn figure(value: f64, decimals: usize) -> String {
    let plain = format!("{value:.decimals$}");
    let (sign, plain) = match plain.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", plain.as_str()),
    };
    let (whole, fraction) = plain
        .split_once('.')
        .map_or((plain, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let fraction = fraction.map(|text| format!(".{text}")).unwrap_or_default();
    format!("{sign}{grouped}{fraction}")
}

/// Rows under named columns. The first column is what a row is about.
#[derive(Clone, Debug)]
pub struct Table {
    title: String,
    columns: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table without rows. Columns name their unit: `p99 ms`.
    pub fn new(title: impl Into<String>, columns: &[&'static str]) -> Self {
        Self {
            title: title.into(),
            columns: columns.to_vec(),
            rows: Vec::new(),
        }
    }

    /// One more row, with a cell for each column.
    pub fn row(&mut self, cells: Vec<Cell>) {
        assert_eq!(
            cells.len(),
            self.columns.len(),
            "a cell for each column of `{}`",
            self.title
        );
        self.rows.push(cells);
    }

    /// As a machine reads it.
    pub fn json(&self) -> Value {
        let rows = self.rows.iter().map(|row| {
            let named = self.columns.iter().zip(row);
            let named = named.map(|(name, cell)| ((*name).to_owned(), cell.json()));
            Value::Object(named.collect::<Map<_, _>>())
        });
        json!({"title": self.title, "rows": rows.collect::<Vec<_>>()})
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<Vec<String>> = self
            .rows
            .iter()
            .map(|row| row.iter().map(ToString::to_string).collect())
            .collect();
        let width = |column: usize, name: &str| {
            let cells = shown.iter().map(|row| row[column].chars().count());
            cells.max().unwrap_or(0).max(name.chars().count())
        };
        let widths: Vec<usize> = (0..)
            .zip(&self.columns)
            .map(|(column, name)| width(column, name))
            .collect();
        writeln!(f, "{}", self.title)?;
        let line = |f: &mut fmt::Formatter<'_>, cells: &[&str]| {
            for (column, (cell, width)) in cells.iter().zip(&widths).enumerate() {
                if column == 0 {
                    write!(f, "  {cell:<width$}")?;
                } else {
                    write!(f, "  {cell:>width$}")?;
                }
            }
            writeln!(f)
        };
        line(f, &self.columns)?;
        for row in &shown {
            line(f, &row.iter().map(String::as_str).collect::<Vec<_>>())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new("rates", &["at", "per second"]);
        table.row(vec!["1 connection".into(), Cell::Figure(1_234.56, 1)]);
        table.row(vec!["64".into(), Cell::Nothing]);
        assert_eq!(
            table.to_string(),
            "rates\n  at            per second\n  1 connection     1,234.6\n  64                     –\n"
        );
    }

    #[test]
    fn a_machine_gets_the_figures_and_not_their_rounding() {
        let mut table = Table::new("rates", &["at", "per second"]);
        let summary = Summary::of(&[1.25, 3.25]);
        table.row(vec!["1".into(), Cell::Spread(summary, 0)]);
        let row = &table.json()["rows"][0];
        assert_eq!(row["at"], "1");
        assert_eq!(row["per second"]["median"], 2.25);
        assert_eq!(row["per second"]["max"], 3.25);
    }

    #[test]
    fn thousands_stand_apart() {
        let shown = [0.0, 999.0, 1_000.0, 1_234_567.0, -1_234.0].map(|value| figure(value, 0));
        assert_eq!(shown, ["0", "999", "1,000", "1,234,567", "-1,234"]);
        assert_eq!(figure(12_345.678, 2), "12,345.68");
    }
}
