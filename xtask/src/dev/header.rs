//! The box at the top: where everything is, and what to try.

use crate::console::Paint;

/// Rows of a label and a text, in a frame.
#[derive(Debug)]
pub struct Header {
    title: String,
    rows: Vec<(&'static str, String)>,
}

impl Header {
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            rows: Vec::new(),
        }
    }

    #[must_use]
    pub fn row(mut self, label: &'static str, text: impl Into<String>) -> Self {
        self.rows.push((label, text.into()));
        self
    }

    /// The lines, framed, as wide as the widest row.
    pub fn lines(&self, paint: Paint) -> Vec<String> {
        let label_width = self
            .rows
            .iter()
            .map(|(label, _)| label.len())
            .max()
            .unwrap_or_default();
        let text_width = self.rows.iter().map(|(_, text)| text.chars().count()).max();
        let inner =
            (label_width + 2 + text_width.unwrap_or_default()).max(self.title.chars().count() + 2);
        let bar = |count: usize| "─".repeat(count);
        let title_rest = inner + 1 - self.title.chars().count();
        let mut lines = vec![format!(
            "{} {} {}",
            paint.dim("╭─"),
            paint.bold(&self.title),
            paint.dim(format!("{}╮", bar(title_rest)))
        )];
        let side = paint.dim("│");
        for (label, text) in &self.rows {
            let padding = " ".repeat(inner - label_width - 2 - text.chars().count());
            let label = paint.dim(format!("{label:<label_width$}"));
            lines.push(format!("{side}  {label}  {text}{padding}  {side}"));
        }
        lines.push(paint.dim(format!("╰{}╯", bar(inner + 4))));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_frame_is_equally_wide() {
        let header = Header::new("Hawker")
            .row("service", "http://127.0.0.1:9000")
            .row(
                "try",
                "cargo xtask hawker orders list — in another terminal",
            );
        let lines = header.lines(Paint::new(false));
        assert_eq!(lines.len(), 4);
        let width = lines[0].chars().count();
        assert!(
            lines.iter().all(|line| line.chars().count() == width),
            "{lines:#?}"
        );
    }
}
