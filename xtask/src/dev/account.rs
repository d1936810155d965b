//! The account itself: lines in, told lines out, and a sum from time to time.

use std::time::{Duration, Instant};

use super::log_line::LogLine;
use super::metrics::Metrics;
use super::pushes::Pushes;
use super::story::{Entry, Story, Tone};
use super::tally::Tally;
use super::terminal::Terminal;
use crate::console;

/// How often the sum is shown.
const SUM_EVERY: Duration = Duration::from_secs(30);

/// Tells on standard output.
#[derive(Debug)]
pub struct Account {
    story: Story,
    pushes: Pushes,
    tally: Tally,
    service_port: u16,
    summed_at: Instant,
    /// The time of the last line, for entries that have none of their own.
    time: String,
}

impl Account {
    pub fn new(service_port: u16) -> Self {
        Self {
            story: Story::default(),
            pushes: Pushes::default(),
            tally: Tally::default(),
            service_port,
            summed_at: Instant::now(),
            time: String::new(),
        }
    }

    /// Tells a line of the service and returns it, parsed. Something else than a log line, such as
    /// a panic, is told as it is.
    pub fn service_said(&mut self, text: &str) -> Option<LogLine> {
        let Some(line) = LogLine::parse(text) else {
            self.tell_words("!", Tone::Bad, text);
            return None;
        };
        line.time().clone_into(&mut self.time);
        self.tally.count(&line);
        if !self.pushes.take(&line) {
            for entry in self.story.tell(&line) {
                self.tell(&entry);
            }
        }
        Some(line)
    }

    /// The emulator is the other side: what it says is background.
    pub fn emulator_said(&mut self, text: &str) {
        if !text.is_empty() {
            self.tell_words("~", Tone::Quiet, &format!("shop: {text}"));
        }
    }

    /// Tells an entry, after the pushes that came before it.
    pub fn tell(&mut self, entry: &Entry) {
        for push in self.pushes.all() {
            self.write(&push);
        }
        self.write(entry);
    }

    /// Does what is due as time goes by.
    pub fn tick(&mut self) {
        for push in self.pushes.complete() {
            self.write(&push);
        }
        if self.summed_at.elapsed() >= SUM_EVERY {
            self.sum_up();
        }
    }

    fn write(&self, entry: &Entry) {
        let entry = if entry.time.is_empty() {
            &Entry {
                time: self.time.clone(),
                ..entry.clone()
            }
        } else {
            entry
        };
        console::result(Terminal::of_stdout().line(entry));
    }

    /// Shows how much has happened.
    pub fn sum_up(&mut self) {
        self.summed_at = Instant::now();
        for push in self.pushes.all() {
            self.write(&push);
        }
        self.tally.set_held(self.story.held());
        if let Some(metrics) = Metrics::read(self.service_port) {
            self.tally.take(&metrics);
        }
        console::result(Terminal::of_stdout().rule(&self.tally.to_string()));
    }

    fn tell_words(&mut self, mark: &'static str, tone: Tone, words: &str) {
        self.tell(&Entry {
            mark,
            tone,
            words: words.to_owned(),
            ..Entry::default()
        });
    }
}
