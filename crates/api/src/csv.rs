//! Tables as text (RFC 4180): a header, lines that end in CR LF, commas between cells.
//!
//! Invariant: what somebody else wrote never becomes a formula. A program for tables takes a cell that
//! starts with `=`, `+`, `-`, `@`, a tab or a line break for one; text that does gets an apostrophe in
//! front. Numbers and moments of our own are written as they are, or they would be none.

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// What somebody wrote.
    Text(String),
    /// A number or a moment that we wrote ourselves.
    Exact(String),
}

/// How a formula may start (OWASP, CSV injection).
const STARTS_A_FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Adds a line.
pub(crate) fn write_line(text: &mut String, cells: impl IntoIterator<Item = Cell>) {
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        match cell {
            Cell::Text(cell) if cell.starts_with(STARTS_A_FORMULA) => {
                write_cell(text, &format!("'{cell}"));
            }
            Cell::Text(cell) | Cell::Exact(cell) => write_cell(text, &cell),
        }
    }
    text.push_str("\r\n");
}

fn write_cell(text: &mut String, cell: &str) {
    if !cell.contains(['"', ',', '\r', '\n']) {
        text.push_str(cell);
        return;
    }
    text.push('"');
    text.push_str(&cell.replace('"', "\"\""));
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(cells: &[Cell]) -> String {
        let mut text = String::new();
        write_line(&mut text, cells.iter().cloned());
        text
    }

    #[test]
    fn cells_with_commas_quotes_and_line_breaks_stay_one_cell() {
        let cells = ["plain", "a,b", "say \"hi\"", "two\r\nlines", ""];
        let cells = cells.map(|text| Cell::Text(text.to_owned()));
        assert_eq!(
            line(&cells),
            "plain,\"a,b\",\"say \"\"hi\"\"\",\"two\r\nlines\",\r\n"
        );
    }

    #[test]
    fn text_never_becomes_a_formula_and_a_negative_amount_stays_a_number() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"] {
            let told = line(&[Cell::Text(text.to_owned())]);
            assert_eq!(told, format!("'{text}\r\n"));
        }
        assert_eq!(line(&[Cell::Text("\r=1".to_owned())]), "\"'\r=1\"\r\n");
        assert_eq!(line(&[Cell::Exact("-1.87".to_owned())]), "-1.87\r\n");
    }
}
