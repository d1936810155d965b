//! Entries as lines of a terminal: aligned, coloured, and never longer than the window.

use std::io;

use super::story::{Entry, Tone};
use crate::console::Paint;

/// Shopee's order numbers have fourteen characters.
const ORDER_WIDTH: usize = 14;
/// Width of everything before the words: time, mark, order number, and the gaps.
const BEFORE_WORDS: usize = 2 + 8 + 2 + 1 + 2 + ORDER_WIDTH + 2;
/// A window narrower than this wraps its lines by itself.
const NARROWEST: usize = 60;

/// Writes entries for one terminal.
#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    paint: Paint,
    /// Characters per line, if there is a window.
    width: Option<usize>,
}

impl Terminal {
    /// The terminal behind standard output, measured now: windows change their size.
    pub fn of_stdout() -> Self {
        let size = rustix::termios::tcgetwinsize(io::stdout()).ok();
        let width = size
            .map(|size| usize::from(size.ws_col))
            .filter(|width| *width >= NARROWEST);
        Self {
            paint: Paint::for_stdout(),
            width,
        }
    }

    pub fn new(paint: Paint, width: Option<usize>) -> Self {
        Self { paint, width }
    }

    pub fn line(self, entry: &Entry) -> String {
        let Entry {
            time,
            mark,
            tone,
            order,
            words,
        } = entry;
        let words = match self.width {
            Some(width) => shortened(words, width - BEFORE_WORDS),
            None => words.clone(),
        };
        let order = format!("{:<ORDER_WIDTH$}", order.as_deref().unwrap_or_default());
        let time = self.paint.dim(time);
        let mark = self.tinted(*tone, mark);
        let order = if *tone == Tone::Quiet {
            self.paint.dim(order)
        } else {
            order
        };
        let words = self.tinted(*tone, &words);
        format!("  {time}  {mark}  {order}  {words}")
            .trim_end()
            .to_owned()
    }

    /// A line across, with words in it.
    pub fn rule(self, words: &str) -> String {
        let width = self.width.unwrap_or(NARROWEST).min(100);
        let rest = width.saturating_sub(words.chars().count() + 6);
        self.paint.dim(format!("  ── {words} {}", "─".repeat(rest)))
    }

    fn tinted(self, tone: Tone, text: &str) -> String {
        match tone {
            Tone::Quiet => self.paint.dim(text),
            Tone::Plain => text.to_owned(),
            Tone::Fresh => self.paint.bold(text),
            Tone::Moving => self.paint.cyan(text),
            Tone::Good => self.paint.green(text),
            Tone::Waiting => self.paint.yellow(text),
            Tone::Bad => self.paint.red(text),
        }
    }
}

fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(order: Option<&str>, words: &str) -> Entry {
        Entry {
            time: "03:04:05".to_owned(),
            mark: "●",
            tone: Tone::Fresh,
            order: order.map(str::to_owned),
            words: words.to_owned(),
        }
    }

    #[test]
    fn words_stand_in_one_column() {
        let terminal = Terminal::new(Paint::new(false), None);
        let with = terminal.line(&entry(Some("2601020ABCDEFG"), "new order"));
        let without = terminal.line(&entry(None, "new order"));
        assert_eq!(with, "  03:04:05  ●  2601020ABCDEFG  new order");
        assert_eq!(with.find("new"), without.find("new"));
    }

    #[test]
    fn a_line_fits_into_the_window() {
        let terminal = Terminal::new(Paint::new(false), Some(60));
        let line = terminal.line(&entry(None, &"word ".repeat(30)));
        assert_eq!(line.chars().count(), 60);
        assert!(line.ends_with('…'));
    }
}
